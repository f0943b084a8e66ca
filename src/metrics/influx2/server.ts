import { ArungError } from '../../domain/errors.ts';
import { Connection } from '../influx/connection.ts';
import type { InfluxSeries, InfluxServer } from '../influx/server.ts';
import { keptFor, raw, tiers, type Retention, type Tier } from '../influx/tiers.ts';

export interface Influx2Options {
  /** `http://host:8086`. */
  readonly url: string;
  readonly org: string;
  readonly bucket: string;
  /** May read and write the buckets and, to keep them right, read the organisation and write its buckets. */
  readonly token: string;
}

interface Named {
  readonly id: string;
  readonly name: string;
}
interface Bucket extends Named {
  readonly retentionRules?: readonly { readonly type?: string; readonly everySeconds?: number }[];
}

/**
 * InfluxDB 2.x (tried with 2.8): one bucket for each resolution. Questions go to its InfluxQL endpoint, which sees the
 * buckets `arung`, `arung/5m` and `arung/1h` as one database with three retention policies. InfluxDB 3 takes the same
 * writes; it is untested.
 * <https://docs.influxdata.com/influxdb/v2/api-guide/influxdb-1x/dbrp/>
 */
export class Influx2Server implements InfluxServer {
  readonly title: string;
  readonly #connection: Connection;
  readonly #org: string;
  readonly #bucket: string;
  readonly #retention: Retention;
  #orgId = '';
  #bucketIds: readonly string[] = [];

  constructor(options: Influx2Options, retention: Retention) {
    this.title = `InfluxDB 2 at ${options.url}`;
    this.#org = options.org;
    this.#bucket = options.bucket;
    this.#retention = retention;
    this.#connection = new Connection({
      title: this.title,
      url: options.url,
      authorization: `Token ${options.token}`,
    });
  }

  async write(tier: Tier, text: string): Promise<void> {
    const where = new URLSearchParams({
      org: this.#org,
      bucket: this.#bucketOf(tier),
      precision: tier === raw ? 'us' : 's',
    });
    await this.#connection.send({
      method: 'POST',
      path: `/api/v2/write?${where.toString()}`,
      body: text,
      type: 'text/plain; charset=utf-8',
      pack: true,
    });
  }

  query(statements: readonly string[]): Promise<readonly (readonly InfluxSeries[])[]> {
    const where = new URLSearchParams({ db: this.#bucket, epoch: 's', org: this.#org });
    return this.#connection.influxql(`/query?${where.toString()}`, statements);
  }

  async provision(): Promise<readonly string[]> {
    const done: string[] = [];
    this.#orgId = await this.#organisation(done);
    const ids: string[] = [];
    for (const tier of tiers) {
      const name = this.#bucketOf(tier);
      const rules = [{ type: 'expire', everySeconds: keptFor(tier, this.#retention) }];
      const found = await this.#find<Bucket>('buckets', { orgID: this.#orgId, name });
      if (found === null) {
        const made = await this.#post('buckets', { orgID: this.#orgId, name, retentionRules: rules });
        ids.push(made.id);
        done.push(`made the bucket ${name}`);
        continue;
      }
      ids.push(found.id);
      if ((found.retentionRules?.[0]?.everySeconds ?? 0) === rules[0]?.everySeconds) continue;
      await this.#connection.json({
        method: 'PATCH',
        path: `/api/v2/buckets/${found.id}`,
        body: JSON.stringify({ retentionRules: rules }),
      });
      done.push(`set the retention of the bucket ${name} to ${keptFor(tier, this.#retention)} s`);
    }
    this.#bucketIds = ids;
    return done;
  }

  async size(): Promise<{ readonly series: number; readonly bytes: number }> {
    if (this.#bucketIds.length === 0) await this.provision();
    const figures = await this.#connection.send({ method: 'GET', path: '/metrics' });
    let bytes = 0;
    let series = 0;
    for (const line of figures.split('\n')) {
      const found = /^storage_(shard_disk_size|bucket_series_num)\{(.*)\} (\S+)$/.exec(line);
      if (found === null) continue;
      const bucket = /bucket="([^"]*)"/.exec(found[2] ?? '')?.[1] ?? '';
      if (found[1] === 'shard_disk_size' && this.#bucketIds.includes(bucket)) bytes += Number(found[3]);
      if (found[1] === 'bucket_series_num' && bucket === this.#bucketIds[0]) series += Number(found[3]);
    }
    return { series, bytes };
  }

  close(): void {
    this.#connection.close();
  }

  #bucketOf(tier: Tier): string {
    return tier === raw ? this.#bucket : `${this.#bucket}/${tier.policy}`;
  }

  async #organisation(done: string[]): Promise<string> {
    const found = await this.#find<Named>('orgs', { org: this.#org });
    if (found !== null) return found.id;
    const made = await this.#post('orgs', { name: this.#org });
    done.push(`made the organisation ${this.#org}`);
    return made.id;
  }

  /** The first of a list with that name; null when the server says that there is none. */
  async #find<T extends Named>(what: 'orgs' | 'buckets', by: Readonly<Record<string, string>>): Promise<T | null> {
    try {
      const path = `/api/v2/${what}?${new URLSearchParams(by).toString()}`;
      const answer = (await this.#connection.json({ method: 'GET', path })) as Record<string, readonly T[] | undefined>;
      return answer[what]?.[0] ?? null;
    } catch (error) {
      if (error instanceof ArungError && error.code === 'metrics.influx-missing') return null;
      throw error;
    }
  }

  async #post(what: 'orgs' | 'buckets', body: Readonly<Record<string, unknown>>): Promise<Named> {
    const path = `/api/v2/${what}`;
    return (await this.#connection.json({ method: 'POST', path, body: JSON.stringify(body) })) as Named;
  }
}
