import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { hostname } from 'node:os';
import { Type, type Static } from 'typebox';
import { incidentName } from '../../domain/incident.ts';
import { ChannelError, type Channel, type ChannelKind, type OutgoingMessage } from './channel.ts';
import { noAnswer } from './http.ts';
import { cutTo } from './message-forms.ts';

const Settings = Type.Object(
  {
    host: Type.String({ minLength: 1, maxLength: 253, examples: ['10.73.0.5'] }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 514 }),
    transport: Type.Unsafe<'udp' | 'tcp' | 'tls'>(Type.Enum(['udp', 'tcp', 'tls'])),
    /** Certificates that the server's is held against, PEM; the system's own when not given. */
    ca: Type.Optional(Type.String({ maxLength: 20_000 })),
  },
  { additionalProperties: false },
);
const Secrets = Type.Object({}, { additionalProperties: false });
type Settings = Static<typeof Settings>;

/** A line for each message to a syslog server: RFC 5424, over UDP (RFC 5426), TCP (RFC 6587) or TLS (RFC 5425). */
export const syslog: ChannelKind = {
  kind: 'syslog',
  settings: Settings,
  secrets: Secrets,
  address: { pattern: '^.{0,200}$', example: 'arung' },
  perMinute: 6_000,
  audience: 'program',
  takesKey: false,
  listens: false,
  leaves: false,
  open: (settings) => openSyslog(settings as Settings),
};

function openSyslog(settings: Settings): Channel {
  return {
    send: async (message, signal) => {
      const line = Buffer.from(lineOf(message));
      if (settings.transport === 'udp') await sendDatagram(settings, line);
      else await sendStream(settings, line, signal);
      return { externalId: null };
    },
    close: async () => undefined,
  };
}

/** Severities of RFC 5424, section 6.2.1; facility local0. */
const facility = 16;
const levels = { critical: 2, warning: 4, info: 6 } as const;

/** One line: header, what machines read as structured data, and the sentence. */
export function lineOf(message: OutgoingMessage): string {
  const { content } = message;
  const level = message.kind === 'resolved' ? 5 : levels[content.severity];
  const data = {
    incident: content.incidentNumber === null ? '-' : incidentName(content.incidentNumber),
    kind: message.kind,
    severity: content.severity,
    cause: content.cause.name,
    since: new Date(content.since).toISOString(),
  };
  const parameters = Object.entries(data).map(([name, value]) => `${name}="${inData(value)}"`);
  const header = [
    `<${facility * 8 + level}>1`,
    new Date(message.decidedAt).toISOString(),
    headerWord(hostname(), 255),
    'arung',
    '-',
    headerWord(message.kind, 32),
  ].join(' ');
  const text = `${message.title}. ${message.text}`.replace(/\p{Cc}+/gu, ' ');
  // 32473 is the number that RFC 5612 gives for documentation: Arung has none of its own.
  return `${header} [arung@32473 ${parameters.join(' ')}] \ufeff${cutTo(text, 1_600)}`;
}

function headerWord(text: string, maxLength: number): string {
  return text.replace(/[^\x21-\x7e]/g, '').slice(0, maxLength) || '-';
}

/** RFC 5424, section 6.3.3: quotes, backslashes and closing brackets are escaped. */
function inData(text: string): string {
  return cutTo(text.replace(/[\p{Cc}\p{Cf}]+/gu, ' '), 200).replace(/["\\\]]/g, '\\$&');
}

async function sendDatagram({ host, port }: Settings, line: Buffer): Promise<void> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.send(line, port, host, (error) => (error === null ? resolve() : reject(error)));
    });
  } catch (cause) {
    throw noAnswer(`${host}:${port}`, codeOf(cause), { cause });
  } finally {
    socket.close();
  }
}

async function sendStream(settings: Settings, line: Buffer, signal: AbortSignal): Promise<void> {
  const { host, port, transport, ca } = settings;
  let isConnected = false;
  const socket: Socket =
    transport === 'tls'
      ? connectTls({ host, port, servername: host, ...(ca !== undefined && { ca }) })
      : connectTcp({ host, port });
  // A second failure, or one after we gave up, must not end the program.
  socket.on('error', () => undefined);
  try {
    await once(socket, transport === 'tls' ? 'secureConnect' : 'connect', { signal });
    isConnected = true;
    // RFC 6587, section 3.4.1: the length in front, so that a line end in a message ends none.
    socket.end(Buffer.concat([Buffer.from(`${line.length} `), line]));
    await once(socket, 'finish', { signal });
    socket.resume();
    // The server closes when it has read all: what is lost between is told as lost.
    await once(socket, 'close', { signal });
  } catch (cause) {
    const [server, reason] = [`${host}:${port}`, codeOf(cause)];
    const message = `The syslog server ${server} did not take the line over ${transport} (${reason}): check its address and certificate.`;
    throw new ChannelError(
      { code: 'sending.syslog-line', arguments: { server, transport, reason }, message },
      { maybeTaken: isConnected, cause },
    );
  } finally {
    socket.destroy();
  }
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'no answer';
}
