import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ArungError } from '../domain/errors.ts';

const missingBuild = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Arung</title></head>
<body><h1>The console is not built yet</h1>
<p>Run <code>npm run build</code> in the folder of Arung, then load this page again. The API answers at
<a href="/api/openapi.json">/api/openapi.json</a>.</p>
<h1 lang="id">Konsol belum dibangun</h1>
<p lang="id">Jalankan <code>npm run build</code> di folder Arung, lalu muat ulang halaman ini.</p></body></html>
`;

/**
 * The console's built files. What has a hash in its name (Vite's `assets/`) is kept by browsers for a year; a page's
 * address that is no file is the console's own (its router reads it). Whatever else is missing is a problem.
 */
export async function serveConsole(app: FastifyInstance, folder: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: folder,
    serve: false,
    preCompressed: true,
    cacheControl: false,
    setHeaders: (reply, path) => {
      const forever = path.startsWith(join(folder, 'assets'));
      reply.header('cache-control', forever ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  const page = (reply: FastifyReply): void => {
    if (existsSync(join(folder, 'index.html'))) reply.sendFile('index.html');
    else reply.code(503).header('cache-control', 'no-store').type('text/html; charset=utf-8').send(missingBuild);
  };
  app.get<{ Params: { '*': string } }>(
    '/*',
    { config: { permission: 'public', rateLimit: false }, schema: { hide: true } },
    (request, reply) => {
      const file = request.params['*'];
      const isPage = file === '' || file.endsWith('/') || file === 'index.html';
      // Not returned: Fastify would wait for the reply at every turn from file to page.
      if (isPage && !isApi(request)) page(reply);
      else reply.sendFile(file);
    },
  );
  app.setNotFoundHandler((request, reply) => {
    const wantsPage = (request.headers.accept ?? '').includes('text/html');
    if (wantsPage && (request.method === 'GET' || request.method === 'HEAD') && !isApi(request)) {
      page(reply);
      return;
    }
    throw new ArungError('not-found', `There is nothing at ${request.method} ${pathOf(request)}.`, {
      code: 'request.unknown-path',
    });
  });
}

function isApi(request: FastifyRequest): boolean {
  return /^\/(api|peta|socket\.io)(\/|$)/.test(pathOf(request));
}

function pathOf(request: FastifyRequest): string {
  return (request.url.split('?', 1)[0] ?? '').slice(0, 200);
}
