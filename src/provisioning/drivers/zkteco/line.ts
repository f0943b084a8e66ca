import type { Clock } from '../../../domain/clock.ts';
import { deviceError } from '../device-errors.ts';
import type { DeviceCredential, DeviceTarget } from '../driver.ts';
import { Ways } from '../ways.ts';
import { ZkClient, type ZkTransport } from './client.ts';
import { ZkConfiguration } from './configuration.ts';
import { settings } from './settings.ts';

/** The way to one terminal, opened anew for each proof that a setting works. */
export class ZkLine {
  readonly #ways: Ways<ZkClient>;
  readonly #clock: Clock;
  /** The comm key with which we are in: no terminal is asked for it. */
  #commKey = '';

  constructor(options: {
    readonly target: DeviceTarget;
    readonly port: number;
    readonly transport: ZkTransport;
    readonly timeoutMs: number;
    readonly clock: Clock;
    readonly onClose: () => void;
  }) {
    const { target, port, transport, timeoutMs, clock, onClose } = options;
    this.#clock = clock;
    this.#ways = new Ways<ZkClient>({
      target,
      port,
      timeoutMs,
      clock,
      onClose,
      open: async ({ address, credential }, deadlineMs) => {
        const commKey = commKeyOf(credential);
        const client = await ZkClient.open({ host: address, port, commKey, transport }, deadlineMs);
        this.#commKey = String(commKey);
        return client;
      },
    });
  }

  get name(): string {
    return this.#ways.name;
  }

  get client(): ZkClient {
    const { current } = this.#ways;
    if (current === null) throw deviceError('device.closed', this.name);
    return current;
  }

  connect(): Promise<void> {
    return this.#ways.connect();
  }

  reopen(untilMs: number, after: DeviceCredential | null): Promise<void> {
    return this.#ways.reopen(untilMs, after);
  }

  async read(): Promise<ZkConfiguration> {
    const { client } = this;
    const options = new Map<string, string>();
    for (const { option, secret } of settings) {
      const value = secret ? this.#commKey : await client.readOption(option);
      if (value !== null) options.set(option, value);
    }
    const wallMs = await client.readTime();
    return new ZkConfiguration(this.#clock.now(), wallMs, options);
  }

  close(): void {
    this.#ways.close();
  }
}

/** The key is a number; 0 where none was ever set. */
export function commKeyOf({ password }: DeviceCredential): number {
  return Number(password === '' ? '0' : password);
}
