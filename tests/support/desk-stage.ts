import type { Kysely } from 'kysely';
import { pino } from 'pino';
import type { Database } from '../../src/database/tables.ts';
import type { Alert } from '../../src/domain/alert.ts';
import { newId, type ChannelId, type PersonId, type TeamId } from '../../src/domain/ids.ts';
import type { OwnFault } from '../../src/domain/own-fault.ts';
import { ownUplinkId, type Blindness, type UplinkSign } from '../../src/domain/own-uplink.ts';
import type { Person } from '../../src/domain/person.ts';
import type { Cause, EntityKind, EntityState } from '../../src/domain/reachability.ts';
import type { Silence } from '../../src/domain/silence.ts';
import type { TestNetwork } from '../../src/status/test-network.ts';
import { AlertDesk, type AlertDeskOptions } from '../../src/alerting/desk/alert-desk.ts';
import { PeopleOfDesk } from '../../src/alerting/desk/people-now.ts';
import { noServices, type SiteNotes } from '../../src/alerting/desk/surroundings.ts';
import type { Risk } from '../../src/alerting/incidents/grouping.ts';

/** Time that a test moves. */
export class TestClock {
  wall: number;
  passed = 0;

  constructor(wall: number) {
    this.wall = wall;
  }

  now(): number {
    return this.wall;
  }

  monotonic(): number {
    return this.passed;
  }

  go(ms: number): void {
    this.wall += ms;
    this.passed += ms;
  }
}

/** The world that desks look at: what is dark and why, who is there, what is silenced. */
export class DeskStage {
  readonly clock: TestClock;
  readonly network: TestNetwork;
  readonly states = new Map<string, EntityState>();
  /** What devices were measured to be beneath planned work. */
  readonly measured = new Map<string, EntityState>();
  settled = true;
  rules: readonly Alert[] = [];
  faults: readonly OwnFault[] = [];
  blindness: Blindness | null = null;
  risks: readonly Risk[] = [];
  notes = new Map<never, SiteNotes>();
  people: Person[] = [];
  silences: Silence[] = [];
  escalateAfterS = 600;
  readonly #db: Kysely<Database>;
  readonly #team = newId<TeamId>();

  constructor(db: Kysely<Database>, network: TestNetwork, at: number) {
    this.#db = db;
    this.network = network;
    this.clock = new TestClock(at);
  }

