import { Connection } from '../influx/connection.ts';
import type { InfluxSeries, InfluxServer } from '../influx/server.ts';
import { keptFor, raw, tiers, type Retention, type Tier } from '../influx/tiers.ts';

export interface Influx1Options {
  /** `http://host:8086`. */
  readonly url: string;
  readonly database: string;
  readonly user: string | null;
  readonly password: string | null;
}

/** InfluxDB 1.x (tried with 1.6): one database, one retention policy for each resolution. */
export class Influx1Server implements InfluxServer {
  readonly title: string;
  readonly #connection: Connection;
  readonly #database: string;
  readonly #retention: Retention;

  constructor(options: Influx1Options, retention: Retention) {
    this.title = `InfluxDB 1 at ${options.url}`;
    this.#database = options.database;
    this.#retention = retention;
    const sign = `${options.user ?? ''}:${options.password ?? ''}`;
    this.#connection = new Connection({
      title: this.title,
      url: options.url,
      authorization: options.user === null ? null : `Basic ${Buffer.from(sign).toString('base64')}`,
    });
  }

  async write(tier: Tier, text: string): Promise<void> {
    const where = new URLSearchParams({ db: this.#database, rp: tier.policy, precision: tier === raw ? 'u' : 's' });
    await this.#connection.send({
      method: 'POST',
      path: `/write?${where.toString()}`,
      body: text,
      type: 'text/plain; charset=utf-8',
      pack: true,
    });
  }

  query(statements: readonly string[]): Promise<readonly (readonly InfluxSeries[])[]> {
    const where = new URLSearchParams({ db: this.#database, epoch: 's' });
    return this.#connection.influxql(`/query?${where.toString()}`, statements);
  }

  async provision(): Promise<readonly string[]> {
    const done: string[] = [];
    const name = identifier(this.#database);
    const [databases = []] = await this.#ask('SHOW DATABASES');
    if (!databases.some(({ values }) => values.some(([found]) => found === this.#database))) {
      await this.#ask(`CREATE DATABASE ${name} WITH DURATION ${this.#retention.rawS}s NAME "${raw.policy}"`);
      done.push(`made the database ${this.#database}`);
    }
    const [policies = []] = await this.#ask(`SHOW RETENTION POLICIES ON ${name}`);
    for (const tier of tiers) {
      const wanted = keptFor(tier, this.#retention);
      const isDefault = tier === raw;
      const found = policies[0]?.values.find(([policy]) => policy === tier.policy);
      const place = `"${tier.policy}" ON ${name} DURATION ${wanted}s`;
      if (found === undefined) {
        await this.#ask(`CREATE RETENTION POLICY ${place} REPLICATION 1${isDefault ? ' DEFAULT' : ''}`);
        done.push(`made the retention policy ${tier.policy}`);
      } else if (seconds(String(found[1])) !== wanted || (isDefault && found[4] !== true)) {
        await this.#ask(`ALTER RETENTION POLICY ${place}${isDefault ? ' DEFAULT' : ''}`);
        done.push(`set the retention policy ${tier.policy} to ${wanted} s`);
      }
    }
    return done;
  }

  async size(): Promise<{ readonly series: number; readonly bytes: number }> {
    const [cardinality = [], shards = []] = await this.query([
      `SHOW SERIES CARDINALITY ON ${identifier(this.#database)}`,
      `SHOW STATS FOR 'shard'`,
    ]);
    let bytes = 0;
    for (const { tags, columns, values } of shards) {
      if (tags?.['database'] === this.#database) bytes += Number(values[0]?.[columns.indexOf('diskBytes')] ?? 0);
    }
    return { series: Number(cardinality[0]?.values[0]?.[0] ?? 0), bytes };
  }

  close(): void {
    this.#connection.close();
  }

  #ask(statement: string): Promise<readonly (readonly InfluxSeries[])[]> {
    return this.#connection.influxql('/query', [statement]);
  }
}

function identifier(name: string): string {
  return `"${name.replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`;
}

/** A duration as InfluxDB prints it (`168h0m0s`) in seconds; 0 is for ever. */
function seconds(duration: string): number {
  const found = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(duration);
  if (found === null) return NaN;
  return Number(found[1] ?? 0) * 3_600 + Number(found[2] ?? 0) * 60 + Number(found[3] ?? 0);
}
