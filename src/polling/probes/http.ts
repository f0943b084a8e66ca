import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { systemClock as clock } from '../../domain/clock.ts';
import { codeOf, oneByOne, type Turn } from './one-by-one.ts';
import { notUp, orSlow, shown, up, type ProbeOutcome, type ProbeValues } from './probe.ts';

export interface HttpCheck {
  readonly kind: 'http';
  /** `http://…` or `https://…`; a user name or password in it is not sent. */
  readonly url: string;
  /** What it must answer; 200 to 399 when not given. A redirect that is not followed is an answer. */
  readonly status?: number;
  /** Text that the body must hold. */
  readonly contains?: string;
  readonly slowMs?: number;
  /** Hosts that a redirect may lead to, besides the one asked. */
  readonly redirectHosts?: readonly string[];
  /** PEM of the authority that signed its certificate, for those with one of their own. */
  readonly ca?: string;
}

const mostRedirects = 5;
/** A page of which more is needed to know whether it works is no page for a probe. */
const mostBodyBytes = 262_144;

/** Asks for a page as a browser would, on a connection of its own; the timings are those of the last page asked for. */
export const httpProbe = oneByOne<HttpCheck>(async (check: HttpCheck, turn: Turn): Promise<ProbeOutcome> => {
  const began = clock.monotonic();
  let url = new URL(check.url);
  const asked = url.hostname;
  for (let redirects = 0; ; redirects++) {
    if (url.protocol !== 'http:' && url.protocol !== 'https:')
      return notUp('down', 'http-protocol', { protocol: shown(url.protocol) });
    const answer = await get(url, check, turn);
    const values: ProbeValues = { ...answer.values, total_ms: clock.monotonic() - began };
    const next = answer.location === null ? null : URL.parse(answer.location, url.href);
    if (next === null || check.status === answer.status) return judged(check, answer, values);
    if (next.hostname !== asked && check.redirectHosts?.includes(next.hostname) !== true)
      return notUp('down', 'http-elsewhere', { host: shown(next.hostname) }, values);
    if (redirects === mostRedirects) return notUp('down', 'http-redirects', { most: mostRedirects }, values);
    url = next;
  }
});

interface HttpAnswer {
  readonly status: number;
  readonly location: string | null;
  readonly body: string;
  readonly values: ProbeValues;
}

function judged(check: HttpCheck, answer: HttpAnswer, values: ProbeValues): ProbeOutcome {
  const right =
    check.status === undefined ? answer.status >= 200 && answer.status < 400 : answer.status === check.status;
  if (!right) return notUp('down', 'http-status', { status: answer.status }, values);
  if (check.contains !== undefined && check.contains !== '' && !answer.body.includes(check.contains))
    return notUp('down', 'http-body', { text: shown(check.contains) }, values);
  return orSlow(up(values), check.slowMs);
}

async function get(url: URL, check: HttpCheck, { signal }: Turn): Promise<HttpAnswer> {
  const began = clock.monotonic();
  const marks = { lookup: began, connect: began, secure: began, firstByte: began };
  const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)({
    protocol: url.protocol,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port,
    path: url.pathname + url.search,
    method: 'GET',
    agent: false,
    signal,
    maxHeaderSize: 16_384,
    headers: { 'user-agent': 'Arung probe', accept: '*/*', 'accept-encoding': 'identity', connection: 'close' },
    ...(check.ca === undefined ? {} : { ca: check.ca }),
  } satisfies RequestOptions & { ca?: string });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.once('socket', (socket: Socket) => {
      socket.once('lookup', () => {
        marks.lookup = clock.monotonic();
        marks.connect = marks.secure = marks.lookup;
      });
      socket.once('connect', () => {
        marks.connect = marks.secure = clock.monotonic();
      });
      socket.once('secureConnect', () => {
        marks.secure = clock.monotonic();
      });
    });
    request.once('response', resolve);
    request.on('error', reject);
    request.end();
  });
  marks.firstByte = clock.monotonic();
  const status = response.statusCode ?? 0;
  const isRedirect = status >= 300 && status < 400 && response.headers.location !== undefined;
  const body = isRedirect || check.contains === undefined ? '' : await bodyOf(response);
  response.destroy();
  return {
    status,
    location: isRedirect ? (response.headers.location ?? null) : null,
    body,
    values: {
      value: status,
      dns_ms: marks.lookup - began,
      connect_ms: marks.connect - marks.lookup,
      ...(url.protocol === 'https:' ? { tls_ms: marks.secure - marks.connect } : {}),
      first_byte_ms: marks.firstByte - marks.secure,
    },
  };
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of response) {
      parts.push(part as Buffer);
      bytes += (part as Buffer).length;
      if (bytes >= mostBodyBytes) break;
    }
  } catch (error) {
    // A body that ends too soon is looked at as far as it came; the search decides.
    if (codeOf(error) !== 'ECONNRESET') throw error;
  }
  return Buffer.concat(parts).toString('utf8');
}
