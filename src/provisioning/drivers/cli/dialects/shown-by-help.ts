import type { Answer, CliRollback } from '../dialect.ts';
import { lists, takesMinutes } from '../help.ts';
import { briefly, secondsIn } from './cisco-ios.ts';

/**
 * Ways back of makers whom we do not know: each is used only where the device's own help shows it. The first that is asked for
 * is a line that does nothing whatever the device makes of it, `show ?`; only a device that answers it as help is asked about
 * its restarts. That help does nothing and gives the line back is the same with all who have it (Cisco's "Using the
 * Command-Line Interface"; Accton ES4626, 1.2.1.4; QTECH QSW-2800, 1.2.4).
 */

/** What is asked before a restart. Saved, the new configuration would be what the restart loads: that is denied first. */
const answers: readonly Answer[] = [
  { to: /\bsav(e|ed|ing)\b.*[[(]yes\/no[\])]\W*$/i, say: 'no' },
  { to: /\bsav(e|ed|ing)\b.*[[(]y\/n[\])]\W*(\[?[yn]\]?)?\W*$/i, say: 'n' },
  { to: /\bsav(e|ed|ing)\b.*\[confirm\] ?$/i, say: 'n' },
  { to: /[[(]yes\/no[\])]\W*$/i, say: 'yes' },
  { to: /[[(]y\/n[\])]\W*(\[?[yn]\]?)?\W*$/i, say: 'y' },
  { to: /\[confirm\] ?$/i, say: '' },
];

/**
 * Lines about the clock, and about what steps it: where a planned restart is kept as a time of day, a change of the clock takes it
 * away or puts it off ("changing any clock setting can cancel the reboot schedule", H3C WA4600 guide).
 */
export const clockLines = /^(no |undo )?(clo|snt|nt)/i;

/** Seconds, where a line of the answer tells of a restart that is planned; another line may say anything. */
export function secondsLeft(answer: string): number | null {
  const told = briefly(answer)
    .split('\n')
    .filter((line) => /reload|reboot|restart/i.test(line) && !/^\W*no\b/i.test(line));
  return told.map(secondsIn).find((seconds) => seconds !== null) ?? null;
}

/** The answer to the question what waits says that nothing does, in words or with none. */
export function saysNothing(answer: string): boolean {
  // What says so much more tells of something that waits, perhaps.
  if (secondsLeft(answer) !== null || briefly(answer) !== answer) return false;
  return answer.trim() === '' || /\bno\b.*\b(reload|reboot|restart|schedule)|\bnot\b.*\bschedule|\bnone\b/i.test(answer); // prettier-ignore
}

/**
 * `reload in`, `show reload` and `reload cancel`, as Cisco has them ("Cisco IOS Configuration Fundamentals Command Reference",
 * `reload`; cisco.com/E-Learning/…/cmdrefs/reload.htm: `reload [text | in [hh:]mm [text] | at … | cancel]`), and whoever follows it.
 */
export const reloadIn: CliRollback = {
  shownBy: [lists('show ', 'reload'), lists('reload ', 'in', 'cancel'), takesMinutes('reload in ')],
  isUsable: () => true,
  arm: (minutes) => [{ line: `reload in ${minutes}`, answers }],
  status: { line: 'show reload' },
  remainingS: secondsLeft,
  isIdle: saysNothing,
  cancel: [{ line: 'reload cancel' }],
  // What `reload` alone asks was never seen; what this asks was, and did not save, when it was armed.
  now: [{ line: 'reload in 1', answers }],
  nowAfterS: 60,
  restarts: true,
};
