import { sql, type Kysely, type SqlBool } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../database/tables.ts';
import type { CredentialSecret } from '../domain/device.ts';
import type { AgentId, CredentialId, DeviceId } from '../domain/ids.ts';
import type { AgentSource, PollTarget, PollTargetInterface, RemoteAgent, TargetSource } from '../domain/plan.ts';
import type { TopologySource } from '../domain/topology.ts';
import type { SecretSealer } from './collaborators.ts';
import { Rest } from './rest.ts';
import type { Changes } from '../database/collection/changes.ts';

type Protocol = PollTarget['protocol'];
type Only =
  | { readonly agentId: AgentId; readonly protocol: Protocol | undefined }
  | { readonly deviceIds: readonly DeviceId[] };

const gatherMs = 100;

/** Whom the agents have to read, with what opens them. Secrets are opened here, on their way to a socket. */
export class Targets implements TargetSource, AgentSource {
  readonly #db: Kysely<Database>;
  readonly #sealer: SecretSealer;
  readonly #topology: TopologySource;
  readonly #changes: Changes;
  readonly #logger: Logger;
  readonly #rest = new Rest();
  readonly #opened = new Map<CredentialId, { version: number; secret: CredentialSecret | null }>();

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly sealer: SecretSealer;
    readonly topology: TopologySource;
    readonly changes: Changes;
    readonly logger: Logger;
  }) {
    this.#db = options.db;
    this.#sealer = options.sealer;
    this.#topology = options.topology;
    this.#changes = options.changes;
    this.#logger = options.logger;
  }

  /** All devices of active sites that the agent reads, by name; with a protocol those that it reads by that. */
  async targets(agentId: AgentId, protocol?: Protocol): Promise<readonly PollTarget[]> {
    const beganMs = performance.now();
    const targets = await this.#read({ agentId, protocol });
    this.#rest.after(beganMs, performance.now());
    return targets;
  }

  /** These devices as they are now, without those that are gone, whose site is not active, or that nothing reads. */
  async ofDevices(deviceIds: readonly DeviceId[], db = this.#db): Promise<ReadonlyMap<DeviceId, PollTarget>> {
    return new Map((await this.#read({ deviceIds }, db)).map((target) => [target.deviceId, target]));
  }

  /** Every agent but the embedded one, by name. */
  async agents(): Promise<readonly RemoteAgent[]> {
    const rows = await this.#db
      .selectFrom('agents')
      .leftJoin('credentials', 'credentials.id', 'agents.credential_id')
      .select([
        'agents.id',
        'agents.name',
        'credentials.id as credentialId',
        'credentials.user as credentialUser',
        'credentials.secret as sealed',
        'credentials.version as credentialVersion',
      ])
      .where('agents.name', '<>', 'local')
      .orderBy('agents.name')
      .execute();
    return rows.map((row) => {
      const secret = this.#open(row);
      const login = secret?.kind === 'mqtt' ? { user: secret.user, password: secret.password } : null;
      return { id: row.id, name: row.name, login };
    });
  }

  async serviceIds(): Promise<readonly string[]> {
    const rows = await this.#db.selectFrom('services').select('id').execute();
    return rows.map((row) => row.id);
  }

  /**
   * Wakes after every write, of this process at once and of others when the topology heard of it. Gathered: by 100 ms, and
   * in a row of writes by a few times what a reading takes.
   */
  onChange(wake: () => void): () => void {
    let timer: NodeJS.Timeout | null = null;
    const gather = () => {
      if (timer !== null) return;
      timer = setTimeout(
        () => {
          timer = null;
          wake();
        },
        Math.max(gatherMs, this.#rest.leftMs(performance.now())),
      );
      timer.unref();
    };
    const stops = [this.#changes.onCommit(gather), this.#topology.onChange(gather)];
    return () => {
      for (const stop of stops) stop();
      if (timer !== null) clearTimeout(timer);
    };
  }

  async #read(only: Only, db = this.#db): Promise<PollTarget[]> {
    const query = db
      .selectFrom('devices')
      .innerJoin('sites', 'sites.id', 'devices.site_id')
      .leftJoin('credentials', 'credentials.id', 'devices.credential_id')
      .select([
        'devices.id',
        'devices.name',
        'devices.site_id as siteId',
        'devices.agent_id as agentId',
        'devices.role',
        'devices.gateway',
        'devices.protocol',
        'devices.address',
        'devices.port',
        'devices.serial',
        'devices.profile',
        'sites.kind as siteKind',
        'credentials.id as credentialId',
        'credentials.user as credentialUser',
        'credentials.secret as sealed',
        'credentials.version as credentialVersion',
        sql<boolean>`exists (select 1 from agent_attachments where agent_attachments.device_id = devices.id)`.as(
          'attached',
        ),
      ])
      .where('sites.rollout_status', '=', 'active')
      .where('devices.protocol', '<>', 'none')
      .orderBy('devices.name');
    const rows = await query.where(isAmong(only)).execute();
    const interfaces = await this.#interfacesOf(only, db);
    return rows.map((row) => {
      const own = interfaces.get(row.id);
      const hub = (row.siteKind === 'pop' || row.siteKind === 'district') && row.role !== 'terminal';
      return {
        deviceId: row.id,
        siteId: row.siteId,
        agentId: row.agentId,
        name: row.name,
        role: row.role,
        gateway: row.gateway,
        protocol: row.protocol === 'mqtt' ? 'mqtt' : 'snmp',
        address: row.address,
        port: row.port,
        serial: row.serial,
        secret: this.#open(row),
        profile: row.profile,
        interfaces: own?.list ?? [],
        backbone: hub || row.attached || own?.trunk === true,
      };
    });
  }

  async #interfacesOf(
    only: Only,
    db: Kysely<Database>,
  ): Promise<Map<DeviceId, { list: PollTargetInterface[]; trunk: boolean }>> {
    const query = db
      .selectFrom('interfaces')
      .innerJoin('devices', 'devices.id', 'interfaces.device_id')
      .leftJoin('link_ends', 'link_ends.interface_id', 'interfaces.id')
      .leftJoin('links', 'links.id', 'link_ends.link_id')
      .select([
        'interfaces.device_id as deviceId',
        'interfaces.id',
        'interfaces.name',
        'interfaces.mac',
        'interfaces.if_index as ifIndex',
        'interfaces.speed_bps as speedBps',
        'links.trunk',
      ])
      .orderBy('interfaces.device_id')
      .orderBy('interfaces.if_index')
      .orderBy('interfaces.name');
    const byDevice = new Map<DeviceId, { list: PollTargetInterface[]; trunk: boolean }>();
    for (const { deviceId, trunk, ...row } of await query.where(isAmong(only)).execute()) {
      const own = byDevice.get(deviceId) ?? { list: [], trunk: false };
      own.list.push({ ...row, carriesLink: trunk !== null });
      own.trunk ||= trunk === true;
      byDevice.set(deviceId, own);
    }
    return byDevice;
  }

  #open(row: {
    name: string;
    credentialId: CredentialId | null;
    credentialUser: string | null;
    sealed: Buffer | null;
    credentialVersion: number | null;
  }): CredentialSecret | null {
    if (row.credentialId === null || row.sealed === null || row.credentialVersion === null) return null;
    const known = this.#opened.get(row.credentialId);
    if (known?.version === row.credentialVersion) return known.secret;
    const secret = this.#unseal(row.credentialId, row.sealed, row.credentialUser ?? '');
    this.#opened.set(row.credentialId, { version: row.credentialVersion, secret });
    return secret;
  }

  #unseal(credentialId: CredentialId, sealed: Buffer, user: string): CredentialSecret | null {
    try {
      // What we sealed ourselves, from a checked secret.
      const secret = JSON.parse(this.#sealer.open(sealed, credentialId)) as CredentialSecret;
      return 'user' in secret && user !== '' ? { ...secret, user } : secret;
    } catch (error) {
      this.#logger.error(
        { credentialId, error },
        'a sealed credential does not open: its devices cannot be read until its secret is given again',
      );
      return null;
    }
  }
}

function isAmong(only: Only) {
  if ('deviceIds' in only) return sql<SqlBool>`devices.id = any(${[...only.deviceIds]}::uuid[])`;
  const { agentId, protocol } = only;
  if (protocol === undefined) return sql<SqlBool>`devices.agent_id = ${agentId}`;
  const isMqtt = sql<SqlBool>`devices.protocol = 'mqtt'`;
  return sql<SqlBool>`devices.agent_id = ${agentId} and ${protocol === 'mqtt' ? isMqtt : sql<SqlBool>`not ${isMqtt}`}`;
}
