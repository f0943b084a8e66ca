import { isRefusal } from '../device-errors.ts';
import type { ConfigurationStep } from '../driver.ts';
import type { CliLine } from './line.ts';
import type { CliAction } from './plan.ts';

/** A step that the device refuses, and what it said: that may repeat what was sent to it. */
export interface RefusedStep {
  readonly step: ConfigurationStep;
  readonly said: string;
}

export class StepsRefused extends Error {
  readonly refused: RefusedStep;

  constructor(refused: RefusedStep) {
    super(`the device refuses a step of ${refused.step.subject}`);
    this.name = 'StepsRefused';
    this.refused = refused;
  }
}

export interface Performed {
  /** Actions of which every line was taken. */
  readonly taken: readonly CliAction[];
  readonly refused: readonly RefusedStep[];
  /** Lines that were taken. */
  readonly lines: number;
}

export type Phase = 'adds' | 'removes';

export function isIn(phase: Phase, { adds, removes, drops, step }: CliAction): boolean {
  return phase === 'adds' ? adds.length > 0 || step.kind === 'add' : removes.length > 0 || drops !== null;
}

/**
 * Gives a device the lines of one phase, section by section. A line that is refused does not end it: it may lean on one that
 * comes later, and is planned again in the next round.
 * @param mayGoOn before each line; throws to end.
 */
export async function perform(
  line: CliLine,
  actions: readonly CliAction[],
  phase: Phase,
  mayGoOn: () => void,
): Promise<Performed> {
  const taken: CliAction[] = [];
  const refused: RefusedStep[] = [];
  let lines = 0;
  for (const action of actions.filter((one) => isIn(phase, one))) {
    const said = await (phase === 'adds' ? added(line, action, mayGoOn) : removed(line, action, mayGoOn));
    lines += said.taken;
    if (said.refusal === null) taken.push(action);
    else refused.push({ step: action.step, said: said.refusal });
  }
  return { taken, refused, lines };
}

interface Said {
  /** What the device said to the first line that it refused; null when it took all. */
  readonly refusal: string | null;
  readonly taken: number;
}

async function added(line: CliLine, { path, adds, step }: CliAction, mayGoOn: () => void): Promise<Said> {
  return inSection(line, path, mayGoOn, async () => {
    let refusal: string | null = null;
    let taken = step.kind === 'add' ? 1 : 0;
    for (const text of adds) {
      mayGoOn();
      const said = await tried(line, [text]);
      if (said === null) taken += 1;
      refusal ??= said;
    }
    return { refusal, taken };
  });
}

async function removed(line: CliLine, { path, removes, drops }: CliAction, mayGoOn: () => void): Promise<Said> {
  return inSection(line, drops === null ? path : path.slice(0, -1), mayGoOn, async () => {
    let refusal: string | null = null;
    let taken = 0;
    for (const tries of drops === null ? removes.map((one) => one.tries) : [drops]) {
      mayGoOn();
      const said = await tried(line, tries);
      if (said === null) taken += 1;
      refusal ??= said;
    }
    return { refusal, taken };
  });
}

/** Enters the section, does it, and comes back up. */
async function inSection(
  line: CliLine,
  path: readonly string[],
  mayGoOn: () => void,
  work: () => Promise<Said>,
): Promise<Said> {
  let depth = 0;
  let said: Said | null = null;
  for (const into of path) {
    mayGoOn();
    const refusal = await tried(line, [into]);
    if (refusal !== null) {
      said = { refusal, taken: 0 };
      break;
    }
    depth += 1;
  }
  said ??= await work();
  for (; depth > 0; depth -= 1) await line.configure(line.dialect.up);
  return said;
}

/** Null when the device took one of the lines; else what it said to the first. */
async function tried(line: CliLine, tries: readonly string[]): Promise<string | null> {
  let said: string | null = null;
  for (const text of tries) {
    try {
      await line.configure(text);
      return null;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      said ??= String(error.arguments['said'] ?? '');
    }
  }
  return said ?? '';
}
