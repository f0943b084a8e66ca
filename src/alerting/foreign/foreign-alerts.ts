import { sql, type Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../../database/tables.ts';
import { alertKey, severities, type Alert, type RuleAlerts, type Subject } from '../../domain/alert.ts';
import type { Clock } from '../../domain/clock.ts';
import type { ChannelId } from '../../domain/ids.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import { Rounds } from '../../domain/rounds.ts';
import { namedThing, textsThatName, type NamedThings } from './named-thing.ts';

/** An alert of another program, as its channel hands it on (`channels/channel.ts`). */
export interface TakenAlert {
  readonly fingerprint: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly severity: Alert['severity'];
  /** Milliseconds since the epoch. */
  readonly startsAt: number;
  /** Null while it holds. */
  readonly endsAt: number | null;
}

export interface ForeignAlertsOptions {
  readonly db: Kysely<Database>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What another controller took is found by this look. */
  readonly everyMs?: number;
}

/** A program repeats what holds (Alertmanager: every 4 hours); what it is silent of for so long is over. */
export const forgottenAfterMs = 24 * 3_600_000;
/** So long an end is remembered: a repeat that comes late begins nothing. */
const keptAfterEndMs = 7 * 86_400_000;
const mostAlerts = 2_000;

type Row = Awaited<ReturnType<typeof readRows>>[number];

/**
 * What other programs say that holds, as alerts of what their labels name. Kept in PostgreSQL: it holds over a restart,
 * and whichever controller was called, the one that decides knows it.
 */
export class ForeignAlerts implements RuleAlerts, LongLived {
  readonly name = 'alerts of other programs';
  readonly #options: ForeignAlertsOptions;
  readonly #listeners = new Set<() => void>();
  #current: readonly Alert[] = [];
  readonly #rounds: Rounds;
  #reading: Promise<void> = Promise.resolve();

  constructor(options: ForeignAlertsOptions) {
    this.#options = options;
    this.#rounds = new Rounds({
      run: () => this.refresh(),
      failed: (error) =>
        options.logger.debug({ err: error }, 'alerts of other programs could not be read; tried again'),
      everyMs: options.everyMs ?? 3_000,
    });
  }

  async start(): Promise<void> {
    await this.refresh();
    this.#rounds.start();
  }

  async stop(): Promise<void> {
    await this.#rounds.stop();
    await this.#reading.catch(() => undefined);
  }

  current(): readonly Alert[] {
    return this.#current;
  }

  onChange(wake: () => void): () => void {
    this.#listeners.add(wake);
    return () => this.#listeners.delete(wake);
  }

  /** Keeps what a program told; resolves when it is kept. A repeat changes nothing, an older word neither. */
  async take(channelId: ChannelId, alert: TakenAlert): Promise<void> {
    const { db, clock } = this.#options;
    const now = new Date(clock.now());
    const { fingerprint, name, summary, severity, labels } = alert;
    const told = {
      name,
      summary,
      severity,
      labels: JSON.stringify(labels),
      starts_at: new Date(alert.startsAt),
      ended_at: alert.endsAt === null ? null : new Date(Math.min(alert.endsAt, now.getTime())),
      seen_at: now,
    };
    await db
      .insertInto('foreign_alerts')
      .values({ channel_id: channelId, fingerprint, ...told })
      .onConflict((conflict) =>
        conflict
          .columns(['channel_id', 'fingerprint'])
          .doUpdateSet(told)
          // Messages may overtake each other: what ended holds again only when it began anew.
          .where((eb) =>
            eb.or([
              eb('foreign_alerts.starts_at', '<', told.starts_at),
              eb.and([
                eb('foreign_alerts.starts_at', '=', told.starts_at),
                eb.or([eb('foreign_alerts.ended_at', 'is', null), eb.val(told.ended_at !== null)]),
              ]),
            ]),
          ),
      )
      .execute();
    await this.refresh();
  }

  /** Looks now; rejects when it cannot. One look after the other. */
  refresh(): Promise<void> {
    this.#reading = this.#reading.catch(() => undefined).then(() => this.#read());
    return this.#reading;
  }

  async #read(): Promise<void> {
    const { db, clock } = this.#options;
    const now = clock.now();
    const rows = await readRows(db, now);
    const things = rows.length === 0 ? nothing : await readThings(db, rows);
    const alerts = alertsOf(rows, things);
    if (JSON.stringify(alerts) === JSON.stringify(this.#current)) return;
    this.#current = alerts;
    await db
      .deleteFrom('foreign_alerts')
      .where('seen_at', '<', new Date(now - keptAfterEndMs))
      .execute();
    for (const wake of this.#listeners) wake();
  }
}

function readRows(db: Kysely<Database>, now: number) {
  return db
    .selectFrom('foreign_alerts')
    .innerJoin('channels', 'channels.id', 'foreign_alerts.channel_id')
    .select([
      'foreign_alerts.name',
      'foreign_alerts.labels',
      'foreign_alerts.summary',
      'foreign_alerts.severity',
      'foreign_alerts.starts_at as startsAt',
      'channels.id as channelId',
      'channels.name as channel',
      'channels.kind as kind',
    ])
    .where('foreign_alerts.ended_at', 'is', null)
    .where('foreign_alerts.seen_at', '>', new Date(now - forgottenAfterMs))
    .where('channels.enabled', '=', true)
    .orderBy('foreign_alerts.starts_at')
    .orderBy('foreign_alerts.fingerprint')
    .limit(mostAlerts)
    .execute();
}

const nothing: NamedThings = { devices: new Map(), addresses: new Map(), sites: new Map(), links: new Map() };

/** Of the inventory, what these alerts may name. */
async function readThings(db: Kysely<Database>, rows: readonly Row[]): Promise<NamedThings> {
  const texts = [...new Set(rows.flatMap(({ labels }) => textsThatName(labels)))];
  if (texts.length === 0) return nothing;
  const named = (column: string) => sql<boolean>`lower(${sql.ref(column)}) = any(${texts}::text[])`;
  const [devices, sites, links] = await Promise.all([
    db
      .selectFrom('devices')
      .select(['id', 'name', 'address'])
      .where((eb) => eb.or([named('name'), named('address')]))
      .execute(),
    db
      .selectFrom('sites')
      .select(['id', 'name', 'code'])
      .where((eb) => eb.or([named('name'), named('code')]))
      .execute(),
    db.selectFrom('links').select(['id', 'name']).where(named('name')).execute(),
  ]);
  return {
    devices: byText(devices, ({ name }) => [name]),
    addresses: byText(devices, ({ address }) => [address]),
    sites: byText(sites, ({ name, code }) => [name, code]),
    links: byText(links, ({ name }) => [name]),
  };
}

function byText<Thing extends { readonly id: string; readonly name: string }>(
  things: readonly Thing[],
  textsOf: (thing: Thing) => readonly string[],
): ReadonlyMap<string, { readonly id: Thing['id']; readonly name: string }> {
  const found = new Map<string, Thing | null>();
  for (const thing of things) {
    for (const text of new Set(textsOf(thing).map((one) => one.toLowerCase()))) {
      if (text === '') continue;
      const other = found.get(text);
      found.set(text, other === undefined || other?.id === thing.id ? thing : null);
    }
  }
  return new Map([...found].flatMap(([text, thing]) => (thing === null ? [] : [[text, plain(thing)] as const])));
}

function plain<Thing extends { readonly id: string; readonly name: string }>({ id, name }: Thing) {
  return { id: id as Thing['id'], name };
}

/** One alert for each name and thing, as with rules: of several the first, as severe as the worst of them. */
function alertsOf(rows: readonly Row[], things: NamedThings): readonly Alert[] {
  const alerts = new Map<string, Alert>();
  for (const row of rows) {
    const { labels, kind, channel, summary } = row;
    const subject = namedThing(labels, things) ?? unnamed(row);
    const rule = `${kind}/${row.name}`;
    const key = alertKey(rule, subject);
    const other = alerts.get(key);
    const severity = severities.find((one) => one === row.severity || one === other?.severity) ?? row.severity;
    const said = { key: 'foreign.said', arguments: { program: channel, summary: summary === '' ? null : summary } };
    const first = other ?? { key, rule, subject, since: row.startsAt.getTime(), cause: null, evidence: [said] };
    alerts.set(key, { ...first, severity });
  }
  return [...alerts.values()];
}

/** Of nothing that the inventory has: known to who answers for the most, by what the program calls it. */
function unnamed({ channelId, channel, labels }: Row): Subject {
  const name = labels['instance'] ?? labels['job'] ?? channel;
  return { kind: 'controller', id: `program:${channelId}:${name}`, name };
}
