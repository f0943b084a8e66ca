import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from 'typebox';
import type { RouteGroup } from './routes.ts';

/** As `dashboards/phone/build.ts` writes it. */
interface Manifest {
  /** CSP source expressions of the inline script and style: `'sha256-…'`. */
  readonly script: string;
  readonly style: string;
}

const missing = `<!doctype html><html lang="id"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Arung</title><h1>Halaman ini belum dibangun</h1><p>Jalankan <code>npm run build</code> di folder Arung.</p>
<p lang="en">This page is not built yet: run <code>npm run build</code> in the folder of Arung.</p></html>
`;

/**
 * `/i/{token}`: the page of a message's link. The same bytes for every token, right or wrong: it reads nothing and
 * changes nothing, whoever fetches it for a preview. All in one answer, with its own strict policy: what is inline is
 * known by its hash, and nothing else runs.
 */
export function phonePageRoutes(folder: string): RouteGroup {
  return (app) => {
    const built = readBuilt(folder);
    const config = { permission: 'public', rateLimit: false } as const;
    app.addHook('onRequest', async (_request, reply) => {
      reply.headers({
        'referrer-policy': 'no-referrer',
        'x-robots-tag': 'noindex, nofollow, noarchive',
        'permissions-policy': 'camera=(self), geolocation=(self), microphone=(), payment=()',
        'content-security-policy': policyOf(built?.manifest ?? null),
      });
    });
    const files: readonly [path: string, file: string, type: string][] = [
      ['/i/sw.js', 'sw.js', 'text/javascript; charset=utf-8'],
      ['/i/icon.svg', 'icon.svg', 'image/svg+xml'],
      ['/i/font.woff2', 'font.woff2', 'font/woff2'],
    ];
    for (const [path, file, type] of files) {
      app.get(path, { config, schema: { hide: true } }, (request, reply) => {
        const packed = pick(built?.files.get(file), request.headers['accept-encoding']);
        if (packed === null) return reply.callNotFound();
        if (file === 'font.woff2') reply.header('cache-control', 'public, max-age=31536000, immutable');
        else reply.header('cache-control', 'no-cache');
        return send(reply.type(type), packed);
      });
    }
    app.get(
      '/i/:token',
      { config, schema: { hide: true, params: Type.Object({ token: Type.String() }) } },
      (request, reply) => {
        reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8');
        const packed = pick(built?.files.get('page.html'), request.headers['accept-encoding']);
        return packed === null ? reply.code(503).send(missing) : send(reply, packed);
      },
    );
  };
}

interface Packed {
  readonly encoding: 'br' | 'gzip' | null;
  readonly bytes: Buffer;
}

function policyOf(manifest: Manifest | null): string {
  const script = manifest?.script ?? "'none'";
  const style = manifest?.style ?? "'none'";
  return [
    "default-src 'none'",
    `script-src ${script}`,
    `style-src ${style}`,
    "worker-src 'self'",
    "connect-src 'self'",
    "img-src 'self' blob:",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join(';');
}

function readBuilt(folder: string): { manifest: Manifest; files: ReadonlyMap<string, readonly Packed[]> } | null {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, 'hashes.json'), 'utf8')) as Manifest;
    const files = new Map<string, readonly Packed[]>();
    for (const name of ['page.html', 'sw.js', 'icon.svg']) {
      files.set(name, [
        { encoding: 'br', bytes: readFileSync(join(folder, `${name}.br`)) },
        { encoding: 'gzip', bytes: readFileSync(join(folder, `${name}.gz`)) },
        { encoding: null, bytes: readFileSync(join(folder, name)) },
      ]);
    }
    files.set('font.woff2', [{ encoding: null, bytes: readFileSync(join(folder, 'font.woff2')) }]);
    return { manifest, files };
  } catch {
    return null; // not built
  }
}

/** Brotli only where it is asked for: phones do so over HTTPS alone. */
function pick(packed: readonly Packed[] | undefined, accepted: string | string[] | undefined): Packed | null {
  const wanted = String(accepted ?? '');
  return packed?.find(({ encoding }) => encoding === null || wanted.includes(encoding)) ?? null;
}

function send<T extends { header(name: string, value: string): T; send(bytes: Buffer): T }>(
  reply: T,
  { encoding, bytes }: Packed,
): T {
  reply.header('vary', 'accept-encoding');
  if (encoding !== null) reply.header('content-encoding', encoding);
  return reply.send(bytes);
}
