import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { Clock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import { levelOfCode } from '../domain/region.ts';
import type { TerritorySource, TerritoryTexts } from './source.ts';
import { boundariesBeside, type BuildJob, type Neighbour, type Territory } from './territory.ts';

/** Part of every version: raise it when the same input shall give other tiles. */
const formatVersion = 1;
const versionPattern = /^[0-9a-f]{16}$/;
/** Characters of boundaries that are hashed before others get their turn. */
const charactersAtOnce = 4_000_000;
const settleMs = 400;
const retryMs = 30_000;
const buildLimitMs = 15 * 60_000;
/** Files of neighbours' names, one per regency: `73.08-neighbours.json`. */
const defaultNeighboursDir = fileURLToPath(new URL('../../data/regions/', import.meta.url));

/**
 * Keeps the territories of the map as the inventory has them. A reconciler: it reads the regions, names their geography
 * by what it was made from, and when that is not on disk yet a child process makes it; the last whole one is served
 * until then. Nothing is computed in the controller's own thread.
 */
export class TerritoryService implements LongLived {
  readonly name = 'territory';
  readonly #source: TerritorySource;
  readonly #folder: string;
  readonly #neighboursDir: string;
  readonly #logger: Logger;
  readonly #clock: Clock;
  #current: { readonly version: string; readonly json: Buffer } | null = null;
  #stopListening: (() => void) | null = null;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #wokenMeanwhile = false;
  #child: ChildProcess | null = null;
  #stopped = false;
  readonly #waiting: (() => void)[] = [];

  constructor(parts: {
    source: TerritorySource;
    dataDir: string;
    logger: Logger;
    clock: Clock;
    neighboursDir?: string;
  }) {
    this.#source = parts.source;
    this.#folder = join(parts.dataDir, 'tiles');
    this.#neighboursDir = parts.neighboursDir ?? defaultNeighboursDir;
    this.#logger = parts.logger;
    this.#clock = parts.clock;
  }

  /** Returns at once: the first geography is made behind it (a second or two for a regency). */
  async start(): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    this.#stopListening = this.#source.onChange(() => this.#wake(settleMs));
    this.#wake(0);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopListening?.();
    if (this.#timer) clearTimeout(this.#timer);
    this.#child?.kill();
    await this.#running;
  }

  /** Of the geography that is served now; null until the first is ready. */
  version(): string | null {
    return this.#current?.version ?? null;
  }

  /** The geography itself, a `Territory` as JSON; never parsed here: a country's is as large as its boundaries. */
  json(): Buffer | null {
    return this.#current?.json ?? null;
  }

  /** Resolves when a geography is served. */
  async ready(): Promise<void> {
    if (!this.#current) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** A vector tile, gzip; null where nothing lies or where the version is not served (any more). */
  async tile(version: string, z: number, x: number, y: number): Promise<Buffer | null> {
    if (!versionPattern.test(version) || ![z, x, y].every((n) => Number.isInteger(n) && n >= 0)) return null;
    try {
      return await readFile(join(this.#folder, version, 'tiles', `${z}/${x}/${y}.pbf`));
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  #wake(afterMs: number): void {
    if (this.#stopped) return;
    if (this.#running) {
      this.#wokenMeanwhile = true;
      return;
    }
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#running = this.#reconcileOnce();
    }, afterMs);
  }

  async #reconcileOnce(): Promise<void> {
    const retry = await this.#reconcile();
    this.#running = null;
    if (retry) this.#wake(retryMs);
    else if (this.#wokenMeanwhile) this.#wake(settleMs);
    this.#wokenMeanwhile = false;
  }

  /** Whether it must be tried again later. */
  async #reconcile(): Promise<boolean> {
    try {
      const input = await this.#source.read();
      const neighbours = await this.#neighboursOf(input);
      const version = await versionOf(input, neighbours);
      if (version !== this.#current?.version) {
        const json = isEmpty(input) ? emptyTerritory(version) : await this.#made({ version, neighbours }, input);
        const old = this.#current?.version;
        this.#current = { version, json };
        for (const resolve of this.#waiting.splice(0)) resolve();
        await this.#removeOld([version, ...(old ? [old] : [])]);
      }
      return false;
    } catch (error) {
      if (!this.#stopped) {
        this.#logger.error({ err: error }, 'The territories of the map could not be made; trying again in 30 s.');
      }
      return !this.#stopped;
    }
  }

  /** From disk where it is there already, else from a child process. */
  async #made(wanted: Omit<BuildJob, 'folder' | 'input'>, input: TerritoryTexts): Promise<Buffer> {
    const folder = join(this.#folder, wanted.version);
    const kept = await readTerritory(folder);
    if (kept) return kept;
    const { points, boundariesSource } = input;
    await this.#build({ ...wanted, folder, input: { points, boundariesSource } }, input.boundaries);
    const json = await readTerritory(folder);
    if (!json) throw new Error(`The territories of version ${wanted.version} were made but are not in ${folder}.`);
    return json;
  }

  async #build(job: BuildJob, boundaries: TerritoryTexts['boundaries']): Promise<void> {
    const began = this.#clock.monotonic();
    const jobPath = `${job.folder}.job.json`;
    try {
      await writeFile(jobPath, JSON.stringify(job));
      await writeFile(boundariesBeside(jobPath), linesOf(boundaries));
      // A country's boundaries take seconds to write: who was stopped meanwhile begins nothing any more.
      if (this.#stopped) throw new Error('Stopped before the territories were made.');
      const output = await this.#run(jobPath);
      const tiles = (JSON.parse(output) as { tiles: number }).tiles;
      const ms = Math.round(this.#clock.monotonic() - began);
      this.#logger.info({ version: job.version, regions: job.input.points.length, tiles, ms }, 'territories made');
    } finally {
      for (const path of [jobPath, boundariesBeside(jobPath)]) await rm(path, { force: true });
      await rm(`${job.folder}.partial`, { recursive: true, force: true });
    }
  }

  #run(jobPath: string): Promise<string> {
    const script = fileURLToPath(new URL('build.ts', import.meta.url));
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, jobPath], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: buildLimitMs,
      env: {},
    });
    this.#child = child;
    // Polling goes first: the map may come a little later on a busy machine.
    if (child.pid !== undefined) lowerPriority(child.pid);
    let output = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-4000)));
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        this.#child = null;
        if (code === 0) resolve(output);
        else {
          const how = signal ?? `code ${code}`;
          reject(
            new ArungError('internal', `Making the territories of the map ended with ${how}: ${complaint.trim()}`, {
              code: 'territory.build-failed',
            }),
          );
        }
      });
    });
  }

  async #neighboursOf(input: Pick<TerritoryTexts, 'points'>): Promise<Neighbour[]> {
    const regencies = input.points.filter((p) => levelOfCode(p.code) === 'regency').map((p) => p.code);
    const codes = new Set([
      ...regencies,
      ...input.points.filter((p) => p.code.length > 5).map((p) => p.code.slice(0, 5)),
    ]);
    const found: Neighbour[] = [];
    for (const code of [...codes].toSorted()) {
      try {
        const text = await readFile(join(this.#neighboursDir, `${code}-neighbours.json`), 'utf8');
        found.push(...(JSON.parse(text) as Neighbour[]));
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    }
    return found;
  }

  async #removeOld(keep: readonly string[]): Promise<void> {
    for (const entry of await readdir(this.#folder)) {
      if (!keep.some((version) => entry === version)) {
        await rm(join(this.#folder, entry), { recursive: true, force: true });
      }
    }
  }
}

async function versionOf(input: TerritoryTexts, neighbours: readonly Neighbour[]): Promise<string> {
  const byCode = (a: { readonly code: string }, b: { readonly code: string }) => (a.code < b.code ? -1 : 1);
  const { points, boundaries, boundariesSource } = input;
  const hash = createHash('sha256');
  hash.update(JSON.stringify({ formatVersion, points: points.toSorted(byCode), boundariesSource, neighbours }));
  let characters = 0;
  for (const { code, geometry } of boundaries.toSorted(byCode)) {
    hash.update(code).update('\n').update(geometry).update('\n');
    characters += geometry.length;
    if (characters < charactersAtOnce) continue;
    characters = 0;
    await setImmediate();
  }
  return hash.digest('hex').slice(0, 16);
}

function* linesOf(boundaries: TerritoryTexts['boundaries']): Iterable<string> {
  for (const { code, geometry } of boundaries) yield `{"code":${JSON.stringify(code)},"geometry":${geometry}}\n`;
}

const isEmpty = (input: TerritoryTexts) => input.points.length === 0 && input.boundaries.length === 0;

/** Before there is any region: the country, without a territory. */
function emptyTerritory(version: string): Buffer {
  const territory: Territory = {
    version,
    source: { kind: 'computed', text: '' },
    bounds: [95, -11, 141, 6],
    tiles: `/peta/${version}/{z}/{x}/{y}.pbf`,
    regions: [],
    edges: [],
    neighbours: [],
    cornerKm: 0,
  };
  return Buffer.from(JSON.stringify(territory));
}

async function readTerritory(folder: string): Promise<Buffer | null> {
  try {
    return await readFile(join(folder, 'territory.json'));
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, 4);
  } catch {
    // The child may be gone already, or the system forbids it: neither matters.
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
