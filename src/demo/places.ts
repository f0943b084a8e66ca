import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `sun_path` holds 108 bytes with its end. */
const longestSocketPath = 100;

/** Where the simulator of a data folder is controlled: a unix socket beside its data, or in the temporary folder when that path is too long. */
export function simulatorSocket(dataDir: string): string {
  const inside = join(dataDir, 'simulator', 'control.sock');
  if (Buffer.byteLength(inside) <= longestSocketPath) return inside;
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  return join(tmpdir(), `arung-simulator-${name}.sock`);
}

/** What simulated devices hold while nobody runs them; passwords are in it. */
export function simulatorMemory(dataDir: string): string {
  return join(dataDir, 'simulator', 'devices');
}

/** The inventory with its secrets, as the simulator plays it; readable by its owner alone. */
export function simulatorInventory(dataDir: string): string {
  return join(dataDir, 'simulator', 'inventory.json');
}
