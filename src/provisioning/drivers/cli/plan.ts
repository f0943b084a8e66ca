import type { IntentDocument, IntentFragment } from '../../../domain/intent.ts';
import type { ConfigurationStep, PropertyChange } from '../driver.ts';
import type { CliConfiguration } from './configuration.ts';
import { holdsSecret } from './masked-line.ts';
import { pathOf, propertiesOf, valueOf, type CliProperty } from './properties.ts';
import { secretIn } from './secrets.ts';
import { restoreActions } from './restore.ts';
import { isOwned, nesting } from './sections.ts';

/** What takes one line away, in the order in which it is tried. */
export interface Removal {
  readonly line: string;
  readonly tries: readonly string[];
}

/** Lines of one section, for the device; `step` is what of it may be shown. */
export interface CliAction {
  readonly subject: string;
  /** The lines that lead there. */
  readonly path: readonly string[];
  readonly adds: readonly string[];
  readonly removes: readonly Removal[];
  /** The section goes whole: what takes it away, from the section above. */
  readonly drops: readonly string[] | null;
  readonly step: ConfigurationStep;
}

export interface PlanFor {
  readonly document: IntentDocument;
  /** Confirmed last: what is in it and not in the document is taken away. */
  readonly before: IntentDocument | null;
  /** Written last: secrets that the device hides are as it says. */
  readonly written: IntentDocument | null;
}

/** What brings a device to a document, section by section; pure. */
export function planActions(configuration: CliConfiguration, wanted: PlanFor): readonly CliAction[] {
  const { document } = wanted;
  if (document.whole === true) return restoreActions(configuration, document, wanted.before);
  // What was brought back from a backup is nobody's: nothing of it is taken away for being listed no more.
  const before = wanted.before?.whole === true ? null : wanted.before;
  const known = writtenLines(wanted.written, configuration);
  const named = new Set((before?.fragments ?? []).map(({ key }) => key));
  const sets = document.fragments.flatMap((fragment) => {
    const action = fragmentAction(configuration, fragment, known);
    return action === null ? [] : [withAdopts(action, !named.has(fragment.key) && configuration.lines(fragment.subject) !== null)]; // prettier-ignore
  });
  return [...sets, ...goneActions(configuration, document, before)];
}

function withAdopts(action: CliAction, adopts: boolean): CliAction {
  return { ...action, step: { ...action.step, adopts: adopts && action.step.kind === 'set' } };
}

function writtenLines(written: IntentDocument | null, { dialect }: CliConfiguration): ReadonlySet<string> {
  const fragments = written?.fragments ?? [];
  return new Set(fragments.flatMap((one) => propertiesOf(one, dialect).flatMap(({ lines }) => lines.map((line) => `${one.subject}\n${line}`)))); // prettier-ignore
}

function fragmentAction(
  configuration: CliConfiguration,
  fragment: IntentFragment,
  known: ReadonlySet<string>,
): CliAction | null {
  const { dialect } = configuration;
  const { subject, key } = fragment;
  const lines = configuration.lines(subject);
  const adds: string[] = [];
  const removes: Removal[] = [];
  const changes: PropertyChange[] = [];
  for (const property of propertiesOf(fragment, dialect)) {
    const has = (lines ?? []).filter((line) => isOwned(line, property.words));
    const isKnown = (line: string): boolean => known.has(`${subject}\n${line}`);
    const missing = property.lines.filter((line) => !has.some((one) => isMet(line, one, isKnown(line))));
    // A line whose secret changes is written over, never taken away first.
    const left = has.filter((one) => !property.lines.some((line) => isMet(line, one, true)));
    if (missing.length === 0 && left.length === 0) continue;
    adds.push(...missing);
    const words = property.lines.length === 0 ? property.words : null;
    removes.push(...left.map((line) => ({ line, tries: dialect.negate(line, words) })));
    changes.push(changeOf(property, has));
  }
  if (lines !== null && changes.length === 0) return null;
  const step = { kind: lines === null ? 'add' : 'set', subject, fragment: key, name: subject, adopts: false, changes } as const; // prettier-ignore
  return { subject, path: pathOf(subject), adds, removes, drops: null, step };
}

/** Whether a line of the device is what is wanted; a secret that it hides counts as the one that was written last. */
function isMet(wanted: string, has: string, isKnown: boolean): boolean {
  if (wanted === has) return true;
  const [want, shown] = [secretIn(wanted), secretIn(has)];
  if (want === null || shown?.isHidden !== true) return false;
  return isKnown && want.head === shown.head && want.tail.trim() === shown.tail.trim();
}

function changeOf({ property, words, lines, isSecret }: CliProperty, has: readonly string[]): PropertyChange {
  const secret = isSecret || [...lines, ...has].some(holdsSecret);
  const shown = (from: readonly string[]): string | null =>
    secret || from.length === 0 ? null : valueOf(words, from).slice(0, 2_000);
  return { property, secret, before: shown(has), after: shown(lines) };
}

/** What was managed and is no longer listed: its lines, and its section where nothing else is in it. */
function goneActions(
  configuration: CliConfiguration,
  document: IntentDocument,
  before: IntentDocument | null,
): readonly CliAction[] {
  const { dialect } = configuration;
  const actions: CliAction[] = [];
  const kept = new Set(document.fragments.map(({ subject }) => subject));
  const still = new Set(document.fragments.flatMap(({ subject, values }) => Object.keys(values).map((name) => `${subject}\n${name}`))); // prettier-ignore
  for (const fragment of before?.fragments ?? []) {
    const { subject, key } = fragment;
    const lines = configuration.lines(subject);
    if (lines === null) continue;
    const gone = propertiesOf(fragment, dialect).filter(({ property }) => !still.has(`${subject}\n${property}`));
    const isKept = (line: string): boolean =>
      document.fragments.some((one) => one.subject === subject && propertiesOf(one, dialect).some(({ words }) => isOwned(line, words))); // prettier-ignore
    const changes: PropertyChange[] = [];
    const removes: Removal[] = [];
    for (const property of gone) {
      const left = lines.filter((line) => isOwned(line, property.words) && !isKept(line));
      if (left.length === 0) continue;
      const words = lines.some((line) => isOwned(line, property.words) && isKept(line)) ? null : property.words;
      removes.push(...left.map((line) => ({ line, tries: dialect.negate(line, words) })));
      changes.push(changeOf({ ...property, lines: [] }, left));
    }
    const path = pathOf(subject);
    const last = path.at(-1) ?? '';
    const inner = [...configuration.sections.keys()].some((other) => other.startsWith(`${subject}${nesting}`));
    const removed = new Set(removes.map(({ line }) => line));
    const isEmptied = lines.every((line) => removed.has(line)) && !inner;
    const drops = !kept.has(subject) && isEmptied && dialect.removable.test(last) ? dialect.negate(last, null) : null;
    if (removes.length === 0 && drops === null) continue;
    if (drops !== null) kept.add(subject); // once, whoever else had a part of it
    const step = { kind: 'remove', subject, fragment: key, name: subject, adopts: false, changes } as const;
    actions.push({ subject, path, adds: [], removes: drops === null ? removes : [], drops, step });
  }
  return actions;
}
