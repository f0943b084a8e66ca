import type { Dialect } from '../dialect.ts';
import { ciscoIos } from './cisco-ios.ts';
import { clockLines, reloadIn } from './shown-by-help.ts';

/**
 * A switch or router of another maker whose command line is like Cisco's: it is read, compared and backed up, and changed
 * where its own help shows a way back.
 */
export const generic: Dialect = {
  ...ciscoIos,
  name: 'generic',
  isSpokenBy: () => true,
  prepare: ['terminal length 0'],
  refusal:
    /^(% ?(?!Warning)[A-Za-z0-9].*|(Command rejected|Error|Unknown command|Bad command).*|.*(Invalid input|(Unrecognized|Incomplete|Ambiguous) command).*)$/i,
  end: null,
  save: {
    ...ciscoIos.save,
    answers: [...(ciscoIos.save.answers ?? []), { to: /[[(]y\/n[\])]\W*(\[?[yn]\]?)?\W*$/i, say: 'y' }, { to: /[[(]yes\/no[\])]\W*$/i, say: 'yes' }], // prettier-ignore
  },
  // What was saved is read back before it is relied on.
  saved: /\[OK\]|copied|success|\bsaved\b|\bdone\b|\bOK\b/i,
  cancelsRollback: clockLines,
  rollbacks: [reloadIn],
};
