import { pino } from 'pino';
import { DrivenTimers } from '../../agents/simulator/routeros/testing/driven-timers.ts';
import { smallBackbone, user, type SmallBackbone } from '../../agents/simulator/routeros/testing/small-backbone.ts';
import { systemAccess } from '../../src/domain/access.ts';
import { systemClock, type Clock } from '../../src/domain/clock.ts';
import type { CredentialKind } from '../../src/domain/device.ts';
import { DeviceNetworks } from '../../src/domain/device-networks.ts';
import type { DeviceId } from '../../src/domain/ids.ts';
import type { IntentDocument, IntentFragment } from '../../src/domain/intent.ts';
import { isRolloutOver } from '../../src/domain/rollout.ts';
import { ConfigurationDrivers } from '../../src/provisioning/drivers/drivers.ts';
import { HostKeyStore } from '../../src/provisioning/host-keys/host-key-store.ts';
import { DriftWatch, type DriftNews } from '../../src/provisioning/drift/drift-watch.ts';
import { IntentReader } from '../../src/provisioning/intent/intent-reader.ts';
import { IntentStore } from '../../src/provisioning/intent/intent-store.ts';
import { SharedIntent } from '../../src/provisioning/intent/shared-intent.ts';
import { DeviceDoor } from '../../src/provisioning/rollouts/device-door.ts';
import { ChangePaths } from '../../src/provisioning/rollouts/paths.ts';
import { RolloutRunner } from '../../src/provisioning/rollouts/rollout-runner.ts';
import type { KeptConfigurations, RolloutNews } from '../../src/provisioning/rollouts/rollout-surroundings.ts';
import { RolloutStore } from '../../src/provisioning/rollouts/rollout-store.ts';
import { Rollouts } from '../../src/provisioning/rollouts/rollouts.ts';
import type { Rollout } from '../../src/provisioning/rollouts/rollout-record.ts';
import { SignInStore } from '../../src/provisioning/sign-ins/sign-in-store.ts';
import { TemplateBook } from '../../src/provisioning/templates/template-book.ts';
import { TemplatePreview } from '../../src/provisioning/templates/template-preview.ts';
import { TemplateResolver } from '../../src/provisioning/templates/template-resolver.ts';
import { VariableResolver } from '../../src/provisioning/variables/variable-resolver.ts';
import { createTestInventory, type TestInventory } from './inventory.ts';
import { managedInventory } from './managed-inventory.ts';
import { RouterHands } from './router-hands.ts';
import { hastened } from './hastened.ts';

const system = systemAccess('test');
const logger = pino({ level: 'silent' });

export interface StageOptions {
  /** Switches and terminals can be configured, too. */
  readonly managesAll?: boolean;
  readonly rebootMs?: number;
  /** Time goes fast, for routers and rollouts, while a router is cut off that will bring itself back. */
  readonly isDriven?: boolean;
  /** How patient rollouts are with a device. */
  readonly commandTimeoutMs?: number;
}

/**
 * A small network of simulated routers that really can be configured and cut off, the inventory that names them, and all
 * of provisioning on a database of its own, as `provisioning-parts.ts` composes it.
 */
export class ProvisioningStage {
  readonly test: TestInventory;
  readonly backbone: SmallBackbone;
  readonly door: DeviceDoor;
  readonly signIns: SignInStore;
  readonly intents: IntentStore;
  readonly templates: TemplateResolver;
  readonly templateBook: TemplateBook;
  readonly templatePreview: TemplatePreview;
  readonly shared: SharedIntent;
  readonly reader: IntentReader;
  readonly store: RolloutStore;
  readonly rollouts: Rollouts;
  readonly drift: DriftWatch;
  readonly paths: ChangePaths;
  readonly news: string[] = [];
  readonly drifted: DriftNews[] = [];
  /** Devices and services that the gate is told are not well. */
  readonly dark = new Set<string>();
  /** Ends of links on which the gate is told that errors are counted; near the device itself. */
  readonly errors: { readonly device: string; readonly key: string; readonly name: string; readonly perS: number }[] =
    [];
  readonly work = { announced: [] as DeviceId[], over: 0, covered: true, until: Number.POSITIVE_INFINITY };
  /** Routers for which time goes fast also while they answer somewhere: nobody asks them there. */
  readonly hurried = new Set<string>();
  /** Keeps what a device is before it is changed. */
  before: KeptConfigurations['before'] = async () => undefined;
  runner: RolloutRunner;
  readonly hands: RouterHands;
  readonly #clock: Clock;
  readonly #answers = new Map<DeviceId, number>();
  readonly #pump: NodeJS.Timeout | null;