  /** A desk that nobody wakes: the test says when it looks. */
  desk(more: Partial<AlertDeskOptions> = {}): AlertDesk {
    const isSettled = (): boolean => this.settled;
    const faults = (): readonly OwnFault[] => this.faults;
    const blindness = (): Blindness | null => this.blindness;
    const quiet = { onChange: () => () => undefined };
    return new AlertDesk({
      db: this.#db,
      clock: this.clock,
      logger: pino({ level: 'silent' }),
      states: {
        idsNotUp: (kind) => this.#keys(kind).filter((id) => this.states.get(`${kind}:${id}`)?.state !== 'up'),
        stateOf: (kind, id) => this.#stateOf(kind, id),
        measuredOf: (id) => this.measured.get(id) ?? this.#stateOf('device', id),
        get settled() {
          return isSettled();
        },
        get blindness() {
          return blindness();
        },
        ...quiet,
      },
      readings: {
        stateOf: (kind, id) => this.#stateOf(kind, id),
        portOf: () => null,
        opticalOf: () => null,
        voltageOf: () => null,
      },
      surroundings: {
        ...quiet,
        current: () => ({
          topology: this.network.topology,
          risks: this.risks,
          notes: this.notes,
          deviceTags: new Map(),
        }),
      },
      services: { ...quiet, ...noServices },
      rules: { ...quiet, current: () => this.rules },
      own: {
        ...quiet,
        get faults() {
          return faults();
        },
      },
      people: new PeopleOfDesk({
        ...quiet,
        current: () => ({
          people: this.people,
          teams: [{ id: this.#team, name: 'Backbone', escalateAfterS: this.escalateAfterS }],
          duties: [],
        }),
        silences: () => this.silences,
      }),
      ownAgentId: this.network.agentId,
      timeZone: 'Asia/Makassar',
      ...more,
    });
  }

  /** Adds a person with an inbox, also to the database. */
  async person(name: string, more: Partial<Person> = {}): Promise<Person> {
    const channelId = newId<ChannelId>();
    const id = newId<PersonId>();
    await this.#db
      .insertInto('channels')
      .values({
        id: channelId,
        name: `inbox ${name}`,
        kind: 'inbox',
        secret: null,
        last_sent_at: null,
        failing_since: null,
        last_error: null,
      })
      .execute();
    await this.#db.insertInto('people').values({ id, name, team_id: null, user_id: null, language: 'id' }).execute();
    await this.#db
      .insertInto('person_channels')
      .values({ person_id: id, position: 0, channel_id: channelId, address: name })
      .execute();
    const person: Person = {
      id,
      name,
      teamId: this.#team,
      userId: null,
      language: 'id',
      regionCodes: [],
      networks: [],
      level: 1,
      workingHours: [],
      quietHours: null,
      channels: [{ channelId, address: name }],
      active: true,
      managedBy: 'console',
      ...more,
    };
    this.people.push(person);
    return person;
  }

  /** All of these sites are dark by one cause, with their devices and the link, if it is one. */
  darken(cause: Cause, ...sites: readonly string[]): void {
    const state: EntityState = { state: 'unreachable', since: cause.since, cause };
    for (const key of this.states.keys()) if (key.startsWith('link:')) this.states.delete(key);
    for (const site of sites) {
      const siteId = this.network.siteId(site);
      this.#set('site', siteId, state);
      for (const device of this.network.devices.values()) {
        const isIt = cause.kind === 'device' && device.id === cause.id;
        if (device.siteId === siteId) this.#set('device', device.id, isIt ? { ...state, state: 'down' } : state);
      }
    }
    if (cause.kind === 'link') this.#set('link', cause.id, { ...state, state: 'down' });
  }

  /** Nothing is seen of these sites, and it may be for a cut of Arung's own. */
  blind(sign: UplinkSign, ...sites: readonly string[]): void {
    const since = this.clock.wall;
    this.blindness = { agentId: this.network.agentId, since, devices: this.network.devices.size, sign };
    this.darken({ kind: 'controller', id: ownUplinkId, name: 'Arung', since, certainty: 1 }, ...sites);
    for (const [key, state] of this.states) this.states.set(key, { ...state, state: 'unknown' });
  }

  /** Everything of these sites answers again. */
  light(...sites: readonly string[]): void {
    for (const site of sites) {
      const siteId = this.network.siteId(site);
      this.states.delete(`site:${siteId}`);
      for (const device of this.network.devices.values()) {
        if (device.siteId === siteId) this.states.delete(`device:${device.id}`);
      }
    }
    for (const key of this.states.keys()) if (key.startsWith('link:')) this.states.delete(key);
  }

  /** Planned work over these sites begins; what was measured goes on beneath. */
  beginWork(...sites: readonly string[]): void {
    const state: EntityState = { state: 'maintenance', since: this.clock.wall, cause: null };
    for (const site of sites) {
      const siteId = this.network.siteId(site);
      for (const device of this.network.devices.values()) {
        if (device.siteId !== siteId) continue;
        this.measured.set(device.id, this.#stateOf('device', device.id));
        this.network.devices.set(device.id, { ...device, maintenance: true });
        this.#set('device', device.id, state);
      }
      this.#set('site', siteId, state);
    }
  }

  /** Under planned work they answer again. */
  mend(...sites: readonly string[]): void {
    for (const device of this.network.devices.values()) {
      const isThere = sites.some((site) => this.network.siteId(site) === device.siteId);
      if (isThere) this.measured.set(device.id, { state: 'up', since: this.clock.wall, cause: null });
    }
  }

  cut(link: string, since = this.clock.wall, certainty = 0.97): Cause {
    return { kind: 'link', id: this.network.linkId(link), name: link, since, certainty };
  }

  dead(device: string, since = this.clock.wall, certainty = 0.8): Cause {
    return { kind: 'device', id: this.network.id(device), name: device, since, certainty };
  }

  #set(kind: EntityKind, id: string, state: EntityState): void {
    this.states.set(`${kind}:${id}`, state);
  }

  #stateOf(kind: EntityKind, id: string): EntityState {
    return this.states.get(`${kind}:${id}`) ?? { state: 'up', since: 0, cause: null };
  }

  #keys(kind: EntityKind): string[] {
    return [...this.states.keys()].filter((key) => key.startsWith(`${kind}:`)).map((key) => key.slice(kind.length + 1));
  }
}
