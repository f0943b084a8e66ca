import { systemTimers, type Clock, type Timers } from '../../domain/clock.ts';
import type { CredentialKind } from '../../domain/device.ts';
import { ArungError } from '../../domain/errors.ts';
import { CliDriver } from './cli/driver.ts';
import type { ConfigurationDriver } from './driver.ts';
import { RouterOsDriver } from './routeros/driver.ts';
import { ZktecoDriver } from './zkteco/driver.ts';

/** The family of configuration drivers, by their kind. */
export class ConfigurationDrivers {
  readonly #members: ReadonlyMap<string, ConfigurationDriver>;

  constructor(clock: Clock, timers: Pick<Timers, 'after'> = systemTimers) {
    const members: readonly ConfigurationDriver[] = [
      new RouterOsDriver(clock, timers),
      new CliDriver(clock),
      new ZktecoDriver(clock),
    ];
    this.#members = new Map(members.map((member) => [member.kind, member]));
  }

  get kinds(): readonly string[] {
    return [...this.#members.keys()];
  }

  /** Kinds of credentials that open a device to be configured. */
  get credentials(): readonly CredentialKind[] {
    return [...this.#members.values()].flatMap(({ credentials }) => credentials);
  }

  /** Who backs up what a credential of this kind opens; null where nobody does. */
  withCredential(kind: CredentialKind): ConfigurationDriver | null {
    return [...this.#members.values()].find(({ credentials }) => credentials.includes(kind)) ?? null;
  }

  /** Throws `driver.unknown`. */
  get(kind: string): ConfigurationDriver {
    const found = this.#members.get(kind);
    if (found !== undefined) return found;
    const kinds = this.kinds.join(', ');
    throw new ArungError('invalid', `There is no configuration driver ${kind}: choose one of ${kinds}.`, {
      code: 'driver.unknown',
      arguments: { kind, kinds },
    });
  }
}
