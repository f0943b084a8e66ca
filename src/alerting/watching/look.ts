export type Health =
  | { readonly state: 'alive' }
  /** Parts of Arung that do not work, as `/readyz` names them. */
  | { readonly state: 'impaired'; readonly parts: readonly string[] }
  /** Why: a code of an error or of HTTP, no text from outside. */
  | { readonly state: 'dead'; readonly reason: string };

export interface LookedAt {
  /** Where it answers: `https://arung.example`. */
  readonly url: string;
  /** Sent as a bearer token, for a proxy that wants one; Arung itself wants none. */
  readonly token?: string | undefined;
}

const timeoutMs = 10_000;
const mostParts = 10;

/** One look at an Arung, from outside. Never rejects. */
export async function lookAtArung({ url, token }: LookedAt): Promise<Health> {
  try {
    const alive = await ask(url, 'healthz', token);
    // Too busy to look at itself: it lives, and says so itself.
    if (isBusy(alive)) return { state: 'alive' };
    if (alive.status !== 200) return { state: 'dead', reason: `HTTP ${alive.status}` };
    // A page of a proxy or of a provider is no sign of life.
    if (alive.body['status'] !== 'ok') return { state: 'dead', reason: 'not-arung' };
    const ready = await ask(url, 'readyz', token);
    if (ready.body['status'] === 'ready' || isBusy(ready)) return { state: 'alive' };
    return { state: 'impaired', parts: failingParts(ready.body['checks']) };
  } catch (error) {
    return { state: 'dead', reason: codeOf(error) };
  }
}

async function ask(
  url: string,
  path: string,
  token: string | undefined,
): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }> {
  const answer = await fetch(new URL(path, url.endsWith('/') ? url : `${url}/`), {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = (await answer.text()).slice(0, 100_000);
  return { status: answer.status, body: objectIn(text) };
}

/** Arung's own word for it (`api/problem.ts`). */
function isBusy({
  status,
  body,
}: {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}): boolean {
  return status === 503 && body['code'] === 'system.busy';
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function failingParts(checks: unknown): string[] {
  if (typeof checks !== 'object' || checks === null) return [];
  const failing = Object.entries(checks).filter(([, state]) => state !== 'ok');
  return failing.map(([part]) => part.slice(0, 40)).slice(0, mostParts);
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { cause } = error as { cause?: { code?: unknown } };
  return typeof cause?.code === 'string' ? cause.code : error.name;
}
