import { ciscoIos } from './cisco-ios.ts';
import type { Dialect } from '../dialect.ts';
import { clockLines, reloadIn } from './shown-by-help.ts';

/**
 * D-Link's switches with a command line like Cisco's (DGS-1510, DGS-1520, DGS-3130 and their like), by D-Link's "DGS-1510
 * Series CLI Reference Guide": `terminal length 0`, `show running-config`, `copy running-config startup-config`.
 *
 * We found no page that says that these switches restart by themselves after some minutes without saving first. So they are
 * changed only where the device's own help shows it; else read, compared and backed up.
 */
export const dLink: Dialect = {
  ...ciscoIos,
  name: 'd-link',
  isSpokenBy: (version) => /D-Link|\bD[GEX]S-\d{4}/i.test(version),
  prepare: ['terminal length 0', 'terminal width 255'],
  refusal: /^(% ?[A-Za-z0-9].*|ERROR:.*|.*Invalid input detected.*)$/i,
  noise: /^(!|#|Building configuration|Current configuration|end$|exit$)/,
  end: /^end$/,
  save: { ...ciscoIos.save, answers: [{ to: /\(?\[?y\/n\]?\)?:? ?$/i, say: 'y' }, { to: /startup-config\]?\?? ?$/i, say: '' }] }, // prettier-ignore
  saved: /\[OK\]|bytes copied|\bdone\b|success/i,
  cancelsRollback: clockLines,
  rollbacks: [reloadIn],
};
