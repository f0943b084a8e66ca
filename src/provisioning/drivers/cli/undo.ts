import type { PropertyChange } from '../driver.ts';
import type { CliConfiguration } from './configuration.ts';
import type { Dialect } from './dialect.ts';
import { holdsSecret, maskedLine } from './masked-line.ts';
import type { CliAction } from './plan.ts';
import { pathOf } from './properties.ts';
import type { Sections } from './sections.ts';

/** What brings a device back from what it is to what it was, line by line and without a restart. */
export function undoActions(was: CliConfiguration, is: CliConfiguration): readonly CliAction[] {
  // Nobody is told of these.
  return actionsBack(was.dialect, { was: was.sections, is: is.sections, isSecret: () => false });
}

/**
 * What makes sections of others, line by line; a section that was not there goes whole where it can.
 * @param of.isSecret what is not told of a section, beside lines whose words tell that they hold a secret.
 */
export function actionsBack(
  dialect: Dialect,
  of: { readonly was: Sections; readonly is: Sections; isSecret(subject: string, line: string): boolean },
): readonly CliAction[] {
  const { was, is } = of;
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((subject): CliAction[] => {
    const [then, now] = [was.get(subject), is.get(subject)];
    const path = pathOf(subject);
    const last = path.at(-1) ?? '';
    const [inThen, inNow] = [new Set(then), new Set(now)];
    const adds = (then ?? []).filter((line) => !inNow.has(line));
    const left = (now ?? []).filter((line) => !inThen.has(line));
    const drops = then === undefined && dialect.removable.test(last) ? dialect.negate(last, null) : null;
    if (adds.length === 0 && left.length === 0 && drops === null && now !== undefined) return [];
    const removes = drops === null ? left.map((line) => ({ line, tries: dialect.negate(line, null) })) : [];
    const kind = now === undefined ? 'add' : then === undefined ? 'remove' : 'set';
    const shown = (line: string, side: 'before' | 'after') => changeOf(line, side, of.isSecret(subject, line));
    const changes = [...left.map((line) => shown(line, 'before')), ...adds.map((line) => shown(line, 'after'))];
    return [{ subject, path, adds, removes, drops, step: { kind, subject, fragment: null, name: subject, adopts: false, changes } }]; // prettier-ignore
  });
}

/** A line that goes or comes, named by its first word; one with a secret is not told. */
function changeOf(line: string, side: 'before' | 'after', isNamed: boolean): PropertyChange {
  const secret = isNamed || holdsSecret(line);
  const shown = secret ? null : line.slice(0, 2_000);
  const property = maskedLine(line).split(' ')[0] ?? '';
  return { property, secret, before: null, after: null, [side]: shown };
}
