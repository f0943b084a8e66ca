import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Demo } from './demo.ts';
import { startPlainMosquitto, type RunningMosquitto } from './mosquitto.ts';

const password = 'sandi-pengendali';

/** Mosquitto with the logins of a controller's inventory, as `arung broker acl` writes them; the next start uses it. */
export async function mosquittoBefore(demo: Demo, program: string, port: number): Promise<RunningMosquitto> {
  demo.set({ ARUNG_MQTT_URL: `mqtt://arung:${password}@127.0.0.1:${port}` });
  const folder = mkdtempSync(join(tmpdir(), 'arung-acl-'));
  try {
    await demo.cli('broker', 'acl', '--out', folder);
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
    const files = { passwords: read('passwords'), acl: read('acl') };
    return await startPlainMosquitto({ program, files, password, port });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
