import type { ConfigurationStep } from '../driver.ts';
import type { CliConfiguration } from './configuration.ts';
import type { CliAction } from './plan.ts';
import { pathOf } from './properties.ts';

/** What brings a device back from what it is to what it was, line by line and without a restart. */
export function undoActions(was: CliConfiguration, is: CliConfiguration): readonly CliAction[] {
  const { dialect } = was;
  return [...new Set([...was.sections.keys(), ...is.sections.keys()])].flatMap((subject): CliAction[] => {
    const [then, now] = [was.sections.get(subject), is.sections.get(subject)];
    const path = pathOf(subject);
    const last = path.at(-1) ?? '';
    const adds = (then ?? []).filter((line) => now?.includes(line) !== true);
    const left = (now ?? []).filter((line) => then?.includes(line) !== true);
    const drops = then === undefined && dialect.removable.test(last) ? dialect.negate(last, null) : null;
    if (adds.length === 0 && left.length === 0 && drops === null && now !== undefined) return [];
    const removes = drops === null ? left.map((line) => ({ line, tries: dialect.negate(line, null) })) : [];
    const kind = now === undefined ? 'add' : 'set';
    const step: ConfigurationStep = { kind, subject, fragment: null, name: subject, adopts: false, changes: [] };
    return [{ subject, path, adds, removes, drops, step }];
  });
}
