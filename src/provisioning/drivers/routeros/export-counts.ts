import { ArungError } from '../../../domain/errors.ts';
import { isRefusal } from '../device-errors.ts';
import { notDynamic } from './configuration.ts';
import { commandsOf } from './export-commands.ts';
import { knownMenus } from './menus/menus.ts';
import type { Transport } from './transport.ts';

/** Menus in which the device itself has entries that an export does not add: nothing can be counted there. */
const withOwnEntries = new Set([
  '/user',
  '/user/group',
  '/user/ssh-keys',
  '/interface/list',
  '/snmp/community',
  '/system/logging',
  '/system/logging/action',
  '/routing/ospf/instance',
]);

/**
 * Asks the device how many entries it has where an export adds each of them, and compares. An export has no mark at its
 * end (help.mikrotik.com, "Configuration Management"): one that stops at the end of a line looks whole, and everything
 * after it looks taken away. Throws `router.export-cut`.
 * @param text of `/export`.
 */
export async function checkCounts(transport: Transport, text: string): Promise<void> {
  const added = new Map<string, number>();
  for (const { path, verb } of commandsOf(text)) if (verb === 'add') added.set(path, (added.get(path) ?? 0) + 1);
  const paths = [...knownMenus.values()]
    .filter(({ path, shape }) => shape === 'list' && !withOwnEntries.has(path))
    .map(({ path }) => path);
  const counts = await Promise.all(paths.map(async (path) => [path, await countOf(transport, path)] as const));
  const short = counts.find(([path, count]) => count !== null && count > (added.get(path) ?? 0));
  if (short === undefined) return;
  const [path, count] = short;
  const address = transport.name;
  throw new ArungError(
    'unavailable',
    `${address} has ${count} entries in ${path}, its export ${added.get(path) ?? 0}: the export is not whole, and is not kept.`,
    { code: 'router.export-cut', arguments: { address } },
  );
}

/** Null where the device has no such menu, or does not count. */
async function countOf(transport: Transport, path: string): Promise<number | null> {
  try {
    const { ret } = await transport.run({ path: `${path}/print`, values: { 'count-only': '' }, queries: notDynamic });
    return ret !== null && /^\d+$/.test(ret) ? Number(ret) : null;
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}
