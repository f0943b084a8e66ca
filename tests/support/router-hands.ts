import type { SmallBackbone } from '../../agents/simulator/routeros/testing/small-backbone.ts';

/** What somebody does and sees who sits at a simulated router. */
export class RouterHands {
  readonly #backbone: SmallBackbone;

  constructor(backbone: SmallBackbone) {
    this.#backbone = backbone;
  }

  /** A command, as it is typed there. */
  byHand(device: string, path: string, values: Readonly<Record<string, string>> = {}): void {
    this.router(device).run({ path, arguments: new Map(Object.entries(values)), queries: [], by: 'admin' });
  }

  rows(device: string, menu: string): readonly Readonly<Record<string, string>>[] {
    return this.router(device).rows(menu);
  }

  /** The id of the first row that has these values. */
  idOf(device: string, menu: string, of: Readonly<Record<string, string>>): string {
    const row = this.rows(device, menu).find((one) => Object.entries(of).every(([name, value]) => one[name] === value));
    if (row?.['.id'] === undefined) throw new Error(`${device} has no such entry in ${menu}`);
    return row['.id'];
  }

  router(device: string) {
    const router = this.#backbone.simulator.routers.router(device);
    if (router === undefined) throw new Error(`there is no router ${device}`);
    return router;
  }
}
