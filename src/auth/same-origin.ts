import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a request that a browser sends with our cookie comes from our own pages (OWASP: verifying origin with standard
 * headers). Every browser of today says so in `Sec-Fetch-Site` or `Origin`; a caller that says neither is no browser, and
 * holds its cookie by its own doing.
 */
export function isSameOrigin(headers: IncomingHttpHeaders, ownOrigins: readonly string[]): boolean {
  const { origin } = headers;
  if (origin !== undefined) {
    if (ownOrigins.includes(origin.toLowerCase())) return true;
    const host = headers.host?.toLowerCase();
    return host !== undefined && hostOf(origin) === host;
  }
  const site = headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' || site === 'none';
}

function hostOf(origin: string): string | null {
  try {
    return new URL(origin).host;
  } catch {
    return null; // `null`, as a sandboxed frame sends it
  }
}