  private constructor(
    test: TestInventory,
    backbone: SmallBackbone,
    { options, timers }: { readonly options: StageOptions; readonly timers: DrivenTimers | null },
  ) {
    this.hands = new RouterHands(backbone);
    this.#pump = timers === null ? null : setInterval(() => this.#passWhileCut(timers), 20);
    this.test = test;
    this.backbone = backbone;
    const { db } = test.database;
    const { inventory, vault } = test;
    const aheadMs = (): number => (timers?.aheadS() ?? 0) * 1_000;
    const clock: Clock = {
      now: () => systemClock.now() + aheadMs(),
      monotonic: () => systemClock.monotonic() + aheadMs(),
    };
    this.#clock = clock;
    this.signIns = new SignInStore({ db, sealer: vault });
    const drivers = new ConfigurationDrivers(clock, hastened(timers));
    this.door = new DeviceDoor({
      drivers,
      targets: inventory.managementTargets,
      hostKeys: new HostKeyStore({ db, changes: inventory.changes, clock }),
      signIns: this.signIns,
      session: options.commandTimeoutMs === undefined ? {} : { commandTimeoutMs: options.commandTimeoutMs },
    });
    const nameOf = (text: string) => this.intents.nameOf(text);
    const driverOf = (kind: CredentialKind) => drivers.withCredential(kind)?.kind ?? null;
    const variables = new VariableResolver({ db, sealer: vault, nameOf });
    this.templates = new TemplateResolver({ db, sealer: vault, nameOf, driverOf });
    this.intents = new IntentStore({
      db,
      changes: inventory.changes,
      sealer: vault,
      check: (document) => this.door.check(document),
      secretNames: (driver, subject, properties) => this.door.secretNames(driver, subject, properties),
      secretValues: (driver, fragment) => drivers.get(driver).secretsWithin?.(fragment) ?? [],
      variables,
      templates: this.templates,
      clock,
    });
    const { changes } = inventory;
    this.templateBook = new TemplateBook({ db, changes, sealer: vault, form: this.intents, nameOf, clock });
    this.templatePreview = new TemplatePreview({
      db,
      sealer: vault,
      book: this.templateBook,
      intents: this.intents,
      variables,
      driverOf,
    });
    this.shared = new SharedIntent({ db, changes: inventory.changes, store: this.intents });
    this.reader = new IntentReader({ db, withSecrets: (document) => this.intents.withSecrets(document) });
    this.store = new RolloutStore({ db, clock });
    this.paths = new ChangePaths({ topology: inventory.topology, services: () => [] });
    this.rollouts = new Rollouts({
      db,
      changes: inventory.changes,
      store: this.store,
      paths: this.paths,
      topology: inventory.topology,
      services: () => new Set(),
      wake: () => this.runner.wake(),
    });
    this.drift = new DriftWatch({
      db,
      intents: this.intents,
      door: this.door,
      tell: (news) => this.drifted.push(news),
      clock,
      logger,
      everyMs: 3_600_000,
    });
    this.runner = this.newRunner();
  }

  static async open(net: number, options: StageOptions = {}): Promise<ProvisioningStage> {
    const timers = options.isDriven === true ? new DrivenTimers() : null;
    const [test, backbone] = await Promise.all([
      createTestInventory({ regions: '73.08', deviceNetworks: new DeviceNetworks(['127.0.0.0/8']) }),
      smallBackbone(net, {
        ...(options.rebootMs === undefined ? {} : { rebootMs: options.rebootMs }),
        ...(timers === null ? {} : { timers }),
      }),
    ]);
    const inventory = managedInventory(backbone, options.managesAll ?? false);
    const wrong = { name: 'wrong', kind: 'routeros', user: user.name, secret: 'bukan-ini' };
    const credentials = [...(inventory['credentials'] as object[]), wrong];
    const document = JSON.stringify({ ...inventory, credentials });
    const plan = await test.inventory.importer.apply(system, { format: 'json', text: document });
    if (plan.errors.length > 0) throw new Error(JSON.stringify(plan.errors));
    await test.inventory.topology.refresh();
    const stage = new ProvisioningStage(test, backbone, { options, timers });
    await stage.intents.start();
    return stage;
  }

