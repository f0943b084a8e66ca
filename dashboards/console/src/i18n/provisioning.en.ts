import type { provisioningId } from './provisioning.id.ts';
import type { Translation } from './translation.ts';

/** Routers as they are configured: why a command failed. */
export const provisioningEn = {
  'error.router.unreachable': '{address} takes no connection. Check whether its service api is on.',
  'error.router.closed': '{address} closed the connection. Try again.',
  'error.router.timeout': '{address} did not answer in time. Check the way to the device.',
  'error.router.sign-in':
    '{address} refuses the user {user}. Check the name and the password of its credential, and that its group may use the API.',
  'error.router.garbage': "{address} does not speak RouterOS's API. Check the port, and whether it wants TLS.",
  'error.router.trap': '{address} refuses {command}: {said}',
  'error.router.too-much':
    '{address} answers with more than can be managed. Narrow what is managed, or look at what fills its tables.',
  'error.router.busy': '{address} is being configured by another task. Try again when it is done.',
  'error.router.no-entry': '{fragment}: the device has no {menu} {name}. Check its name.',
  'error.router.clock': '{address} shows a time that cannot be read. Set its clock.',
  'error.router.transport': 'RouterOS is not reached by {transport}. Choose api or rest.',
  'error.router.export-cut': '{address} gave an export that is not whole. It is not kept; try again.',
  'error.rollback.other-run':
    'On {address} the rollback of another run ({run}) waits. Let that run end, or revert it, then try again.',
  'error.rollback.not-kept': '{address} did not keep its backup, and nothing was changed. Make room in its flash.',
  'error.rollback.not-armed':
    'On {address} no rollback of this run waits: it fired, or was never armed. Nothing is changed without one.',
  'error.rollback.fired': 'On {address} the rollback of this run has fired: the device is as before the run.',
  'error.rollback.not-loaded': '{address} did not load its backup when it was told to. Look at the device.',
  'error.rollback.clock-ahead':
    'The clock of {address} is {seconds} s ahead and its NTP client has not set it yet: a rollback would come late. Set its clock, then try again.',
  'error.apply.stopped': 'The change of {address} was stopped. The device goes back by itself.',
  'error.apply.too-late':
    'The change of {address} took longer than its rollback waits. The device goes back by itself.',
  'error.apply.lost': '{address} did not come back after a change. The device goes back by itself.',
  'error.apply.undone': '{address} refuses {subject} {name} ({fragment}): {said}. All is as it was before.',
  'error.apply.left-armed': '{address} refuses {subject} {name} ({fragment}): {said}. The device goes back by itself.',
  'error.driver.unknown': 'There is no configuration driver {kind}. Choose one of {kinds}.',
  'error.intent.invalid': 'The intent cannot be applied: {count} things are wrong with it.',
  'error.intent.too-large': 'The intent is too large for one device.',
  'error.intent.key':
    'The key of fragment {fragment} must be 1 to 64 of a-z, 0-9, dot, dash and underscore, and begin with a letter or digit.',
  'error.intent.key-twice': 'Two fragments have the key {fragment}. Give each one of its own.',
  'error.intent.subject': '{fragment}: its subject is no menu that can be configured.',
  'error.intent.property-name': '{fragment}: a property has a name that no device takes.',
  'error.intent.value-long': '{fragment}: {property} is too long.',
  'error.intent.value-controls': '{fragment}: {property} holds control characters.',
  'error.intent.secret-absent': '{fragment}: a property is called secret but has no value.',
  'error.intent.property-needed': '{fragment}: {property} is needed.',
  'error.intent.value-kind': '{fragment}: {property} must look like {hint}.',
  'error.intent.comment-mark': '{fragment}: a comment must not end as Arung marks its own (arung:…).',
  'error.intent.name-kept': '{fragment}: this name is kept for the rollback of Arung.',
  'error.intent.same-entry': '{fragment} is the same entry as {hint}. Keep one of them.',
} satisfies Translation<typeof provisioningId>;
