import type { InventoryDocument } from '../src/inventory/document.ts';
import { Random } from '../src/alerting/simulation/random.ts';

export const shapes = ['tree', 'ring', 'mesh', 'islands'] as const;
export type Shape = (typeof shapes)[number];

type Medium = 'fibre' | 'copper' | 'radio' | 'vsat' | '4g';

const media: readonly Medium[] = ['fibre', 'fibre', 'radio', 'copper', 'fibre', '4g', 'vsat'];

/**
 * An inventory of a shape, as a file: sites with a router, a switch and a terminal each, without people, regions,
 * positions or shared risks. `tree`: each site hangs on one before it. `ring`: rings of sites on rings. `mesh`: a tree
 * with as many links again. `islands`: small trees that no link joins, and devices of which no link is known at all.
 */
export function syntheticInventory(options: {
  readonly shape: Shape;
  readonly devices: number;
  readonly seed: number;
}): InventoryDocument {
  const { shape, devices, seed } = options;
  const network = new Network(new Random(seed, shape));
  const count = Math.max(2, Math.round(devices / 3));
  for (let i = 0; i < count; i++) network.site(shape !== 'islands' || i % 11 !== 10);
  const { random } = network;
  for (let i = 1; i < count; i++) {
    if (shape === 'ring') network.join(i, i - 1);
    // Sites that hang on one of the last thirty make a deep tree, others a wide one.
    else if (shape !== 'islands' || i % 11 !== 0)
      network.join(i, random.next() < 0.5 ? lastOf(i, random) : firstOf(i, random, shape));
  }
  if (shape === 'ring') for (let i = 0; i + 12 < count; i += 12) network.join(i, Math.min(count - 1, i + 12));
  if (shape === 'ring' && count > 2) network.join(count - 1, 0);
  if (shape === 'mesh') for (let i = 0; i < count; i++) network.join(random.below(count), random.below(count));
  return network.document();
}

function lastOf(i: number, random: Random): number {
  return Math.max(0, i - 1 - random.below(30));
}

function firstOf(i: number, random: Random, shape: Shape): number {
  return shape === 'islands' ? i - 1 - random.below(Math.max(1, i % 11)) : random.below(Math.min(i, 40));
}

class Network {
  readonly random: Random;
  readonly #sites: NonNullable<InventoryDocument['sites']> = [];
  readonly #devices: NonNullable<InventoryDocument['devices']> = [];
  readonly #links: NonNullable<InventoryDocument['links']> = [];
  readonly #joined = new Set<string>();
  #ports = 0;

  constructor(random: Random) {
    this.random = random;
  }

  site(isWired: boolean): void {
    const i = this.#sites.length;
    const code = `s${i}`;
    this.#sites.push({ code, name: `Site ${i}`, kind: i === 0 ? 'pop' : 'village', network: 'smart-city', region: '' });
    this.#devices.push(
      { name: `r${i}`, site: code, role: 'router', gateway: true, protocol: 'snmp', address: '' },
      { name: `sw${i}`, site: code, role: 'switch', protocol: 'snmp', address: '' },
      { name: `t${i}`, site: code, role: 'terminal', protocol: 'mqtt', serial: `T${i}` },
    );
    if (!isWired) return;
    this.#link(`r${i}`, `sw${i}`, 'copper');
    this.#link(`sw${i}`, `t${i}`, 'copper');
  }

  join(a: number, b: number): void {
    const name = `${Math.min(a, b)} ${Math.max(a, b)}`;
    if (a === b || b < 0 || this.#joined.has(name)) return;
    this.#joined.add(name);
    this.#link(`r${b}`, `r${a}`, media[this.random.below(media.length)] ?? 'fibre');
  }

  document(): InventoryDocument {
    return {
      format: 'arung-inventory/1',
      sites: this.#sites,
      devices: this.#devices,
      links: this.#links,
      agents: [{ name: 'local', attachedTo: ['r0'] }],
    };
  }

  #link(a: string, b: string, medium: Medium): void {
    const port = ++this.#ports;
    this.#links.push({ name: `${a}--${b}`, medium, capacityBps: 1e9, a: `${a}:p${port}`, b: `${b}:p${port}` });
  }
}
