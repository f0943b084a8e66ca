import type { IntentDocument } from '../../../domain/intent.ts';
import { isRefusal } from '../device-errors.ts';
import type { DeviceConfiguration } from '../driver.ts';
import type { ApiRow } from './api-client.ts';
import { menuAt, knownMenus } from './menus/menus.ts';
import type { Menu } from './menu.ts';
import { isRollbackName } from './rollback-names.ts';
import type { Transport } from './transport.ts';

/** The driver's kind, also in documents. */
export const routerOsKind = 'routeros';

/** What a router holds, menu by menu. Private, so that no log and no JSON shows its secrets. */
export class RouterOsConfiguration implements DeviceConfiguration {
  readonly driver = routerOsKind;
  readonly readAt: number;
  readonly #rows: ReadonlyMap<string, readonly ApiRow[]>;

  constructor(readAt: number, rows: ReadonlyMap<string, readonly ApiRow[]>) {
    this.readAt = readAt;
    this.#rows = rows;
  }

  /** The rows of a menu, in its order, without what the device made itself; null where the device has no such menu. */
  rows(path: string): readonly ApiRow[] | null {
    return this.#rows.get(path) ?? null;
  }

  get paths(): Iterable<string> {
    return this.#rows.keys();
  }
}

/** Rows that a protocol or the device itself made are nobody's to manage, and may be a full table of the internet. */
export const notDynamic = ['-dynamic', 'dynamic=false', '#|'];

/**
 * Reads every list that may bear Arung's mark, and what the documents are about. All at once: it costs one round trip
 * where the transport can.
 */
export async function readConfiguration(
  transport: Transport,
  documents: readonly IntentDocument[],
  nowMs: number,
): Promise<RouterOsConfiguration> {
  const asked = new Set(documents.flatMap(({ fragments }) => fragments.map(({ subject }) => subject)));
  // A document of whole menus is also about those that it says nothing of.
  const isWhole = documents.some(({ whole }) => whole === true);
  const paths = [...knownMenus.values()].filter(({ shape }) => isWhole || shape === 'list').map(({ path }) => path);
  const all = [...new Set([...paths, ...asked])];
  const read = await Promise.all(
    all.map(async (path) => [path, await rowsOf(transport, menuAt(path), asked.has(path))] as const),
  );
  return new RouterOsConfiguration(
    nowMs,
    new Map(read.flatMap(([path, rows]) => (rows === null ? [] : [[path, rows] as const]))),
  );
}

async function rowsOf(transport: Transport, menu: Menu, isAsked: boolean): Promise<readonly ApiRow[] | null> {
  const queries = menu.shape === 'single' ? [] : notDynamic;
  try {
    const { rows } = await transport.run({ path: `${menu.path}/print`, queries });
    // Arung's own timers are its rollback's business; whatever a document says, they are not there for it.
    return menu.path === '/system/scheduler' ? rows.filter((row) => !isRollbackName(row['name'] ?? '')) : rows;
  } catch (error) {
    // A package that is not installed takes its menus along. One that a document names must be there.
    if (isRefusal(error) && !isAsked) return null;
    throw error;
  }
}
