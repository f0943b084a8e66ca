import { createHmac } from 'node:crypto';
import { ArungError, type ErrorDetail } from './errors.ts';

/** One thing that a device should have: an entry of a menu, a group of settings. */
export interface IntentFragment {
  /** Stable within the device, and kept on it where it has room for a remark: see `keyPattern`. */
  readonly key: string;
  /** What it is, in the driver's word: `/ip/address`, `interface GigabitEthernet0/1`, `time`. */
  readonly subject: string;
  /** Property names and their values, as the device takes them. */
  readonly values: Readonly<Record<string, string>>;
  /** Names of those values that nobody may see. */
  readonly secret: readonly string[];
}

/** What one device should be, whole. What was managed and is no longer listed leaves the device. */
export interface IntentDocument {
  /** Kind of the driver that applies it: `routeros`. */
  readonly driver: string;
  /** Their order counts where the device's does (firewall rules). */
  readonly fragments: readonly IntentFragment[];
  /**
   * A configuration that the device had, to be brought back: everything that its driver knows becomes as it says, whoever
   * made it, and nothing of it is managed from then on.
   */
  readonly whole?: true;
}

/** What a key of a fragment looks like. */
export const keyPattern = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** A text as a key that is made of it writes it: small letters, digits and dots, and a dash for all between them. */
export function inKey(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9.]+/g, '-');
}

const propertyPattern = /^[a-z0-9][A-Za-z0-9._-]{0,63}$/;
/** Words with one blank between them: `interface GigabitEthernet0/1`. */
const subjectPattern = /^(?=.{1,128}$)[A-Za-z0-9/][A-Za-z0-9/._:-]*( [A-Za-z0-9/._:-]+)*$/;

/** Whether something could be the subject of a fragment. */
export function isSubject(text: string): boolean {
  return subjectPattern.test(text);
}

const secretNames =
  /pass(word|phrase|wd)|(^|[-.])(pass|pwd|pin|puk|cak|psk)$|secret|pre-?shared|private-key|auth(entication)?-key|community|token|key$|key-\d+$/i;
/** Keys that everybody may have, and those that only name one. */
const publicNames = /(public|host|transmit)-key$/i;

/** Whether a property of that name is a secret wherever nobody knows better: in a menu that no table has, in a new option. */
export function soundsSecret(property: string): boolean {
  return secretNames.test(property) && !publicNames.test(property);
}

/** A document holds at most so many fragments, a value so many characters, and all of it so many. */
export const intentBounds = { fragments: 2_000, valueCharacters: 65_536, characters: 2_000_000 } as const;

/**
 * Checks the form of a document; what its words mean is for its driver to check. Throws an ArungError
 * (`intent.invalid`) whose details name the fragment and the property, never a value.
 */
export function checkIntentDocument(document: IntentDocument): void {
  throwIfFaulty(intentFaults(document));
}

/** What a driver finds wrong with a document is thrown in the same form. No faults, no error. */
export function throwIfFaulty(faults: readonly ErrorDetail[]): void {
  const [first] = faults;
  if (first === undefined) return;
  const more = faults.length === 1 ? '' : ` (and ${faults.length - 1} more)`;
  throw new ArungError('invalid', `The intent cannot be applied: ${first.message}${more}`, {
    code: 'intent.invalid',
    arguments: { count: faults.length },
    details: faults.slice(0, 50),
  });
}

/** What can be wrong with a fragment; the console has a sentence for each, `error.intent.…`. */
export type IntentFaultReason =
  | 'key'
  | 'key-twice'
  | 'subject'
  | 'property-name'
  | 'value-long'
  | 'value-controls'
  | 'secret-absent'
  // found by drivers
  | 'property-needed'
  | 'value-kind'
  | 'comment-mark'
  | 'name-kept'
  | 'same-entry';

