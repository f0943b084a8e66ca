/** One way to the controller. Errors are problem+json (RFC 9457) with a stable `code` that the catalogues translate. */
export interface ProblemDetail {
  readonly message: string;
  readonly code?: string;
  readonly arguments?: Readonly<Record<string, string | number>>;
  readonly field?: string;
  readonly line?: number;
  readonly column?: string | number;
}

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly arguments: Readonly<Record<string, string | number>>;
  readonly details: readonly ProblemDetail[];
  readonly retryAfterS: number | null;

  constructor(problem: {
    status: number;
    message: string;
    code: string;
    arguments?: Readonly<Record<string, string | number>>;
    details?: readonly ProblemDetail[];
    retryAfterS?: number | null;
  }) {
    super(problem.message);
    this.name = 'ApiError';
    this.status = problem.status;
    this.code = problem.code;
    this.arguments = problem.arguments ?? {};
    this.details = problem.details ?? [];
    this.retryAfterS = problem.retryAfterS ?? null;
  }
}

export const base = '/api/v1';

/** Called when the controller says that the session has ended. */
let onSignedOut: () => void = () => undefined;
export function whenSignedOut(callback: () => void): void {
  onSignedOut = callback;
}

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | number | boolean | null | undefined>>;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

export function urlOf(path: string, query?: RequestOptions['query']): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return base + path + (text === '' ? '' : '?' + text);
}

async function problemOf(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get('retry-after'));
  const fallback = { status: response.status, message: response.statusText, code: `http.${response.status}` };
  try {
    const body = (await response.json()) as Record<string, unknown>;
    const text = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);
    return new ApiError({
      status: response.status,
      message: text(body['detail'], text(body['title'], fallback.message)),
      code: text(body['code'], fallback.code),
      arguments: (body['arguments'] ?? {}) as Record<string, string | number>,
      details: Array.isArray(body['details']) ? (body['details'] as ProblemDetail[]) : [],
      retryAfterS: Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null,
    });
  } catch {
    return new ApiError(fallback);
  }
}

/** The raw answer, for streams and downloads; throws `ApiError` on everything but 2xx. */
export async function request(
  method: string,
  path: string,
  body?: unknown,
  options: RequestOptions = {},
): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json', ...options.headers };
  const raw = typeof body === 'string' || body instanceof Blob;
  if (body !== undefined && !raw) headers['content-type'] = 'application/json';
  let response: Response;
  try {
    response = await fetch(urlOf(path, options.query), {
      method,
      headers,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
      ...(options.signal ? { signal: options.signal } : {}),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError({ status: 0, message: 'The controller does not answer.', code: 'offline' });
  }
  if (response.ok) return response;
  const problem = await problemOf(response);
  if (response.status === 401 && !problem.code.startsWith('sign-in.')) onSignedOut();
  throw problem;
}

async function json<T>(response: Response): Promise<T> {
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

/** What was read, with its version for `If-Match`. */
export interface Versioned<T> {
  readonly value: T;
  readonly etag: string;
}

/** The `If-Match` that lets a thing be written only while it is as it was read. */
export const ifMatch = (etag: string): RequestOptions => ({ headers: { 'if-match': etag } });

/** Somebody changed it since it was read (RFC 9110, section 15.5.13). */
export const isStale = (error: unknown): boolean => error instanceof ApiError && error.status === 412;

/** `await api.get<Page<SiteView>>('/sites', { query: { limit: 100 } })`. Paths are below `/api/v1`. */
export const api = {
  get: async <T>(path: string, options?: RequestOptions): Promise<T> =>
    json<T>(await request('GET', path, undefined, options)),
  read: async <T>(path: string, options?: RequestOptions): Promise<Versioned<T>> => {
    const response = await request('GET', path, undefined, options);
    return { etag: response.headers.get('etag') ?? '', value: await json<T>(response) };
  },
  post: async <T>(path: string, body?: unknown, options?: RequestOptions): Promise<T> =>
    json<T>(await request('POST', path, body, options)),
  put: async <T>(path: string, body?: unknown, options?: RequestOptions): Promise<T> =>
    json<T>(await request('PUT', path, body, options)),
  patch: async <T>(path: string, body?: unknown, options?: RequestOptions): Promise<T> =>
    json<T>(await request('PATCH', path, body, options)),
  delete: async <T>(path: string, options?: RequestOptions): Promise<T> =>
    json<T>(await request('DELETE', path, undefined, options)),
};
