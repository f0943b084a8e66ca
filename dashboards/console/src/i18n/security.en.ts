import type { securityId } from './security.id.ts';
import type { Translation } from './translation.ts';

/** One-time codes at sign-in, and sessions: seen and ended. */
export const securityEn = {
  'security.title': 'Sign-in security',
  'security.code': 'Code of the app',
  'security.code-hint': 'Six digits, or one recovery code.',
  'security.code-needed': 'This account has a second factor. Type the code that your app shows.',
  'security.must-set': 'This account must have a second factor. Set it up here first.',
  'security.off': 'There is no second factor: the password alone signs in.',
  'security.on': 'The second factor is on since {time}. Recovery codes left: {n}.',
  'security.begin': 'Set up a second factor',
  'security.scan': 'Add this key to an authenticator app, then type its first code.',
  'security.confirm': 'Turn on',
  'security.remove': 'Turn the second factor off',
  'security.recovery': 'Recovery codes, each for one sign-in',
  'security.sessions': 'Where you are signed in',
  'security.address': 'Address',
  'security.browser': 'Browser',
  'security.seen': 'Last used',
  'security.this': 'this session',
  'security.end': 'End',
  'security.ended': 'The session has ended',
  'audit.second-factor-on': 'turned on the second factor of',
  'audit.second-factor-off': 'turned off the second factor of',
  'audit.end-session': 'ended a session of',
  'error.sign-in.wrong-code': 'The code is wrong, too old, or was used already. Wait for the next one.',
  'error.second-factor.wrong': 'The code is wrong, too old, or was used already.',
  'error.second-factor.on': 'A second factor is on already. Turn it off first, with a code of it.',
  'error.second-factor.not-begun': 'There is no second factor to turn on. Begin again.',
  'error.second-factor.must-set': 'Set up a second factor for this account first.',
  'error.session.unknown': 'That session has ended already.',
} as const satisfies Translation<typeof securityId>;
