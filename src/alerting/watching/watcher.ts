import type { Logger } from 'pino';
import type { Clock } from '../../domain/clock.ts';
import { idFrom } from '../../domain/id-from.ts';
import type { ChannelId, IncidentId, NoticeId } from '../../domain/ids.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import { ChannelError, type Channel, type OutgoingMessage } from '../channels/channel.ts';
import { kindOf } from '../channels/channels.ts';
import { contentAt } from '../delivery/test-message.ts';
import { lookAtArung, type Health } from './look.ts';
import type { WatchFile } from './watch-file.ts';
import type { Told, WatchMemory } from './watch-memory.ts';
import { watchWords } from './watch-words.ts';
import { Watched, type Settled } from './watched.ts';

export interface WatcherOptions {
  readonly file: WatchFile;
  readonly memory: WatchMemory;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Recipient {
  readonly way: WatchFile['tell'][number];
  readonly channel: Channel;
  /** The same over a restart. */
  readonly key: string;
}

const sendMs = 20_000;
/** What counts, where the file does not say: seconds. */
const defaults = { everyS: 15, deadAfterS: 60, impairedAfterS: 120, aliveAfterS: 15, timeZone: 'Asia/Makassar' };

/** Looks at Arungs from outside and tells when one is dead or impaired, and when it is alive again. */
export class Watcher implements LongLived {
  readonly name = 'watcher';
  readonly #options: WatcherOptions;
  readonly #settings: typeof defaults;
  readonly #watched: ReadonlyMap<string, Watched>;
  readonly #recipients: readonly Recipient[];
  #timer: NodeJS.Timeout | null = null;
  #round: Promise<void> = Promise.resolve();
  #running = false;

  constructor(options: WatcherOptions) {
    this.#options = options;
    const { watch, tell } = options.file;
    this.#settings = { ...defaults, ...definedOf(options.file) };
    this.#watched = new Map(watch.map(({ name }) => [name, new Watched(this.#settings)]));
    this.#recipients = tell.map((way) => this.#open(way));
  }

  async start(): Promise<void> {
    this.#running = true;
    this.#goOn(0);
  }

  async stop(): Promise<void> {
    this.#running = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#round;
    for (const { channel } of this.#recipients) await channel.close();
  }

  /** Looks at all of them once, and tells what is to be told. Never rejects. */
  async look(): Promise<ReadonlyMap<string, Health>> {
    const { file, clock } = this.#options;
    const looks = await Promise.all(
      file.watch.map(async (target) => {
        const health = await lookAtArung(target);
        const settled = this.#watched
          .get(target.name)
          ?.note(health, { at: clock.now(), monotonicMs: clock.monotonic() });
        return { name: target.name, health, settled: settled ?? null };
      }),
    );
    const told = looks.flatMap(({ name, settled }) =>
      settled === null ? [] : this.#recipients.map((recipient) => this.#tell(recipient, name, settled)),
    );
    await Promise.all(told);
    return new Map(looks.map(({ name, health }) => [name, health]));
  }

  /** A message to everyone, to see that it arrives; resolves with what went wrong, by recipient. */
  async test(): Promise<
    readonly { readonly kind: string; readonly address: string; readonly problem: string | null }[]
  > {
    const { clock } = this.#options;
    const health: Health = { state: 'alive' };
    return Promise.all(
      this.#recipients.map(async (recipient) => {
        const { kind, address } = recipient.way;
        const settled = { health, since: clock.now() };
        const message = this.#messageOf(recipient, 'uji / test', settled, null);
        const problem = await this.#send(recipient, { ...message, kind: 'test' }).then(
          () => null,
          (error: unknown) => (error instanceof ChannelError ? error.message : String(error)),
        );
        return { kind, address, problem };
      }),
    );
  }

  async #tell(recipient: Recipient, name: string, settled: Settled): Promise<void> {
    const { memory, logger } = this.#options;
    const key = `${name}\n${recipient.key}`;
    const told = memory.get(key);
    if ((told?.state ?? 'alive') === settled.health.state) return;
    try {
      const message = this.#messageOf(recipient, name, settled, told);
      const { externalId } = await this.#send(recipient, message);
      const { state } = settled.health;
      const outage = outageOf(told);
      const since = state === 'alive' ? settled.since : (outage?.since ?? settled.since);
      memory.set(key, { state, since, externalId: outage === null ? externalId : outage.externalId });
      logger.info({ name, state, kind: recipient.way.kind }, 'told of an Arung');
    } catch (error) {
      // The state as it is then is told at the next look.
      const reason = error instanceof Error ? error.message : 'unknown';
      logger.error({ name, kind: recipient.way.kind, reason }, 'a recipient could not be told; tried again');
    }
  }

  #messageOf({ way, key }: Recipient, name: string, settled: Settled, told: Told | null): OutgoingMessage {
    const { clock } = this.#options;
    const { health, since } = settled;
    const isOver = health.state === 'alive';
    const outage = outageOf(told);
    const began = outage?.since ?? since;
    const lastedS = isOver ? Math.max(0, Math.round((since - began) / 1_000)) : null;
    const { language = 'id' } = way;
    const { title, text } = watchWords({ name, health, since, lastedS }, language, this.#settings.timeZone);
    const incidentId = idFrom<IncidentId>(name, key, String(began));
    const kind = isOver ? 'resolved' : outage === null ? 'opened' : 'revised';
    return {
      id: idFrom<NoticeId>(name, key, health.state, String(since)),
      kind,
      address: way.address,
      personName: way.name ?? '',
      language,
      title,
      text,
      content: {
        ...contentAt(clock.now()),
        incidentId,
        severity: health.state === 'dead' ? 'critical' : 'warning',
        cause: { kind: 'controller', id: 'arung', name, reason: 'silent', since: began, certainty: 1 },
        since: began,
        lastedS,
      },
      decidedAt: clock.now(),
      link: null,
      mapLink: null,
      actions: [],
      thread: { incidentId, externalId: outage?.externalId ?? null },
      maybeTwice: false,
    };
  }

  #send({ channel }: Recipient, message: OutgoingMessage) {
    return channel.send(message, AbortSignal.timeout(sendMs));
  }

  #open(way: WatchFile['tell'][number]): Recipient {
    const { clock, logger, file } = this.#options;
    const kind = kindOf(way.kind);
    if (kind === null) throw new Error(`there is no channel ${way.kind}`);
    const key = `${way.kind} ${way.address}`;
    const context = {
      id: idFrom<ChannelId>(key),
      name: way.kind,
      logger,
      publicUrl: file.watch[0]?.url ?? '',
      clock,
    };
    return { way, key, channel: kind.open(way.settings ?? {}, way.secrets ?? {}, context) };
  }

  #goOn(delayMs: number): void {
    if (!this.#running) return;
    this.#timer = setTimeout(() => {
      this.#round = this.look().then(() => this.#goOn(this.#settings.everyS * 1_000));
    }, delayMs);
  }
}

/** The outage that somebody was told of and that is not over; null where there is none. */
function outageOf(told: Told | null): Told | null {
  return told === null || told.state === 'alive' ? null : told;
}

/** What a file says of these settings. */
function definedOf(file: WatchFile): Partial<typeof defaults> {
  const names = Object.keys(defaults) as (keyof typeof defaults)[];
  return Object.fromEntries(names.flatMap((name) => (file[name] === undefined ? [] : [[name, file[name]]])));
}
