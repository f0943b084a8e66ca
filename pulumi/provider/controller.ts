import type { Value } from './values.ts';

/** The controller's answer where it refuses: RFC 9457. */
export class Refused extends Error {
  readonly status: number;
  /** Stable name of the refusal: `device.not-found`. */
  readonly code: string;
  readonly arguments: Readonly<Record<string, string | number>>;
  readonly details: readonly { readonly field?: string; readonly message: string }[];

  constructor(status: number, problem: Problem) {
    super(sentenceOf(problem, status));
    this.name = 'Refused';
    this.status = status;
    this.code = problem.code ?? '';
    this.arguments = problem.arguments ?? {};
    this.details = problem.details ?? [];
  }
}

interface Problem {
  readonly detail?: string;
  readonly code?: string;
  readonly arguments?: Readonly<Record<string, string | number>>;
  readonly details?: readonly { readonly field?: string; readonly message: string }[];
}

export interface ControllerOptions {
  readonly url: string;
  readonly token: string;
  /** How long a controller that does not answer is waited for, milliseconds. */
  readonly awayMs: number;
}

export interface Call {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/api/v1`: `/sites/kec-kahu`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly signal: AbortSignal;
  /** Told while the controller is away. */
  readonly status?: (message: string) => void;
}

/** Codes of regions, each with all below it. */
export type Regions = 'everywhere' | readonly string[];

interface Session {
  readonly grants: readonly { readonly role: string; readonly regionCode: string | null }[];
}

const writers: ReadonlySet<string> = new Set(['operator', 'administrator']);

/** Ends the one of that name, where there is one. */
export const makeToken = './arung token create --name pulumi --role operator --replace';

/** For one answer: longer than a look at devices that do not answer, shorter than fetch's own five minutes. */
const answerMs = 240_000;
const firstPauseMs = 500;
const longestPauseMs = 5_000;
/** A proxy, or the controller itself, says that it will be back. */
const passing = new Set([429, 502, 503, 504]);

/** Speaks to Arung's API. Every call may be made again: what is asked for is a state, not a deed. */
export class Controller {
  readonly #options: ControllerOptions;
  #known: Promise<Session> | null = null;

  constructor(options: ControllerOptions) {
    this.#options = options;
  }

  /** The answer's JSON; null for an empty one. Throws `Refused`, or a sentence when the controller stays away. */
  async call<T = unknown>(call: Call): Promise<T> {
    const until = performance.now() + this.#options.awayMs;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      const outcome = await this.#try<T>(call);
      if (outcome.kind === 'answered') return outcome.answer;
      if (call.signal.aborted) throw stopped(call);
      if (performance.now() + pauseMs > until) throw outcome.error;
      call.status?.(`${outcome.error.message} Trying again.`);
      await pause(pauseMs, call.signal);
    }
  }

  /** The same, and null where there is no such thing. */
  async find<T>(call: Omit<Call, 'method'>): Promise<T | null> {
    try {
      return await this.call<T>({ ...call, method: 'GET' });
    } catch (error) {
      if (error instanceof Refused && error.status === 404) return null;
      throw error;
    }
  }

  /** Where the token may look: what lies elsewhere is not there for it. Asked for once. */
  async regions(asking: Pick<Call, 'signal' | 'status'>): Promise<Regions> {
    const { grants } = await this.#session(asking);
    const codes = grants.flatMap(({ regionCode }) => (regionCode === null ? [] : [regionCode]));
    return codes.length < grants.length ? 'everywhere' : codes;
  }

  /** Throws where the controller stays away, the token is unknown, or it may not do what a program does. */
  async introduce(asking: Pick<Call, 'signal' | 'status'>): Promise<void> {
    const { grants } = await this.#session(asking);
    if (grants.some(({ role }) => writers.has(role))) return;
    throw new Error(
      `This token is one of a ${grants.map(({ role }) => role).join(', ')}: a program needs that of an operator, \`${makeToken}\`.`,
    );
  }

  #session(asking: Pick<Call, 'signal' | 'status'>): Promise<Session> {
    this.#known ??= this.call<Session>({ ...asking, method: 'GET', path: '/session' }).catch((error: unknown) => {
      this.#known = null;
      throw error;
    });
    return this.#known;
  }

  async #try<T>(call: Call): Promise<{ kind: 'answered'; answer: T } | { kind: 'away'; error: Error }> {
    const { url, token } = this.#options;
    const address = new URL(`${url}/api/v1${call.path}`);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) address.searchParams.set(name, String(value));
    }
    let response: Response;
    let text: string;
    try {
      response = await fetch(address, {
        method: call.method,
        signal: AbortSignal.any([call.signal, AbortSignal.timeout(answerMs)]),
        headers: {
          authorization: `Bearer ${token}`,
          ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      });
      text = await response.text();
    } catch (error) {
      if (call.signal.aborted) throw stopped(call);
      return { kind: 'away', error: new Error(unreachable(url, error), { cause: error }) };
    }
    const answer = jsonOf(text);
    if (response.ok) return { kind: 'answered', answer: answer as T };
    const refused = new Refused(response.status, problemOf(answer, url));
    if (passing.has(response.status)) return { kind: 'away', error: refused };
    throw refused;
  }
}

function unreachable(url: string, error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(error);
  return `Arung at ${url} does not answer (${code}). Is it running, and is that its address? \`pulumi config get arung:url\`, or ARUNG_URL, says which is used.`;
}

function stopped({ method, path, signal }: Call): Error {
  const why = signal.reason instanceof Error ? signal.reason.message : 'stopped';
  return new Error(`${method} ${path}: ${why}`);
}

function jsonOf(text: string): Value {
  try {
    return text === '' ? null : (JSON.parse(text) as Value);
  } catch {
    return null;
  }
}

function problemOf(answer: Value, url: string): Problem {
  if (typeof answer === 'object' && answer !== null && 'detail' in answer) return answer as Problem;
  return { detail: `What answers at ${url} is not Arung: check the address.` };
}

function sentenceOf({ detail = '', code = '', details = [] }: Problem, status: number): string {
  if (status === 401) {
    return `Arung does not know this token: \`${makeToken}\` makes one, \`pulumi config set --secret arung:token\` or ARUNG_TOKEN hands it over.`;
  }
  const more = details.map(({ field = '', message }) => (field === '' ? message : `${field}: ${message}`));
  const said = more.length <= 1 || code === '' ? '' : ` ${more.join('; ')}`;
  return `${detail}${said}`;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
