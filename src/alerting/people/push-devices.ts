import { createHash } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import type { Change, Changes } from '../../database/collection/changes.ts';
import type { Database } from '../../database/tables.ts';
import type { Access } from '../../domain/access.ts';
import { ArungError } from '../../domain/errors.ts';
import type { ChannelId, PersonId } from '../../domain/ids.ts';
import type { PersonChannel } from '../../domain/person.ts';
import { ChannelError } from '../channels/channel.ts';
import { subscriptionOf, type PushSubscription } from '../channels/web-push.ts';
import { writeChannels } from './people.ts';

/** A browser of a person that takes push messages. */
export interface PushDevice {
  /** Of its endpoint, which is a secret of its own: who has it may send there. See `deviceIdOf`. */
  readonly id: string;
  readonly channelId: ChannelId;
  /** Whose push service it is: `fcm.googleapis.com`. */
  readonly service: string;
}

/** What a reader needs to subscribe: the channel with its key, the person that they are, and the browsers that they have. */
export interface PushDesk {
  readonly person: { readonly id: PersonId; readonly name: string } | null;
  readonly channel: { readonly id: ChannelId; readonly name: string; readonly publicKey: string } | null;
  readonly devices: PushDevice[];
}

/** As many ways as a person may have. */
const mostWays = 10;

/**
 * Browsers that a user lets be told over web push, as ways of the person that this user is. Everybody does so for
 * themselves alone, and needs no right to write people for it.
 */
export class PushDevices {
  readonly #db: Kysely<Database>;
  readonly #changes: Changes;

  constructor(options: { readonly db: Kysely<Database>; readonly changes: Changes }) {
    this.#db = options.db;
    this.#changes = options.changes;
  }

  async list(access: Access): Promise<PushDesk> {
    const person = await personOf(this.#db, access);
    const channel = await pushChannel(this.#db);
    if (person === null) return { person: null, channel, devices: [] };
    const ways = await waysOf(this.#db, person.id);
    return { person, channel, devices: ways.flatMap((way) => deviceOf(way) ?? []) };
  }

  /** The newest browser becomes the first way; one that is there already stays where it is. */
  async add(access: Access, subscription: PushSubscription): Promise<PushDevice> {
    const address = addressOf(subscription);
    return this.#write(access, async (change, person) => {
      const channel = await pushChannel(change.trx);
      if (channel === null) {
        throw new ArungError('conflict', 'There is no web push channel that is on: an administrator makes one.', {
          code: 'push.no-channel',
        });
      }
      const way = { channelId: channel.id, address };
      const device = deviceOf(way) ?? invalid();
      const others = (await waysOf(change.trx, person.id)).filter((one) => deviceOf(one)?.id !== device.id);
      if (others.length >= mostWays) {
        throw new ArungError('conflict', `You are told in ${mostWays} ways already: take one of them away first.`, {
          code: 'push.too-many',
          arguments: { most: mostWays },
        });
      }
      await writeChannels(change, person.id, [way, ...others]);
      return { device, before: null, after: device };
    });
  }

  /** Nothing is sent there any more; throws where it is no browser of the reader's. */
  async remove(access: Access, id: string): Promise<void> {
    await this.#write(access, async (change, person) => {
      const ways = await waysOf(change.trx, person.id);
      const device = ways.map(deviceOf).find((one) => one?.id === id);
      if (device === undefined || device === null) throw notThere();
      const left = ways.filter((one) => deviceOf(one)?.id !== id);
      await writeChannels(change, person.id, left);
      return { device, before: device, after: null };
    });
  }

  /** Where a test goes: the way of one of the reader's own browsers. */
  async wayOf(access: Access, id: string): Promise<PersonChannel> {
    const person = await personOf(this.#db, access);
    const ways = person === null ? [] : await waysOf(this.#db, person.id);
    const way = ways.find((one) => deviceOf(one)?.id === id);
    if (way === undefined) throw notThere();
    return way;
  }

  async #write(
    access: Access,
    work: (
      change: Change,
      person: { id: PersonId; name: string },
    ) => Promise<{ device: PushDevice; before: PushDevice | null; after: PushDevice | null }>,
  ): Promise<PushDevice> {
    return this.#changes.run(access, undefined, async (change) => {
      const person = await personOf(change.trx, access);
      if (person === null) {
        throw new ArungError(
          'conflict',
          'Your user is no person who is told of incidents: who keeps the duty page links the two.',
          { code: 'push.no-person' },
        );
      }
      await change.trx.selectFrom('people').select('id').where('id', '=', person.id).forUpdate().execute();
      const { device, before, after } = await work(change, person);
      await change.trx
        .updateTable('people')
        .set({ version: sql`version + 1` })
        .where('id', '=', person.id)
        .execute();
      change.record({
        action: 'update',
        entityKind: 'person',
        entityId: person.id,
        entityName: person.name,
        regionCode: null,
        before: { pushDevice: before },
        after: { pushDevice: after },
      });
      return device;
    });
  }
}

/** Says which browser without giving away its endpoint: the beginning of its SHA-256. A browser can make it, too. */
export function deviceIdOf(endpoint: string): string {
  return createHash('sha256').update(endpoint).digest('base64url').slice(0, 22);
}

/** Null for a way that is no push subscription. */
function deviceOf({ channelId, address }: PersonChannel): PushDevice | null {
  if (!address.startsWith('{')) return null;
  try {
    const { endpoint } = subscriptionOf(address);
    return { id: deviceIdOf(endpoint), channelId, service: new URL(endpoint).host };
  } catch (error) {
    if (error instanceof ChannelError) return null;
    throw error;
  }
}

function addressOf({ endpoint, keys: { p256dh, auth } }: PushSubscription): string {
  const address = JSON.stringify({ endpoint, keys: { p256dh, auth } });
  try {
    subscriptionOf(address);
    return address;
  } catch (error) {
    if (error instanceof ChannelError) return invalid();
    throw error;
  }
}

async function pushChannel(db: Kysely<Database>): Promise<PushDesk['channel']> {
  const row = await db
    .selectFrom('channels')
    .select(['id', 'name', 'settings'])
    .where('kind', '=', 'web-push')
    .where('enabled', '=', true)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  const publicKey = row?.settings['publicKey'];
  return row === undefined || typeof publicKey !== 'string' ? null : { id: row.id, name: row.name, publicKey };
}

async function personOf(db: Kysely<Database>, { id }: Access): Promise<{ id: PersonId; name: string } | null> {
  if (id === null) return null;
  const row = await db.selectFrom('people').select(['id', 'name']).where('user_id', '=', id).executeTakeFirst();
  return row ?? null;
}

async function waysOf(db: Kysely<Database>, id: PersonId): Promise<readonly PersonChannel[]> {
  const rows = await db
    .selectFrom('person_channels')
    .select(['channel_id', 'address'])
    .where('person_id', '=', id)
    .orderBy('position')
    .execute();
  return rows.map((row) => ({ channelId: row.channel_id, address: row.address }));
}

function invalid(): never {
  throw new ArungError('invalid', 'This is no push subscription of a browser: subscribe again.', {
    code: 'push.bad-subscription',
  });
}

function notThere(): ArungError {
  return new ArungError('not-found', 'This browser is none of yours, or was removed before.', {
    code: 'push.not-found',
  });
}
