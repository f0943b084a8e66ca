import type { ErrorDetail } from '../../../domain/errors.ts';
import {
  checkIntentDocument,
  intentFault,
  throwIfFaulty,
  type IntentDocument,
  type IntentFragment,
} from '../../../domain/intent.ts';
import { markPrefix } from './dialect.ts';
import { linesOf, wordsOf } from './properties.ts';
import { isOwned, nesting } from './sections.ts';

/** IOS takes 254 characters in a line. */
const longestLine = 254;

/**
 * Words that leave the section, run something or undo something: `no` is said by the value `no`, and the rest is nobody's
 * configuration. A maker's own word for its rollback is kept for it. So is what runs lines later (Cisco's kron and event manager,
 * Comware's scheduler and job, its rtm and Huawei's ops and assistant) or has a word mean another (alias, macro): what may be said
 * is what is typed now.
 */
const forbidden =
  'no undo do do-exec default end exit quit return abort commit run configure system-view reload reboot reboot-schedule reset save write copy erase delete clear format schedule scheduler tclsh event kron job cron rtm ops assistant python script macro alias autocommand configuration rollback'.split(
    ' ',
  );

/** Whole words of configurations, though a forbidden one begins with them: `mac access-list`, `auto qos`. */
const wholeWords = new Set(['mac', 'auto']);

/** A device completes what is typed, and does not mind capitals: `ex` leaves a section as `exit` does. */
function isForbidden(words: string): boolean {
  const first = (words.split(' ')[0] ?? '').toLowerCase();
  return !wholeWords.has(first) && forbidden.some((word) => word.startsWith(first));
}

/** Throws `intent.invalid` with everything that no device would take, as far as it can be known without one. */
export function checkDocument(document: IntentDocument): void {
  checkIntentDocument(document);
  // A device gave it itself.
  if (document.whole === true) return;
  const faults = document.fragments.flatMap(fragmentFaults);
  document.fragments.forEach((fragment, at) => {
    for (const property of Object.keys(fragment.values)) {
      const other = document.fragments.slice(0, at + 1).find((one) => overlaps(one, fragment, property));
      if (other === undefined) continue;
      const message = `${fragment.key}: ${property} of ${fragment.subject} is also said by ${other.key}: keep one of them.`;
      faults.push(intentFault({ reason: 'same-entry', message, at, fragment: fragment.key, hint: other.key }));
    }
  });
  throwIfFaulty(faults);
}

/** Whether two fragments, or two properties of one, own the same lines. */
function overlaps(one: IntentFragment, fragment: IntentFragment, property: string): boolean {
  if (one.subject !== fragment.subject) return false;
  const words = wordsOf(property);
  return Object.keys(one.values).some((other) => {
    if (one === fragment && other === property) return false;
    const isWithin = isOwned(words, wordsOf(other));
    // Said once: by the later fragment, and within one by the longer name.
    return one === fragment ? isWithin : isWithin || isOwned(wordsOf(other), words);
  });
}

function fragmentFaults({ key, subject, values }: IntentFragment, at: number): ErrorDetail[] {
  const faults: ErrorDetail[] = [];
  if (subject.split(nesting).some((words) => isForbidden(words) || words.length > longestLine)) {
    const message = `${key}: ${subject} is no section of a configuration; one looks like interface GigabitEthernet0/1, or global.`;
    faults.push(intentFault({ reason: 'subject', message, at, fragment: key }));
  }
  for (const [property, value] of Object.entries(values)) {
    const fault = (reason: 'property-name' | 'value-kind' | 'name-kept', message: string, hint = ''): void => {
      faults.push(intentFault({ reason, message: `${key}: ${message}`, at, fragment: key, property, hint }));
    };
    if (isForbidden(wordsOf(property))) fault('property-name', `${property} is no line of a configuration.`);
    // A question mark asks a device for help, a tab completes a word: neither can be typed.
    if (/[?\t\r]/.test(value)) fault('value-kind', `${property} must be without ? and tabs.`, 'a b c');
    const lines = linesOf(property, value);
    if (value.trim() === '') fault('value-kind', `${property} must not be empty.`, 'yes / no');
    if (lines.some((line) => line.length > longestLine)) {
      fault('value-kind', `a line of ${property} must be shorter.`, `≤ ${longestLine}`);
    }
    if (lines.some((line) => line.includes(markPrefix))) fault('name-kept', "this is kept for Arung's own rollback.");
  }
  return faults;
}
