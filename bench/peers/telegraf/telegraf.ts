import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchColumns, type BenchDevices } from '../../snmp-devices.ts';
import { collectedSeldom, measuredByClock, type Collector } from '../collector.ts';

const intervalMs = 10_000;

/** Telegraf with inputs.snmp: counters as line protocol, without rates. */
export const telegraf: Collector = {
  name: 'telegraf, at its best',
  peer: 'telegraf',
  async measure(program, devices, runs) {
    const folder = mkdtempSync(join(tmpdir(), 'arung-telegraf-'));
    const config = join(folder, 'telegraf.conf');
    writeFileSync(config, configFor(devices));
    let values = 0;
    const child = spawn(program, ['--config', config], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...collectedSeldom },
    });
    child.stdout.on('data', (part: Buffer) => {
      for (const byte of part) if (byte === 0x0a) values += benchColumns.length;
    });
    try {
      return await measuredByClock({
        pid: child.pid ?? 0,
        devices,
        runs,
        intervalMs,
        // It begins by the clock on the wall.
        begunMs: Math.ceil(Date.now() / intervalMs) * intervalMs,
        values: () => values,
      });
    } finally {
      child.kill();
      if (child.exitCode === null) await once(child, 'exit');
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function configFor(devices: BenchDevices): string {
  const agents = devices.addresses.map((address) => `"udp://${address}:${devices.port}"`).join(', ');
  const fields = benchColumns
    .map(({ oid, name }) => `[[inputs.snmp.table.field]]\nname = "${name}"\noid = ".${oid}"`)
    .join('\n');
  return readFileSync(join(import.meta.dirname, 'telegraf.conf'), 'utf8')
    .replace('@agents@', agents)
    .replace('@fields@', fields);
}
