import { createSocket } from 'node:dgram';
import { randomInt } from 'node:crypto';
import { connect, isIPv6 } from 'node:net';
import type { Clock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import type { PollTarget } from '../domain/plan.ts';
import { encodeInteger, encodeOid, encodeTlv, Tag } from './snmp/ber.ts';
import { messageForm, type MessageForm } from './snmp/request.ts';
import { ResponseReader } from './snmp/response.ts';

/** Why a device does not answer, as far as packets can tell. */
export interface Diagnosis {
  readonly cause:
    | 'none' // it answers
    | 'credential' // address or credential of the inventory cannot be polled with
    | 'refused' // the host says that nothing listens on the port
    | 'no-route' // this machine or a router has no way to it
    | 'community' // an SNMP agent is there and does not answer this community
    | 'version' // it answers the other version of SNMP
    | 'snmp-silent' // the host lives, its SNMP agent does not answer
    | 'timeout'; // nothing at all comes back
  /** What was found and what to do. */
  readonly message: string;
  readonly place: string;
  readonly rttMs: number | null;
}

const sysUpTime = encodeOid('1.3.6.1.2.1.1.3.0');
const tries = 3;
/** Of the questions after silence, which are asked at the same time. */
const laterTries = 2;
const tryMs = 1_500;
const tcpPorts = [22, 443, 80, 23, 8291];

/**
 * Asks from sockets of its own that are connected to the device, since only such a socket is told of ICMP errors. After
 * silence it looks for other signs of life: SNMPv3 discovery, which needs no secret, the other version, and TCP.
 */
export async function diagnose(target: PollTarget, clock: Clock): Promise<Diagnosis> {
  const port = target.port === 0 ? 161 : target.port;
  const place = isIPv6(target.address) ? `[${target.address}]:${port}` : `${target.address}:${port}`;
  const who = `${target.name} (${place})`;
  const found = (cause: Diagnosis['cause'], message: string, rttMs: number | null = null): Diagnosis => ({
    cause,
    message,
    place,
    rttMs,
  });

  let form: MessageForm;
  try {
    form = messageForm(target.name, target.secret);
  } catch (error) {
    if (!(error instanceof ArungError)) throw error;
    return found('credential', error.message);
  }

  const asked = await ask({
    clock,
    address: target.address,
    port,
    request: getRequest(form),
    version: form.number,
    tries,
  });
  if (asked.kind === 'answer') {
    return found('none', `${who} answers in ${asked.rttMs.toFixed(1)} ms.`, asked.rttMs);
  }
  if (asked.kind === 'error') {
    if (asked.code === 'ECONNREFUSED') {
      return found('refused', `${who} refuses: nothing listens on UDP ${port}. Turn SNMP on, or mend the port.`);
    }
    return found('no-route', `There is no way to ${who} (${asked.code}): check routes and firewall from this machine.`);
  }

  const other = otherVersion(target, form);
  const [discovered, otherAsked, tcp] = await Promise.all([
    ask({ clock, address: target.address, port, request: discovery(), version: 3, tries: laterTries }),
    ask({ clock, address: target.address, port, request: getRequest(other), version: other.number, tries: laterTries }),
    livesByTcp(target.address),
  ]);
  if (otherAsked.kind === 'answer') {
    return found(
      'version',
      `${who} answers SNMP ${other.version} only: give it a credential of kind snmp-${other.version}.`,
    );
  }
  if (discovered.kind === 'answer') {
    return found(
      'community',
      `${who} runs an SNMP agent, but does not answer this community: check the community, and that this machine's address is allowed to read.`,
    );
  }
  if (tcp) {
    return found(
      'snmp-silent',
      `${target.name} (${target.address}) is there, but SNMP on UDP ${port} does not answer: check that SNMP is on, its list of allowed addresses, the community, and firewalls on UDP ${port}.`,
    );
  }
  return found(
    'timeout',
    `Nothing comes back from ${who} after ${tries} tries of ${tryMs / 1000} s: check power and uplink, the address, and firewalls on UDP ${port}.`,
  );
}

function getRequest(form: MessageForm): Buffer {
  const packet = form.encode(Tag.get, [sysUpTime]);
  return Buffer.from(form.prepare(packet, randomInt(0x01000000, 0x7fffffff)));
}

function otherVersion(target: PollTarget, form: MessageForm): MessageForm {
  const kind = form.version === 'v1' ? 'snmp-v2c' : 'snmp-v1';
  return messageForm(target.name, { kind, community: form.community.toString('utf8') });
}

/** RFC 3414, section 4: a request without user or engine id, which every SNMPv3 agent answers with a Report. */
function discovery(): Buffer {
  const empty = encodeTlv(Tag.octetString);
  const flags = encodeTlv(Tag.octetString, Buffer.from([0x04]));
  const head = encodeTlv(
    Tag.sequence,
    encodeInteger(randomInt(1, 0x7fffffff)),
    encodeInteger(65_507),
    flags,
    encodeInteger(3),
  );
  const security = encodeTlv(Tag.sequence, empty, encodeInteger(0), encodeInteger(0), empty, empty, empty);
  const pdu = encodeTlv(Tag.get, encodeInteger(1), encodeInteger(0), encodeInteger(0), encodeTlv(Tag.sequence));
  return encodeTlv(
    Tag.sequence,
    encodeInteger(3),
    head,
    encodeTlv(Tag.octetString, security),
    encodeTlv(Tag.sequence, empty, empty, pdu),
  );
}

type Asked =
  | { readonly kind: 'answer'; readonly rttMs: number }
  | { readonly kind: 'error'; readonly code: string }
  | { readonly kind: 'silence' };

function ask(question: {
  readonly clock: Clock;
  readonly address: string;
  readonly port: number;
  readonly request: Buffer;
  readonly version: number;
  readonly tries: number;
}): Promise<Asked> {
  const { clock, address, port, request, version } = question;
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const reader = new ResponseReader();
    let sends = 0;
    let sentAt = 0;
    let timer: NodeJS.Timeout | undefined;
    const end = (asked: Asked): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.close();
      resolve(asked);
    };
    const next = (): void => {
      if (sends === question.tries) {
        end({ kind: 'silence' });
        return;
      }
      sends += 1;
      sentAt = clock.monotonic();
      socket.send(request, (error) => {
        if (error !== null) end({ kind: 'error', code: codeOf(error) });
      });
      timer = setTimeout(next, tryMs);
    };
    socket.on('error', (error) => end({ kind: 'error', code: codeOf(error) }));
    socket.on('message', (datagram) => {
      const result = reader.open(datagram);
      const matches =
        version === 3 ? result === 'version' && reader.version === 3 : result === 'ok' && reader.version === version;
      if (matches) end({ kind: 'answer', rttMs: clock.monotonic() - sentAt });
    });
    socket.on('connect', next);
    socket.connect(port, address);
  });
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}

/** A host that accepts or refuses a TCP connection lives. */
async function livesByTcp(address: string): Promise<boolean> {
  const tests = tcpPorts.map(
    (port) =>
      new Promise<void>((resolve, reject) => {
        const socket = connect({ host: address, port, timeout: 2_000 });
        socket.on('connect', () => {
          socket.destroy();
          resolve();
        });
        socket.on('timeout', () => {
          socket.destroy();
          reject(new Error('timeout'));
        });
        socket.on('error', (error) => (codeOf(error) === 'ECONNREFUSED' ? resolve() : reject(error)));
      }),
  );
  try {
    await Promise.any(tests);
    return true;
  } catch {
    return false;
  }
}
