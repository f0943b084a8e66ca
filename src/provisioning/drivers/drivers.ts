import type { Clock } from '../../domain/clock.ts';
import { ArungError } from '../../domain/errors.ts';
import type { ConfigurationDriver } from './driver.ts';
import { RouterOsDriver } from './routeros/driver.ts';

/** The family of configuration drivers, by their kind. */
export class ConfigurationDrivers {
  readonly #members: ReadonlyMap<string, ConfigurationDriver>;

  constructor(clock: Clock) {
    const members: readonly ConfigurationDriver[] = [new RouterOsDriver(clock)];
    this.#members = new Map(members.map((member) => [member.kind, member]));
  }

  get kinds(): readonly string[] {
    return [...this.#members.keys()];
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
