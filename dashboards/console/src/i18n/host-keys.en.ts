import type { hostKeysId } from './host-keys.id.ts';
import type { Translation } from './translation.ts';

/** SSH keys: how switches are known. */
export const hostKeysEn = {
  'host-keys.title': 'SSH keys',
  'host-keys.none': 'No SSH key yet',
  'host-keys.none-text': 'The key of a switch is kept when it is met first over SSH, and compared ever after.',
  'host-keys.changed-text':
    '{count} [count:device shows|devices show] another key. Nothing is sent to them until an administrator has accepted it.',
  'host-keys.known': 'Known key',
  'host-keys.shown': 'Key that is shown now',
  'host-keys.since': 'Since',
  'host-keys.other': 'another key, {age}',
  'host-keys.pinned': 'pinned',
  'host-keys.first': 'kept when it was met first',
  'host-keys.accept': 'Accept new key',
  'host-keys.accept-of': 'Accept the new key of {name}',
  'host-keys.accept-text':
    'Accept it only when the device was replaced or its key made anew. If not, somebody may sit between Arung and the device.',
  'host-keys.reason': 'Reason, kept in the audit log',
  'error.host-key.not-offered': '{name} does not show this key any more. Load the page again.',
} as const satisfies Translation<typeof hostKeysId>;
