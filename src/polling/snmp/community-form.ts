import { encodeInteger, encodeTlv, Tag } from './ber.ts';
import {
  encodePdu,
  type BulkRange,
  type MessageForm,
  type RequestPacket,
  type RequestType,
  type Verdict,
} from './request.ts';
import type { ResponseReader } from './response.ts';

/** SNMPv1 (RFC 1157) and v2c (RFC 1901): a community in clear before the PDU. */
export class CommunityForm implements MessageForm {
  readonly version: 'v1' | 'v2c';
  readonly number: number;
  readonly refusal = null;
  readonly sharesPackets = true;
  readonly #community: Buffer;

  constructor(version: 'v1' | 'v2c', community: string) {
    this.version = version;
    this.number = version === 'v1' ? 0 : 1;
    this.#community = Buffer.from(community, 'utf8');
  }

  get overheadBytes(): number {
    return this.#community.length;
  }

  encode(type: RequestType, oids: readonly Uint8Array[], bulk?: BulkRange): RequestPacket {
    const head = [encodeInteger(this.number), encodeTlv(Tag.octetString, this.#community)];
    return encodePdu({ type, oids, bulk, wrap: (pdu) => encodeTlv(Tag.sequence, ...head, pdu) });
  }

  prepare(packet: RequestPacket, requestId: number): Buffer {
    packet.bytes.writeInt32BE(requestId, packet.requestIdAt);
    return packet.bytes;
  }

  accept(datagram: Buffer, reader: ResponseReader): Verdict {
    if (reader.version !== this.number) return 'version';
    return reader.hasCommunity(datagram, this.#community) ? 'ok' : 'community';
  }

  unanswered(): void {
    // A community's owner that is silent tells nothing more by being asked otherwise.
  }
}
