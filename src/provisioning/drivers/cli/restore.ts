import { isSubject, type IntentDocument, type IntentFragment } from '../../../domain/intent.ts';
import type { NamedSecrets } from '../driver.ts';
import { namedIn } from '../masking.ts';
import { cliKind, type CliConfiguration } from './configuration.ts';
import { dialectOf } from './facts.ts';
import { generic } from './dialects/generic.ts';
import { holdsSecret, maskedLine } from './masked-line.ts';
import { namedWords } from './named.ts';
import type { CliAction } from './plan.ts';
import { pathOf } from './properties.ts';
import { nesting, parseSections, type Sections } from './sections.ts';
import { actionsBack } from './undo.ts';

/** Who may sign in, and with what keys, must not change on the way: the way in stays as it is. */
const untouched =
  /^(undo |no )?(username|user name|local-user|enable (secret|password)|enable-admin|crypto|ip ssh|ssh |stelnet|rsa |dsa |ecc |pki )/;

/** The document that brings a switch back to what a running configuration says: all sections of it, line by line. */
export function documentOfRunning(text: string, named: NamedSecrets = new Map()): IntentDocument {
  const fragments = [...touched(sectionsOf(text))].map(([subject, lines], at): IntentFragment => {
    const values = Object.fromEntries(lines.map((line, n) => [`line.${String(n + 1).padStart(5, '0')}`, line]));
    const isSecret = (line: string): boolean =>
      holdsSecret(line) || namedWords(named, { path: pathOf(subject), line }) !== null;
    const secret = Object.entries(values).flatMap(([name, line]) => (isSecret(line) ? [name] : []));
    return { key: `backup.${String(at).padStart(5, '0')}`, subject, values, secret };
  });
  return { driver: cliKind, whole: true, fragments };
}

/** Whether a property of a document stands for a line as it is. */
export function isWholeLine(property: string): boolean {
  return /^line\.\d{5}$/.test(property);
}

/** Sections in which two configurations differ and that a restore leaves as they are. */
export function leftOut(backup: string, now: string): readonly string[] {
  const [then, present] = [sectionsOf(backup), sectionsOf(now)];
  const left = [...new Set([...then.keys(), ...present.keys()])].filter((subject) => {
    const kept = (sections: Sections): string =>
      JSON.stringify((sections.get(subject) ?? []).filter((line) => !isTouched(subject, line)).toSorted());
    return kept(then) !== kept(present);
  });
  return [...new Set(left.map((subject) => (isTold(subject) ? subject : pathOf(subject).map(maskedLine).join(nesting))))]; // prettier-ignore
}

/**
 * What brings a device to such a document; pure.
 * @param applied the document confirmed last, or null: what it calls secret is not told.
 */
export function restoreActions(
  configuration: CliConfiguration,
  document: IntentDocument,
  applied: IntentDocument | null,
): readonly CliAction[] {
  const { dialect } = configuration;
  const was = new Map(
    document.fragments.map(({ subject, values }) => [
      subject,
      Object.entries(values)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([, line]) => dialect.expand(line)),
    ]),
  );
  const named = namedIn(applied === null ? [] : [applied]);
  const secret = new Set(
    document.fragments.flatMap((one) => one.secret.map((name) => `${one.subject}\n${one.values[name] ?? ''}`)),
  );
  const isSecret = (subject: string, line: string): boolean =>
    secret.has(`${subject}\n${line}`) || namedWords(named, { path: pathOf(subject), line }) !== null;
  return actionsBack(dialect, { was, is: touched(configuration.sections), isSecret });
}

function sectionsOf(text: string): Sections {
  return parseSections(text, dialectOf(text) ?? generic);
}

/** What a restore is about. */
function touched(sections: Sections): Sections {
  return new Map(
    [...sections].flatMap(([subject, lines]) =>
      isTouched(subject, '') ? [[subject, lines.filter((line) => isTouched(subject, line))] as const] : [],
    ),
  );
}

function isTouched(subject: string, line: string): boolean {
  return isSubject(subject) && isTold(subject) && !untouched.test(subject) && !untouched.test(line);
}

/** The lines that lead into a section are its name, which everybody may see; the number of a key is none. */
function isTold(subject: string): boolean {
  return !pathOf(subject).some((head) => holdsSecret(head) && !/^key(-id)? \d+$/.test(head));
}
