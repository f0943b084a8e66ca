import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { pino } from 'pino';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { build } from 'vite';
import { systemClock } from '../src/domain/clock.ts';
import { TerritoryService } from '../src/territory/territory-service.ts';
import { launch } from '../tests/support/browser.ts';
import { peer } from '../tests/support/peers.ts';
import { against, result, type BenchResult } from './result.ts';
import { countryOf, regencyOf, type SyntheticNetwork } from './synthetic-network.ts';

const runs = 3;
const loadMs = 120_000;

/** Made once: a country takes a minute. */
const territories = join(import.meta.dirname, '../node_modules/.cache/bench-map');

interface Scene {
  readonly name: string;
  readonly network: () => SyntheticNetwork;
  /** Null: the whole is in view. */
  readonly zooms: readonly (number | null)[];
  readonly frames: number;
}
const scenes: readonly Scene[] = [
  { name: '372 territories', network: () => regencyOf(372), zooms: [null], frames: 30 },
  // Villages are told apart from zoom 9.
  { name: '83,764 territories', network: () => countryOf(83_764), zooms: [null, 9.5], frames: 5 },
];
const movements = { pan: 'panning', change: '40 states changed' } as const;
type Movement = keyof typeof movements;
type Who = 'console' | 'circles';

/**
 * `map`: main-thread CPU for a frame of the console's own map in Chromium, beside MapLibre with a bare circle for each
 * village. Drawing itself is done by software here, in another process, so that only the main thread is told.
 */
export async function run(): Promise<readonly BenchResult[]> {
  const chromium = peer('chromium');
  if (chromium === null) {
    console.error('map: chromium is missing, run `npm run peers`');
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), 'arung-bench-map-'));
  const page = join(folder, 'page');
  await builtPage(page);
  const browser = await launch(chromium);
  const lines: BenchResult[] = [];
  try {
    for (const scene of scenes) {
      const site = await served(scene.network(), join(territories, scene.name), page);
      try {
        for (const zoom of scene.zooms) lines.push(...(await comparison(browser, site.url, scene, zoom)));
      } finally {
        await site.stop();
      }
    }
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return lines;
}

/** Both by turns, so that they meet the same machine. */
async function comparison(
  browser: Browser,
  url: string,
  { name, frames }: Scene,
  zoom: number | null,
): Promise<BenchResult[]> {
  const found: Record<Who, Record<Movement, number[]>> = {
    console: { pan: [], change: [] },
    circles: { pan: [], change: [] },
  };
  for (let turn = 0; turn < runs; turn++) {
    for (const who of ['console', 'circles'] as const) {
      const page = await browser.newPage({ viewport: { width: 1364, height: 724 } });
      page.on('pageerror', (error) => console.error(`map: ${error.message}`));
      try {
        await page.goto(`${url}/map.html?who=${who}${zoom === null ? '' : `&zoom=${zoom}`}`);
        await page.waitForFunction('window.mapBench !== undefined', null, { timeout: loadMs });
        const session = await page.context().newCDPSession(page);
        await session.send('Performance.enable', { timeDomain: 'threadTicks' });
        for (const movement of ['pan', 'change'] as const) {
          await moved(page, movement, Math.ceil(frames / 6));
          const before = await mainThreadMs(session);
          await moved(page, movement, frames);
          const spent = (await mainThreadMs(session)) - before;
          found[who][movement].push(Math.round((spent / frames) * 100) / 100);
        }
      } finally {
        await page.close();
      }
    }
  }
  const where = zoom === null ? 'whole in view' : `zoom ${zoom}`;
  return (['pan', 'change'] as const).map((movement) => {
    const metric = `main thread a frame, ${name}, ${where}, ${movements[movement]}`;
    return against(result('map', metric, 'ms', found.console[movement]), 'bare circles', found.circles[movement]);
  });
}

async function moved(page: Page, movement: Movement, count: number): Promise<void> {
  await page.evaluate(`window.mapBench.${movement}(${count})`);
}

/** CPU that the page's main thread has spent on all its tasks. */
async function mainThreadMs(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1_000;
}

async function builtPage(outDir: string): Promise<void> {
  const root = join(import.meta.dirname, '../dashboards/console/bench');
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    plugins: [svelte()],
    worker: { format: 'es' },
    build: {
      outDir,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      target: 'es2022',
      rolldownOptions: { input: join(root, 'map.html') },
    },
  });
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
};

/** The page, the network, and its territories as the controller makes and serves them. */
async function served(
  network: SyntheticNetwork,
  dataDir: string,
  page: string,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const territory = new TerritoryService({
    source: {
      read: () => Promise.resolve({ points: network.points, boundaries: [], boundariesSource: null }),
      onChange: () => () => undefined,
    },
    dataDir,
    logger: pino({ level: 'error' }),
    clock: systemClock,
  });
  await territory.start();
  await territory.ready();
  const data = `{"territory":${territory.json()?.toString()},"view":${JSON.stringify(network.view)}}`;
  const server: Server = createServer((request, answer) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const tile = /^\/peta\/(\w+)\/(\d+)\/(\d+)\/(\d+)\.pbf$/.exec(path);
    if (path === '/data.json') {
      answer.setHeader('content-type', 'application/json').end(data);
    } else if (tile !== null) {
      void answerTile(territory, tile, answer);
    } else {
      answer.setHeader('content-type', types[extname(path)] ?? 'application/octet-stream');
      answer.end(readFileSync(join(page, path)));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await territory.stop();
    },
  };
}

async function answerTile(
  territory: TerritoryService,
  address: RegExpExecArray,
  answer: ServerResponse,
): Promise<void> {
  const [, version = '', z, x, y] = address;
  const bytes = await territory.tile(version, Number(z), Number(x), Number(y));
  answer.statusCode = bytes === null ? 204 : 200;
  if (bytes !== null) answer.setHeader('content-encoding', 'gzip');
  answer.end(bytes ?? undefined);
}
