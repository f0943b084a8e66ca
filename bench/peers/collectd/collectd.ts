import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchDevices } from '../../snmp-devices.ts';
import { measuredByClock, type Collector } from '../collector.ts';

const intervalMs = 10_000;

/** `best`: all columns in one table of a type made for it. `stock`: tables of the types that collectd comes with. */
const tables = {
  best: { name: 'collectd', tables: 'interfaces', variables: 200, valuesPerLine: 8 },
  stock: { name: 'collectd, its own types', tables: 'octets packets errors discards', variables: 50, valuesPerLine: 2 },
} as const;

/** collectd with its snmp plugin: rates by its cache, line protocol over UDP by write_influxdb_udp. */
export const collectd = (kind: keyof typeof tables): Collector => ({
  name: tables[kind].name,
  peer: 'collectd',
  async measure(program, devices, runs) {
    const folder = mkdtempSync(join(tmpdir(), 'arung-collectd-'));
    const sink = createSocket('udp4').bind(0, '127.0.0.1');
    await once(sink, 'listening');
    let datagrams = 0;
    let lines = 0;
    sink.on('message', (datagram) => {
      datagrams += 1;
      for (const byte of datagram) if (byte === 0x0a) lines += 1;
    });
    // What the kernel had no room for was collected, too.
    const written = (): number => lines * (1 + (datagrams === 0 ? 0 : droppedAt(sink.address().port) / datagrams));
    writeFileSync(join(folder, 'types.db'), fileText('types.db'));
    writeFileSync(join(folder, 'collectd.conf'), configFor(kind, folder, sink.address().port, devices));
    const child = spawn(program, ['-f', '-C', join(folder, 'collectd.conf')], {
      // Names are numbers here: it need not read MIBs first.
      env: { ...process.env, MIBS: '' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    try {
      return await measuredByClock({
        pid: child.pid ?? 0,
        devices,
        runs,
        intervalMs,
        begunMs: Date.now(),
        values: () => written() * tables[kind].valuesPerLine,
      });
    } finally {
      child.kill();
      if (child.exitCode === null) await once(child, 'exit');
      sink.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
});

function configFor(kind: keyof typeof tables, folder: string, sink: number, devices: BenchDevices): string {
  const { tables: names, variables } = tables[kind];
  const hosts = devices.addresses.map((address, i) =>
    filled(fileText('host.conf'), {
      name: `bench-${i}`,
      address: `${address}:${devices.port}`,
      tables: names,
      variables: String(variables),
    }),
  );
  return [
    filled(fileText('collectd.conf'), { folder, sink: String(sink) }),
    '<Plugin snmp>',
    fileText(`${kind}.conf`),
    ...hosts,
    '</Plugin>\n',
  ].join('\n');
}

function fileText(name: string): string {
  return readFileSync(join(import.meta.dirname, name), 'utf8');
}

function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/@(\w+)@/g, (_, name: string) => values[name] ?? '');
}

/** Datagrams that the kernel threw away at a socket of ours (`drops` of proc(5)). */
function droppedAt(port: number): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const line = readFileSync('/proc/net/udp', 'utf8')
    .split('\n')
    .find((one) => one.trim().split(/\s+/)[1]?.endsWith(local));
  return Number(line?.trim().split(/\s+/).at(-1) ?? 0);
}
