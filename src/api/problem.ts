import { ArungError, type ErrorDetail, type ErrorKind } from '../domain/errors.ts';

/** An error as RFC 9457 writes it, with a stable code that a console can say in the reader's language. */
export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  /** A sentence in English: what happened, what to do. */
  readonly detail: string;
  /** Names the request in the log. */
  readonly instance: string;
  readonly code: string;
  readonly arguments: Readonly<Record<string, string | number>>;
  readonly details: readonly ErrorDetail[];
}

export const statusOfKind: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  stale: 412, // RFC 9110, section 13.1.1: the condition of If-Match does not hold
  'too-many-requests': 429,
  unavailable: 503,
  internal: 500,
};

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

export function problemOf(error: unknown, requestId: string): { problem: Problem; retryAfterS: number | undefined } {
  const { status, error: known } = understand(error, requestId);
  return {
    problem: {
      type: 'about:blank',
      title: titles[status] ?? 'Error',
      status,
      detail: known.message,
      instance: `urn:arung:request:${requestId}`,
      code: known.code,
      arguments: known.arguments,
      details: known.details,
    },
    retryAfterS: known.retryAfterS,
  };
}

/** Only our own errors speak to strangers; of all others the kind is told, and the log has the rest. */
function understand(error: unknown, requestId: string): { status: number; error: ArungError } {
  if (error instanceof ArungError && error.kind !== 'internal') return { status: statusOfKind[error.kind], error };
  const stranger = (error ?? {}) as Readonly<
    Record<'code' | 'statusCode' | 'severity' | 'syscall' | 'message', unknown>
  >;
  const code = typeof stranger.code === 'string' ? stranger.code : codeOfLostConnection(stranger.message);
  const known =
    ofFramework(code) ??
    ofDatabase(code, {
      ofServer: typeof stranger.severity === 'string',
      ofSocket: stranger.syscall === 'connect',
    });
  if (known !== null) return known;
  const { statusCode } = stranger;
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return refused(
      statusCode,
      `The request was refused: ${titles[statusCode] ?? 'it is not understood'}.`,
      'request.refused',
    );
  }
  const message = `The controller failed at this request, and the failure is in its log as ${requestId}: report it with that.`;
  return { status: 500, error: new ArungError('internal', message, { code: 'internal', arguments: { requestId } }) };
}

/** The PostgreSQL client says by words alone that its connection is gone: SQLSTATE 08006. */
function codeOfLostConnection(message: unknown): string {
  return /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/.test(
    String(message),
  )
    ? '08006'
    : '';
}

function ofFramework(code: string): { status: number; error: ArungError } | null {
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return refused(413, 'The request is larger than is taken here: split it.', 'request.too-large');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return refused(415, 'This kind of content is not understood here: send application/json.', 'request.media-type');
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return refused(400, 'The body is not valid JSON: mend it and send it again.', 'request.not-json');
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return refused(400, 'The address of the request is not well formed.', 'request.bad-url');
    case 'FST_UNDER_PRESSURE':
      return later('The controller has more to do than it can: try again in a few seconds.', 'system.busy', 5);
    default:
      return null;
  }
}

/** SQLSTATE (PostgreSQL, appendix A) and socket errors of the connection. */
function ofDatabase(
  code: string,
  { ofServer, ofSocket }: { readonly ofServer: boolean; readonly ofSocket: boolean },
): { status: number; error: ArungError } | null {
  if (code === '53100') {
    return later('The disk of the database is full: free some space, then try again.', 'database.disk-full', 60);
  }
  if (/^(08|53|57P)/.test(code) || /^(ECONNREFUSED|ECONNRESET|EPIPE)$/.test(code) || (code === 'ENOENT' && ofSocket)) {
    return later('The database does not answer at the moment: try again in a few seconds.', 'database.unreachable', 5);
  }
  if (!ofServer) return null;
  if (code === '40001' || code === '40P01') {
    return {
      status: 409,
      error: new ArungError('conflict', 'Someone else changed the same at the same time: try again.', {
        code: 'request.raced',
      }),
    };
  }
  if (/^(22P02|22P05|22021|22007|22008|22003)$/.test(code)) {
    return refused(
      400,
      'A value in the request has a form that cannot be stored or searched: mend it.',
      'request.bad-value',
    );
  }
  return null;
}

function refused(status: number, message: string, code: string): { status: number; error: ArungError } {
  return { status, error: new ArungError('invalid', message, { code }) };
}

function later(message: string, code: string, retryAfterS: number): { status: number; error: ArungError } {
  return { status: 503, error: new ArungError('unavailable', message, { code, retryAfterS }) };
}
