import type { Clock } from '../../../domain/clock.ts';
import { ArungError } from '../../../domain/errors.ts';
import type { DeviceCredential, DeviceTarget } from '../driver.ts';
import { Ways } from '../ways.ts';
import type { ApiAnswer, ApiCommand } from './api-client.ts';
import type { Transport } from './transport.ts';
import { transports, usualPort, type TransportName } from './transports.ts';

/** The connection to one router, opened anew when it is lost: a `Transport` that outlives a session. */
export class Line implements Transport {
  readonly #ways: Ways<Transport>;

  constructor(options: {
    readonly target: DeviceTarget;
    readonly transport: TransportName;
    readonly timeoutMs: number;
    readonly clock: Clock;
    readonly onClose: () => void;
  }) {
    const { target, transport, timeoutMs, clock, onClose } = options;
    const { tls } = target;
    const port = target.port ?? usualPort(transport, tls);
    const open = ({ address, credential }: { address: string; credential: DeviceCredential }, deadlineMs: number) =>
      transports[transport].open(
        { host: address, port, ...credential, ...(tls === undefined ? {} : { tls }) },
        { deadlineMs },
      );
    this.#ways = new Ways<Transport>({ target, port, timeoutMs, clock, onClose, open });
  }

  get name(): string {
    return this.#ways.name;
  }

  get isOpen(): boolean {
    return this.#ways.current?.isOpen ?? false;
  }

  /** Tries each way once. Throws as the transport's `open` does. */
  connect(): Promise<void> {
    return this.#ways.connect();
  }

  run(command: ApiCommand, deadlineMs?: number): Promise<ApiAnswer> {
    return this.#ways.current?.run(command, deadlineMs) ?? Promise.reject(gone(this.name));
  }

  /** As `Ways.reopen`. */
  reopen(untilMs: number, after: DeviceCredential | null, signal?: AbortSignal): Promise<void> {
    return this.#ways.reopen(untilMs, after, signal);
  }

  /** Ends the session that is open, and the way to others. */
  close(): void {
    this.#ways.close();
  }
}

function gone(address: string): ArungError {
  return new ArungError('unavailable', `The connection to ${address} is closed.`, {
    code: 'router.closed',
    arguments: { address },
  });
}
