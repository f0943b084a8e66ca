import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { systemClock as clock } from '../../domain/clock.ts';
import { oneByOne, type Turn } from './one-by-one.ts';
import { notUp, up, type ProbeOutcome } from './probe.ts';

export interface NtpCheck {
  readonly kind: 'ntp';
  readonly host: string;
  readonly port?: number;
  /** A clock further away from ours is degraded; 1000 when not given. */
  readonly mostOffsetMs?: number;
}

/** Seconds from 1900, where NTP begins, to 1970. */
const ntpToUnixS = 2_208_988_800;
/** NTP's seconds begin again on 2036-02-07 (RFC 4330, section 3). */
const eraS = 2 ** 32;

/**
 * Asks for the time with SNTP (RFC 4330): one packet of 48 bytes there and one back. Instead of our time it carries a
 * random number, so that only an answer to this question is taken (draft-ietf-ntp-data-minimization).
 */
export const ntpProbe = oneByOne<NtpCheck>(async (check: NtpCheck, { signal }: Turn): Promise<ProbeOutcome> => {
  const { address, family } = await lookup(check.host);
  // A name server may take longer than the probe has: nobody would close the socket.
  signal.throwIfAborted();
  const port = check.port ?? 123;
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  const nonce = randomBytes(8);
  const question = Buffer.alloc(48);
  question[0] = 0b00_100_011; // version 4, client
  nonce.copy(question, 40);
  try {
    return await new Promise<ProbeOutcome>((resolve, reject) => {
      let sentAt = 0;
      let sentMono = 0;
      signal.addEventListener('abort', () => reject(new Error('over')), { once: true });
      socket.on('error', reject);
      socket.on('message', (answer) => {
        const tookMs = clock.monotonic() - sentMono;
        const outcome = read(answer, nonce, { sentAt, tookMs, mostOffsetMs: check.mostOffsetMs ?? 1_000 });
        if (outcome !== null) resolve(outcome);
      });
      // A connected socket hears nobody else, and hears that the port is closed.
      socket.connect(port, address, () => {
        sentAt = clock.now();
        sentMono = clock.monotonic();
        socket.send(question);
      });
    });
  } finally {
    socket.close();
  }
});

function read(
  answer: Buffer,
  nonce: Buffer,
  given: { sentAt: number; tookMs: number; mostOffsetMs: number },
): ProbeOutcome | null {
  if (answer.length < 48 || (answer.readUInt8(0) & 0b111) !== 4) return null;
  if (!answer.subarray(24, 32).equals(nonce)) return null;
  const leap = answer.readUInt8(0) >> 6;
  const stratum = answer.readUInt8(1);
  const values = { total_ms: given.tookMs };
  if (stratum === 0)
    return notUp('down', 'ntp-refused', { code: answer.toString('latin1', 12, 16).replace(/\W/g, '') }, values);
  if (leap === 3 || stratum > 15) return notUp('down', 'ntp-unsynchronised', {}, values);
  const receivedAt = timeOf(answer, 32, given.sentAt);
  const answeredAt = timeOf(answer, 40, given.sentAt);
  const offset = (receivedAt - given.sentAt + (answeredAt - (given.sentAt + given.tookMs))) / 2;
  const all = { ...values, offset_ms: offset, value: stratum };
  if (Math.abs(offset) > given.mostOffsetMs)
    return notUp('degraded', 'ntp-offset', { ms: Math.round(offset), limit: given.mostOffsetMs }, all);
  return up(all);
}

/** Milliseconds since 1970, in the era of NTP that is nearest to our own time. */
function timeOf(packet: Buffer, at: number, nearMs: number): number {
  const seconds = packet.readUInt32BE(at) - ntpToUnixS;
  const era = Math.round((nearMs / 1000 - seconds) / eraS);
  return (seconds + era * eraS) * 1000 + (packet.readUInt32BE(at + 4) / 2 ** 32) * 1000;
}
