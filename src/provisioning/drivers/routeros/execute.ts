import { isRefusal } from '../device-errors.ts';
import type { ConfigurationStep } from '../driver.ts';
import type { Action, Place } from './action.ts';
import type { ApiCommand } from './api-client.ts';
import type { Transport } from './transport.ts';

/** The device refuses some of what is to be done, and all that could be done without it is done. */
export class StepsRefused extends Error {
  readonly step: ConfigurationStep;
  /** What the device said; may repeat what was sent to it. */
  readonly said: string;

  constructor(step: ConfigurationStep, said: string) {
    super(`the device refuses a step of ${step.subject}`);
    this.name = 'StepsRefused';
    this.step = step;
    this.said = said;
  }
}

export interface ExecuteOptions {
  readonly transport: Transport;
  readonly actions: readonly Action[];
  /** Before each action; throws to end. */
  readonly mayGoOn: () => void;
  readonly before?: (action: Action) => void;
  readonly after?: (action: Action) => void | Promise<void>;
}

/**
 * Gives a router its commands, in order. One that is refused is tried again when the others are done: it may lean on one
 * of them. Nothing is removed until all else is there, so that the new way stands before the old one goes. Throws
 * StepsRefused when no try helps, and whatever the transport throws.
 */
export async function execute(options: ExecuteOptions): Promise<void> {
  const { actions } = options;
  const ids = new Map<string, string>();
  await inPasses(options, actions.filter(({ kind }) => kind !== 'remove'), ids); // prettier-ignore
  await inPasses(options, actions.filter(({ kind }) => kind === 'remove'), ids); // prettier-ignore
}

async function inPasses(options: ExecuteOptions, actions: readonly Action[], ids: Map<string, string>): Promise<void> {
  let waiting = actions;
  while (waiting.length > 0) {
    const refused: { readonly action: Action; readonly said: string }[] = [];
    for (const action of waiting) {
      options.mayGoOn();
      options.before?.(action);
      const said = await tried(options.transport, action, ids);
      if (said === null) await options.after?.(action);
      else refused.push({ action, said });
    }
    const [first] = refused;
    if (first !== undefined && refused.length === waiting.length) throw new StepsRefused(first.action.step, first.said);
    waiting = refused.map(({ action }) => action);
  }
}

/** Null when the device took it; else what it said. */
async function tried(transport: Transport, action: Action, ids: Map<string, string>): Promise<string | null> {
  const commands = commandsOf(action, ids);
  if (commands === null) return 'it leans on an entry that could not be added';
  try {
    for (const command of commands) {
      const { ret } = await transport.run(command);
      if (action.kind === 'add' && ret !== null) ids.set(action.key, ret);
    }
    return null;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return String(error.arguments['said'] ?? error.message);
  }
}

/** Null while an entry that it is about has no id yet. */
function commandsOf(action: Action, ids: ReadonlyMap<string, string>): ApiCommand[] | null {
  const { path } = action.menu;
  const idOf = (place: Place): string | undefined => ('id' in place ? place.id : ids.get(place.added));
  switch (action.kind) {
    case 'add': {
      const before = action.before === null ? null : idOf(action.before);
      if (before === undefined) return null;
      const values = before === null ? action.values : { ...action.values, 'place-before': before };
      return [{ path: `${path}/add`, values }];
    }
    case 'set': {
      const id = action.target === null ? null : idOf(action.target);
      if (id === undefined) return null;
      const target = id === null ? {} : { '.id': id };
      const unsets = action.unset.map((name) => ({ path: `${path}/unset`, values: { ...target, 'value-name': name } }));
      if (Object.keys(action.values).length === 0) return unsets;
      return [...unsets, { path: `${path}/set`, values: { ...target, ...action.values } }];
    }
    case 'move': {
      const id = idOf(action.target);
      const before = action.before === null ? null : idOf(action.before);
      if (id === undefined || before === undefined) return null;
      return [{ path: `${path}/move`, values: { numbers: id, ...(before === null ? {} : { destination: before }) } }];
    }
    case 'remove':
      return [{ path: `${path}/remove`, values: { '.id': action.id } }];
  }
}
