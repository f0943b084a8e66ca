import { createSocket } from 'node:dgram';
import { randomInt } from 'node:crypto';
import { connect, isIPv6 } from 'node:net';
import type { Clock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import type { PollTarget } from '../domain/plan.ts';
import type { CredentialSecret } from '../domain/device.ts';
import { problemOfRefusal, type PollProblem } from './refusal.ts';
import { encodeOid, Tag } from './snmp/ber.ts';
import { CommunityForm } from './snmp/community-form.ts';
import { messageForm } from './snmp/message-form.ts';
import type { MessageForm, Verdict } from './snmp/request.ts';
import { ResponseReader } from './snmp/response.ts';
import { UserForm } from './snmp/user-form.ts';
import { discoveryMessage } from './snmp/user-message.ts';

/** Why a device does not answer, as far as packets can tell. */
export interface Diagnosis {
  readonly cause:
    | 'none' // it answers
    | 'credential' // address or credential of the inventory cannot be polled with
    | 'refused' // the host says that nothing listens on the port
    | 'no-route' // this machine or a router has no way to it
    | 'community' // an SNMP agent is there and does not answer this community
    | 'user' // it refuses the SNMPv3 user: name, key, level
    | 'version' // it answers the other version of SNMP
    | 'snmp-silent' // the host lives, its SNMP agent does not answer
    | 'timeout'; // nothing at all comes back
  /** What was found and what to do. */
  readonly message: string;
  /** Stable name of that sentence, and what it names. */
  readonly code: string;
  readonly arguments: PollProblem['arguments'];
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
  const named = { device: target.name, place, port: String(port) };
  const because = (cause: Diagnosis['cause'], problem: PollProblem, rttMs: number | null = null): Diagnosis => ({
    cause,
    message: problem.message,
    code: problem.code,
    arguments: problem.arguments,
    place,
    rttMs,
  });
  const found = (cause: Diagnosis['cause'], code: string, message: string, more: PollProblem['arguments'] = {}) =>
    because(cause, { code, message, arguments: { ...named, ...more } });

  let form: MessageForm;
  try {
    form = messageForm(target.name, target.secret);
  } catch (error) {
    if (!(error instanceof ArungError)) throw error;
    return because('credential', error);
  }

  const to = { clock, address: target.address, port };
  const asked = await ask({ ...to, question: getQuestion(form), tries });
  if (asked.kind === 'answer') {
    const ms = Math.max(0.1, Math.round(asked.rttMs * 10) / 10);
    const message = `${who} answers in ${ms} ms.`;
    return because('none', { code: 'polling.answers', message, arguments: { ...named, ms } }, asked.rttMs);
  }
  if (asked.kind === 'refusal' && form.refusal !== null) {
    return because('user', problemOfRefusal({ name: target.name, place }, form.refusal), asked.rttMs);
  }
  if (asked.kind === 'error') {
    if (asked.code === 'ECONNREFUSED') {
      return found(
        'refused',
        'polling.refused',
        `${who} refuses: nothing listens on UDP ${port}. Turn SNMP on, or mend the port.`,
      );
    }
    return found(
      'no-route',
      'polling.no-route',
      `There is no way to ${who} (${asked.code}): check routes and firewall from this machine.`,
      { reason: asked.code },
    );
  }

  const [discovered, otherAsked, tcp] = await Promise.all([
    ask({ ...to, question: discoveryQuestion, tries: laterTries }),
    askOtherwise(target.secret, (question) => ask({ ...to, question, tries: laterTries })),
    livesByTcp(target.address),
  ]);
  if (otherAsked !== null) {
    const { version } = otherAsked;
    if (version === null) {
      return found(
        'user',
        'polling.wrong-privacy-key',
        `${who} takes the authentication key, but not the privacy key: check that key and the privacy protocol.`,
      );
    }
    return found(
      'version',
      'polling.other-version',
      `${who} answers SNMP ${version} only: give it a credential of kind snmp-${version}.`,
      { version },
    );
  }
  if (discovered.kind === 'answer') {
    if (form.version === 'v3') return because('user', problemOfRefusal({ name: target.name, place }, 'silent'));
    return found(
      'community',
      'polling.wrong-community',
      `${who} runs an SNMP agent, but does not answer this community: check the community, and that this machine's address is allowed to read.`,
    );
  }
  if (tcp) {
    return found(
      'snmp-silent',
      'polling.snmp-silent',
      `${target.name} (${target.address}) is there, but SNMP on UDP ${port} does not answer: check that SNMP is on, its list of allowed addresses, the credential, and firewalls on UDP ${port}.`,
    );
  }
  return found(
    'timeout',
    'polling.nothing-back',
    `Nothing comes back from ${who} after ${tries} tries of ${tryMs / 1000} s: check power and uplink, the address, and firewalls on UDP ${port}.`,
    { tries },
  );
}

/** What is asked, and what a datagram that comes back is worth. */
interface Question {
  request(id: number, nowMs: number): Buffer;
  judge(datagram: Buffer, reader: ResponseReader, nowMs: number): Verdict;
}

function getQuestion(form: MessageForm): Question {
  const packet = form.encode(Tag.get, [sysUpTime]);
  return {
    request: (id, nowMs) => Buffer.from(form.prepare(packet, id, nowMs)),
    judge: (datagram, reader, nowMs) => form.accept(datagram, reader, nowMs),
  };
}

const discoveryQuestion: Question = {
  request: (id) => discoveryMessage(id),
  judge: (_datagram, reader) => (reader.version === 3 ? 'ok' : 'version'),
};

/** After silence: the other version of the same community, or SNMPv3 without encryption (`version` null). */
async function askOtherwise(
  secret: CredentialSecret | null,
  put: (question: Question) => Promise<Asked>,
): Promise<{ readonly version: string | null } | null> {
  if (secret?.kind === 'snmp-v1' || secret?.kind === 'snmp-v2c') {
    const other = new CommunityForm(secret.kind === 'snmp-v1' ? 'v2c' : 'v1', secret.community);
    if ((await put(getQuestion(other))).kind !== 'answer') return null;
    return { version: other.version };
  }
  if (secret?.kind === 'snmp-v3' && secret.level === 'authPriv') {
    const inClear = new UserForm({ ...secret, level: 'authNoPriv' });
    if ((await put(getQuestion(inClear))).kind !== 'answer') return null;
    return { version: null };
  }
  return null;
}

type Asked =
  | { readonly kind: 'answer' | 'refusal'; readonly rttMs: number }
  | { readonly kind: 'error'; readonly code: string }
  | { readonly kind: 'silence' };

/** As many sends as a Report may ask for: discovery, time, and the question itself. */
const mostResends = 3;

function ask(options: {
  readonly clock: Clock;
  readonly address: string;
  readonly port: number;
  readonly question: Question;
  readonly tries: number;
}): Promise<Asked> {
  const { clock, address, port, question } = options;
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const reader = new ResponseReader();
    let sends = 0;
    let resends = 0;
    let id = 0;
    let sentAt = 0;
    let timer: NodeJS.Timeout | undefined;
    const end = (asked: Asked): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.close();
      resolve(asked);
    };
    const send = (): void => {
      clearTimeout(timer);
      sentAt = clock.monotonic();
      id = randomInt(0x01000000, 0x7fffffff);
      socket.send(question.request(id, sentAt), (error) => {
        if (error !== null) end({ kind: 'error', code: codeOf(error) });
      });
      timer = setTimeout(next, tryMs);
    };
    const next = (): void => {
      if (sends === options.tries) {
        end({ kind: 'silence' });
        return;
      }
      sends += 1;
      send();
    };
    socket.on('error', (error) => end({ kind: 'error', code: codeOf(error) }));
    socket.on('message', (datagram) => {
      if (reader.open(datagram) !== 'ok' || reader.requestId !== id) return;
      const nowMs = clock.monotonic();
      const verdict = question.judge(datagram, reader, nowMs);
      const rttMs = nowMs - sentAt;
      if (verdict === 'ok') end({ kind: 'answer', rttMs });
      else if (verdict === 'refusal' || (verdict === 'again' && resends === mostResends))
        end({ kind: 'refusal', rttMs });
      else if (verdict === 'again') {
        resends += 1;
        send();
      }
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
