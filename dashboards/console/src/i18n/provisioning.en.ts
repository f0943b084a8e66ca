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
  'error.router.certificate':
    '{address} shows a certificate that nobody vouches for, and nothing was sent to it. Give its authority, or its own certificate.',
  'error.router.busy': '{address} is being configured by another task. Try again when it is done.',
  'error.router.no-entry': '{fragment}: the device has no {menu} {name}. Check its name.',
  'error.router.clock': '{address} shows a time that cannot be read ({shown}). Set its clock.',
  'error.router.transport': 'RouterOS is not reached by {transport}. Choose api or rest.',
  'error.router.export-cut': '{address} gave an export that is not whole. It is not kept; try again.',
  'error.device.unreachable': '{address} takes no connection. Check that its service is on, and the port.',
  'error.device.closed': '{address} closed the connection. Try again.',
  'error.device.timeout': '{address} did not answer in time. Check the way to the device.',
  'error.device.sign-in': '{address} refuses the sign-in. Check the credential of its management.',
  'error.device.garbage': '{address} answers what cannot be understood. Check the port, and what the device is.',
  'error.device.too-much': '{address} answers more than can be handled. Look at what fills it.',
  'error.device.refused': '{address} refuses a command: {said}',
  'error.ssh.host-key':
    '{address} shows another SSH key ({shown}) than before ({known}); nothing was sent to it. If the device was replaced, forget its key; if not, somebody sits in between.',
  'error.ssh.algorithms':
    '{address} knows only outdated SSH algorithms. Update it, or give it the tag ssh-legacy in the inventory.',
  'error.host-key.none': 'No SSH key of {name} is known: it was never met over SSH.',
  'error.zkteco.transport': 'An attendance terminal is not reached by {transport}. Choose tcp or udp.',
  'error.cli.not-privileged': 'The user on {address} may look, but not configure. Give it the highest level there.',
  'error.cli.unknown-dialect': '{address} has a command line that Arung does not know.',
  'error.cli.export-cut': '{address} gave a configuration that is not whole. It is not kept; try again.',
  'error.rollback.not-cancelled':
    '{address} still says that it will go back or restart, though it was told not to. Cancel that on the device itself.',
  'error.rollback.not-saved':
    '{address} did not save its new configuration. The device goes back by itself. Look at its flash.',
  'error.rollback.unsupported':
    '{address} ({dialect}) has no known way to go back by itself, and its own help shows none, so it is only read and backed up.',
  'error.rollback.unproven':
    '{address} ({dialect}) did not show that it would go back by itself, so nothing was changed. It must show its mark, what it saved and the time that remains.',
  'error.rollback.other-run':
    'On {address} the rollback of another run ({run}) waits. Let that run end, or revert it, then try again.',
  'error.rollback.not-kept': '{address} did not keep its backup, and nothing was changed. Make room in its flash.',
  'error.rollback.not-armed':
    'On {address} no rollback of this run waits: it fired, or was never armed. Nothing is changed without one.',
  'error.rollback.fired': 'On {address} the rollback of this run has fired: the device is as before the run.',
  'error.rollback.not-loaded': '{address} did not load its backup when it was told to. Look at the device.',
  'error.rollback.clock-behind':
    'The clock of {address} is {seconds} s behind and its NTP client has not set it yet: a rollback would come too soon. Set its clock, then try again.',
  'error.rollback.clock-ahead':
    'The clock of {address} is {seconds} s ahead and its NTP client has not set it yet: a rollback would come late. Set its clock, then try again.',
  'error.apply.stopped': 'The change of {address} was stopped. The device goes back by itself.',
  'error.apply.too-late':
    'The change of {address} took longer than its rollback waits. The device goes back by itself.',
  'error.apply.lost': '{address} did not come back after a change. The device goes back by itself.',
  'error.apply.undone': '{address} refuses {subject} {name} ({fragment}): {said}. All is as it was before.',
  'error.apply.left-changed':
    '{address} refuses {subject} {name} ({fragment}): {said}. It could not be set back yet: that is tried until the device answers.',
  'error.apply.left-armed': '{address} refuses {subject} {name} ({fragment}): {said}. The device goes back by itself.',
  'error.driver.unknown': 'There is no configuration driver {kind}. Choose one of {kinds}.',
  'error.intent.invalid': 'The intent cannot be applied: {count} [count:thing is|things are] wrong with it.',
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
  'error.intent.none': 'Nothing says what {name} should be. Stage its intent first.',
  'error.intent.no-version': 'There is no version {version} of the intent of {name}. Stage it first.',
  'error.intent.key-taken':
    'Both {owner} and {other} say what {fragment} of {name} is. Give one of them another key, or take it out of one.',
  'error.intent.other-driver':
    '{owner} configures {name} by the driver {driver}, and {other} by {others}. A device has one.',
  'error.intent.staged-since': 'What {owner} says of {name} has been staged anew since. Ask for the rollout again.',
  'error.intent.under-way': '{name} is part of rollout {number}, which goes on. Wait for its end, or abort it first.',
  'error.management.no-address': '{name} has no address in the inventory, so it cannot be configured.',
  'error.management.not-there': 'The device does not answer at {address}, where it shall be managed.',
  'error.management.address-outside':
    '{name} cannot be managed at {address}: it lies outside the networks in which devices may be (ARUNG_DEVICE_NETWORKS).',
  'error.management.address-taken': '{name} cannot be managed at {address}: {holder} has that address.',
  'error.reason.no-words': 'Say why, in words: at least {count} [count:letter|letters] or digits.',
  'error.management.no-credential': '{name} has no credential for its management. Give it one in the inventory.',
  'error.management.wrong-credential':
    'The credential for the management of {name} is of the kind {kind}, which the driver {driver} cannot use.',
  'error.backup.not-found': 'There is no configuration {key} in your regions.',
  'error.rollout.empty': 'A rollout needs at least one device and its version.',
  'error.rollout.no-device': 'There is no device {device} in rollout {key}, or none in your regions.',
  'error.rollout.not-found': 'There is no rollout {key} in your regions.',
  'error.rollout.device-twice': 'The device {name} is listed twice: by its name and by its id.',
  'error.rollout.outside-regions': 'You may not steer rollout {number}: some of its devices lie outside your regions.',
  'error.rollout.wrong-state': 'Rollout {number} is in another state by now. Load the page again.',
  'error.rollout.cuts-controller':
    "A change of {names} could cut the controller's own path to the network. Give a reason to force it.",
  'error.rollout.not-equal': 'Read back, the device is not what it should be: {names}.',
  'error.rollout.not-in-time': 'The device did not answer over a new connection in time.',
  'error.rollout.elsewhere': 'What holds it lies, or may lie, outside your regions.',
  'error.rollout.fired': 'Nobody confirmed the change in time. The device went back by itself.',
  'error.rollout.failed-at': 'It stopped because {names} did not take the change. No further device was touched.',
  'error.rollout.partner-missing':
    'The new ways are there beside the old, and nothing was switched: {names} did not answer. Start it again when they do.',
  'error.rollout.incomplete':
    '{count} [count:device|devices] did not answer and [count:was left as it is|were left as they are]: {names}. Start it again when they do.',
  'error.rollout.cut-off':
    'It took the change, and {names} behind it did not answer any more: it went back to what it was before.',
  'error.rollout.gate-errors':
    'After wave {wave} clearly more errors or discarded packets are counted on links than before: {names}.',
  'error.rollout.gate': 'After wave {wave} the network is not as well as before: {names}.',
  'error.rollout.waits-for': 'Waits for rollout {number}, which could touch the same paths.',
  'error.rollout.waits-for-work':
    'Waits for planned work over {names} that lasts another {seconds} s: a change may take as long to go back.',
  'error.rollout.pause-asked': 'Paused by {by}.',
  'error.rollout.abort-asked': 'Aborted by {by}.',
} satisfies Translation<typeof provisioningId>;
