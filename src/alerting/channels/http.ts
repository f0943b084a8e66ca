import { ChannelError } from './channel.ts';

/** An answer of a server that a channel talks to. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** Milliseconds that it asks to wait; null when it does not. */
  readonly retryAfterMs: number | null;
}

export interface HttpRequest {
  readonly method: 'POST' | 'PUT' | 'GET';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
  /** Who is asked, for sentences: `sms.bone.go.id:8080`. Never the URL itself, which may hold a token. */
  readonly server: string;
}

const largestAnswer = 64 * 1024;
/** Failures of `fetch` before anything was sent: the message cannot have arrived. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** One request; rejects with a `ChannelError` when there is no answer. An answer of any status is an answer. */
export async function askHttp(request: HttpRequest): Promise<HttpAnswer> {
  const { method, url, headers, body, signal, server } = request;
  try {
    const answer = await fetch(url, {
      method,
      signal,
      redirect: 'manual',
      ...(headers !== undefined && { headers }),
      ...(body !== undefined && { body }),
    });
    return { status: answer.status, body: await readSome(answer), retryAfterMs: retryAfterOf(answer.headers) };
  } catch (error) {
    const reason = codeOf(error);
    throw noAnswer(server, reason, { maybeTaken: !neverSent.has(reason), cause: error });
  }
}

/** Nobody there, or nobody who says anything. `reason`: the code of the failure, as the system names it. */
export function noAnswer(
  server: string,
  reason: string,
  options: { readonly maybeTaken?: boolean; readonly cause?: unknown },
): ChannelError {
  const message = `${server} did not answer (${reason}): check its address and that it can be reached.`;
  return new ChannelError({ code: 'sending.no-answer', arguments: { server, reason }, message }, options);
}

/** The server wants us to come back later. */
export function asksToWait(server: string, said: string | number, retryAfterMs: number | null, cause?: unknown) {
  const message = `${server} asks to wait (${said}).`;
  return new ChannelError(
    { code: 'sending.asks-to-wait', arguments: { server, said }, message },
    { retryAfterMs, cause },
  );
}

/** A fault of the server's own, that may pass. */
export function serverFails(
  server: string,
  said: string | number,
  options: { readonly maybeTaken?: boolean; readonly retryAfterMs?: number | null } = {},
): ChannelError {
  const message = `${server} answered ${said}: it is tried again.`;
  return new ChannelError({ code: 'sending.server-fails', arguments: { server, said }, message }, options);
}

/** Rejects with what an answer that is no success means; `explain` finds the server's own words in its body. */
export function requireSuccess(answer: HttpAnswer, server: string, explain: (body: string) => string = () => ''): void {
  const { status, retryAfterMs } = answer;
  if (status >= 200 && status < 300) return;
  const own = explain(answer.body).slice(0, 300);
  const said = own === '' ? String(status) : `${status}: ${own}`;
  const told = { server, said };
  const answered = `${server} answered ${said}`;
  const ofChannel = { permanent: true, ofChannel: true };
  if (status >= 300 && status < 400) {
    const message = `${answered}: it sends elsewhere; set the address that it sends to.`;
    throw new ChannelError({ code: 'sending.sends-elsewhere', arguments: told, message }, ofChannel);
  }
  if (status === 401 || status === 403) {
    const message = `${answered}: check the channel's token or password.`;
    throw new ChannelError({ code: 'sending.not-let-in', arguments: told, message }, ofChannel);
  }
  if (status === 429) throw asksToWait(server, said, retryAfterMs ?? 60_000);
  if (status === 408 || status === 425) throw serverFails(server, said, { maybeTaken: true });
  // 502 and 504 come from a proxy: what stands behind it may have taken the message.
  if (status >= 500) throw serverFails(server, said, { retryAfterMs, maybeTaken: status === 502 || status === 504 });
  const message = `${answered}: check the address of this person and the channel's settings.`;
  throw new ChannelError({ code: 'sending.refused', arguments: told, message }, { permanent: true });
}

/** What is read of a call whose parts are not of the kinds that they should be (`null.id`) is nothing. */
export function readOrNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/** RFC 9110, section 10.2.3: seconds, or a date. */
function retryAfterOf(headers: Headers): number | null {
  const value = headers.get('retry-after');
  if (value === null) return null;
  if (/^\d{1,7}$/.test(value)) return Number(value) * 1_000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}

async function readSome(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.body ?? []) {
    chunks.push(chunk as Uint8Array);
    length += (chunk as Uint8Array).length;
    if (length > largestAnswer) break;
  }
  return Buffer.concat(chunks).toString('utf8').slice(0, largestAnswer);
}

/** The code of the failure that is nearest to the socket. */
function codeOf(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string') return at.code;
    if (at instanceof AggregateError && at.errors.length > 0) return codeOf(at.errors[0]);
    if (at.name === 'TimeoutError' || at.name === 'AbortError') return 'timeout';
  }
  return 'no connection';
}
