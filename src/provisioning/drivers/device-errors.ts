import { ArungError, type ErrorKind } from '../../domain/errors.ts';

/** What goes wrong between us and any device; drivers with errors of their own beside them call those otherwise. */
export type DeviceErrorCode =
  | 'device.unreachable'
  | 'device.closed'
  | 'device.timeout'
  | 'device.sign-in'
  | 'device.garbage'
  | 'device.too-much';

const sentences: Readonly<Record<DeviceErrorCode, { readonly kind: ErrorKind; text(address: string): string }>> = {
  'device.unreachable': {
    kind: 'unavailable',
    text: (address) => `${address} takes no connection: check that the service is on there, and the port.`,
  },
  'device.closed': { kind: 'unavailable', text: (address) => `${address} closed the connection: try again.` },
  'device.timeout': {
    kind: 'unavailable',
    text: (address) => `${address} did not answer in time: check the way to the device.`,
  },
  'device.sign-in': {
    kind: 'unavailable',
    text: (address) => `${address} refuses the sign-in: check the credential of its management.`,
  },
  'device.garbage': {
    kind: 'unavailable',
    text: (address) => `${address} answers what cannot be understood: check the port, and what the device is.`,
  },
  'device.too-much': {
    kind: 'unavailable',
    text: (address) => `${address} answers more than can be handled: look at what fills it.`,
  },
};

/** What the way to a device, or the device at its end, does to us. */
export function deviceError(code: DeviceErrorCode, address: string, cause?: unknown): ArungError {
  const { kind, text } = sentences[code];
  return new ArungError(kind, text(address), {
    code,
    arguments: { address },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The device understood and said no. `said` are its own words: they may repeat what it was sent. */
export function deviceRefused(address: string, said: string): ArungError {
  return new ArungError('invalid', `${address} refuses a command: ${said}`, {
    code: 'device.refused',
    arguments: { address, said },
  });
}

const lost: ReadonlySet<string> = new Set(
  ['closed', 'timeout', 'unreachable', 'garbage'].flatMap((what) => [`device.${what}`, `router.${what}`]),
);

/** The way to the device is gone, or was never there: another try may find it. */
export function isLoss(error: unknown): boolean {
  return error instanceof ArungError && lost.has(error.code);
}

/** The device understood what it was asked, and said no: another try says the same. */
export function isRefusal(error: unknown): error is ArungError {
  return error instanceof ArungError && (error.code === 'device.refused' || error.code === 'router.trap');
}

/** User or password are wrong, or not what they were: a document may have set them. */
export function isSignInRefused(error: unknown): boolean {
  return error instanceof ArungError && (error.code === 'device.sign-in' || error.code === 'router.sign-in');
}

/** Another task of this program has the device. */
export function isBusy(error: unknown): boolean {
  return error instanceof ArungError && error.code === 'router.busy';
}
