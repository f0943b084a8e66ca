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
} satisfies Translation<typeof provisioningId>;