  newRunner(): RolloutRunner {
    const { database, inventory } = this.test;
    return new RolloutRunner({
      db: database.db,
      store: this.store,
      intents: this.intents,
      door: this.door,
      paths: this.paths,
      health: {
        darkDevices: () => new Set([...this.dark].map((name) => this.id(name))),
        poorServices: () => new Set(),
        ask: () => undefined,
        errorsNear: (ids) => this.errors.filter(({ device }) => ids.includes(this.id(device))),
        isCountedSince: () => true,
        answeredAt: (id) => this.#answeredAt(id as DeviceId),
        nameOf: (id) => inventory.topology.current().devices.get(id as DeviceId)?.name ?? id,
      },
      work: {
        announce: async (deviceId) => {
          this.work.announced.push(deviceId);
          return null;
        },
        over: async () => {
          this.work.over += 1;
        },
        covering: async (devices, until) => new Set(this.work.covered && until <= this.work.until ? devices : []),
      },
      addresses: inventory.managementAddresses,
      kept: { before: (...change) => this.before(...change) },
      tell: ({ key, device }: RolloutNews) => this.news.push(device === null ? key : `${key} ${device.deviceName}`),
      clock: this.#clock,
      logger,
      everyMs: 100,
      leaseMs: 2_000,
      gateMs: 1_500,
      ...(this.#pump === null ? {} : { sleep: (ms, signal) => this.#sleepDriven(ms, signal) }),
    });
  }

  /** Seconds since the epoch, as routers and rollouts have them. */
  nowS(): number {
    return this.#clock.now() / 1_000;
  }

  /** Whether somebody who wants to configure a router would be heard. */
  answers(name: string): boolean {
    const device = this.backbone.simulator.network.devices.get(name);
    const packet = { source: '127.0.0.1', protocol: 'tcp', port: this.backbone.ports.api, state: 'new' } as const;
    return device?.isReachedBy(packet) === true && (device.paths?.admits(packet) ?? true);
  }

  /** As if every device were asked all the time. */
  #answeredAt(id: DeviceId): number {
    const name = this.test.inventory.topology.current().devices.get(id)?.name ?? '';
    const device = this.backbone.simulator.network.devices.get(name);
    const now = this.#clock.now();
    const isReached = device?.isReachedBy({ source: '127.0.0.1', protocol: 'udp', port: 161, state: 'new' }) === true;
    if (isReached) this.#answers.set(id, now);
    return this.#answers.get(id) ?? now - 60_000;
  }

  /** As long as the driven clock says: who looks every two seconds looks every two seconds of it. */
  async #sleepDriven(ms: number, signal: AbortSignal): Promise<void> {
    const until = this.#clock.monotonic() + ms;
    while (this.#clock.monotonic() < until && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** A restart takes the machine's time. */
  #passWhileCut(timers: DrivenTimers): void {
    for (const { name, on, kind } of this.backbone.simulator.network.devices.values()) {
      if (kind.name !== 'mikrotik' || !on || (this.answers(name) && !this.hurried.has(name))) continue;
      const waits = this.hands.rows(name, '/system/scheduler').some((row) => row['name']?.startsWith('arung') === true);
      if (waits) return timers.pass(1);
    }
  }

  id(name: string): DeviceId {
    for (const device of this.test.inventory.topology.current().devices.values()) {
      if (device.name === name) return device.id;
    }
    throw new Error(`no device ${name}`);
  }

  /** Stages a document for each device; what `start` of rollouts takes. */
  async stage(documents: Readonly<Record<string, IntentDocument>>): Promise<Record<string, string>> {
    const versions: Record<string, string> = {};
    for (const [name, document] of Object.entries(documents)) {
      versions[name] = (await this.intents.stage(system, name, document, { managedBy: 'test' })).version;
    }
    return versions;
  }

  /** Waits until a rollout is over, or in another of these states. */
  async until(id: string, isThere: (rollout: Rollout) => boolean = isRolloutOver, withinMs = 90_000): Promise<Rollout> {
    const end = performance.now() + withinMs;
    for (;;) {
      const rollout = await this.rollouts.get(system, id);
      if (isThere(rollout)) return rollout;
      if (performance.now() > end) throw new Error(`not in time: ${JSON.stringify(rollout, null, 1)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async close(): Promise<void> {
    if (this.#pump !== null) clearInterval(this.#pump);
    await this.runner.stop();
    await this.drift.stop();
    await this.backbone.simulator.stop();
    await this.test.close();
  }
}

export function statesOf(rollout: Rollout): Record<string, string> {
  return Object.fromEntries(rollout.devices.map(({ deviceName, state }) => [deviceName, state]));
}

export function documentOf(
  ...fragments: (Omit<IntentFragment, 'secret'> & { secret?: readonly string[] })[]
): IntentDocument {
  return { driver: 'routeros', fragments: fragments.map((one) => ({ secret: [], ...one })) };
}

/** Something harmless on a router: an address on its bridge. */
export function lan(net: number): IntentDocument {
  return documentOf({
    key: 'lan',
    subject: '/ip/address',
    values: { address: `10.73.${net}.1/24`, interface: 'bridge' },
  });
}