/** A fault of one fragment. `field` is a JSON pointer into the document. */
export function intentFault(fault: {
  readonly reason: IntentFaultReason;
  readonly message: string;
  /** Place of the fragment in the document, from 0. */
  readonly at: number;
  readonly fragment: string;
  readonly property?: string;
  /** What would be right, or what it clashes with. */
  readonly hint?: string;
}): ErrorDetail {
  const { reason, message, at, fragment, property = '', hint = '' } = fault;
  const place = property === '' ? '' : `/values/${property}`;
  return {
    code: `intent.${reason}`,
    message,
    arguments: { fragment, property, hint },
    field: `/fragments/${at}${place}`,
  };
}

function intentFaults({ fragments }: IntentDocument): ErrorDetail[] {
  const { fragments: most, characters } = intentBounds;
  if (fragments.length > most) return [tooLarge(`It has ${fragments.length} fragments; ${most} are taken.`)];
  const faults: ErrorDetail[] = [];
  const seen = new Set<string>();
  let size = 0;
  fragments.forEach((fragment, at) => {
    const { key } = fragment;
    if (!keyPattern.test(key)) {
      const message = `The key of fragment ${at + 1} must be 1 to 64 of a-z, 0-9, dot, dash and underscore, and begin with a letter or digit.`;
      faults.push(intentFault({ reason: 'key', message, at, fragment: String(at + 1) }));
    } else if (seen.has(key)) {
      const message = `Two fragments have the key ${key}: give each one of its own.`;
      faults.push(intentFault({ reason: 'key-twice', message, at, fragment: key }));
    }
    seen.add(key);
    faults.push(...fragmentFaults(fragment, at));
    for (const [name, value] of Object.entries(fragment.values)) size += name.length + value.length;
  });
  if (size > characters) faults.push(tooLarge(`It has ${size} characters; ${characters} are taken.`));
  return faults;
}

function tooLarge(message: string): ErrorDetail {
  return { code: 'intent.too-large', message, field: '/fragments' };
}

function fragmentFaults({ key, subject, values, secret }: IntentFragment, at: number): ErrorDetail[] {
  const faults: ErrorDetail[] = [];
  const fault = (reason: IntentFaultReason, message: string, property?: string): void => {
    faults.push(intentFault({ reason, message, at, fragment: key, ...(property === undefined ? {} : { property }) }));
  };
  if (!subjectPattern.test(subject)) fault('subject', `${key}: its subject is not a word of a driver.`);
  for (const [name, value] of Object.entries(values)) {
    if (!propertyPattern.test(name)) fault('property-name', `${key}: a property has a name that no device takes.`);
    else if (value.length > intentBounds.valueCharacters) fault('value-long', `${key}: ${name} is too long.`, name);
    else if (hasControls(value)) fault('value-controls', `${key}: ${name} holds control characters.`, name);
  }
  for (const name of secret) {
    if (values[name] === undefined) fault('secret-absent', `${key}: ${name} is called secret but has no value.`);
  }
  return faults;
}

/** Tabs and line ends are text; the other control characters, and half letters, are not. */
function hasControls(value: string): boolean {
  return /[^\P{Cc}\t\n\r]/u.test(value) || /\p{Cs}/u.test(value);
}

/**
 * The name of a version: the same content has the same one, whatever order properties were written in. Fragments count
 * in the order that they have. Keyed (HMAC-SHA-256), since a document holds secrets: a plain hash of it would tell
 * whoever reads a version's name when a guessed password is right.
 * @param key 32 bytes or more, of this installation, kept sealed.
 * @returns 64 hexadecimal digits.
 */
export function intentVersion(document: IntentDocument, key: Uint8Array): string {
  const fragments = document.fragments.map(({ key: name, subject, values, secret }) => [
    name,
    subject,
    Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)),
    [...new Set(secret)].sort(),
  ]);
  return createHmac('sha256', key)
    .update(JSON.stringify([document.whole === true ? 'arung-backup-1' : 'arung-intent-1', document.driver, fragments]))
    .digest('hex');
}
