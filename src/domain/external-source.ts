import type { AgentId, DeviceId } from './ids.ts';

/**
 * Who hands in points of things that no agent of ours reads, such as a Telegraf: an agent of the inventory over MQTT, or
 * a token over HTTP, which is bound to a region (null: everywhere). It speaks of its own things only: another's of the
 * same name is another source.
 */
export type Origin =
  | { readonly kind: 'agent'; readonly agentId: AgentId; readonly name: string }
  | { readonly kind: 'token'; readonly regionCode: string | null; readonly name: string };

/** What a point is about, as its publisher names it: `agent_host=10.73.2.17`, read by the Telegraf on `publisher`. */
export interface SourceIdentity {
  readonly tag: string;
  readonly value: string;
  /** The `host` tag; empty where there is none. */
  readonly publisher: string;
}

/** `accepted` stands for a device; `proposed` waits for somebody to say; of `ignored` nothing is kept. */
export type SourceState = 'accepted' | 'proposed' | 'ignored';

export interface KnownSource {
  readonly id: DeviceId;
  readonly state: SourceState;
  /** What its series are tagged with: the device, or its own id, which a device made from it takes over. */
  readonly deviceId: DeviceId;
  /** Nothing else looks whether the device lives. */
  readonly watched: boolean;
  /** Learned before: how often it speaks, in seconds; null when that is not known yet. */
  readonly intervalS: number | null;
  readonly identity: SourceIdentity;
  readonly origin: string;
}

/** Names an origin and a source within it. */
export function originKey(origin: Origin): string {
  return origin.kind === 'agent' ? `agent ${origin.agentId}` : `region ${origin.regionCode ?? ''}`;
}
export function sourceKey(identity: Pick<SourceIdentity, 'tag' | 'value'>): string {
  return `${identity.tag}=${identity.value}`;
}

/** What became known of a source since the last note. */
export interface SourceNews {
  readonly id: DeviceId;
  /** Milliseconds since the epoch. */
  readonly lastSeen: number;
  readonly intervalS: number | null;
  readonly measurements: readonly string[];
}

/** Where sources are looked up and kept. */
export interface SourceDirectory {
  /** By `sourceKey`; new ones are kept before this resolves. One that is missing found no room: there are too many. */
  resolve(origin: Origin, identities: readonly SourceIdentity[]): Promise<ReadonlyMap<string, KnownSource>>;
  /** Every accepted source whose device nothing else watches. */
  watched(): readonly KnownSource[];
  note(news: readonly SourceNews[]): Promise<void>;
}
