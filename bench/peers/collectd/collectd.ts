import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchDevices } from '../../snmp-devices.ts';
import { measuredByClock, type Collector } from '../collector.ts';

const intervalMs = 10_000;

interface Settings {
  readonly name: string;
  /** `best.conf` or `stock.conf`, and the tables of it. */
  readonly file: string;
  readonly tables: string;
  /** `BulkSize`: variables in an answer. */
  readonly bulk: string;
  readonly valuesPerLine: number;
}

const ownTypes = { file: 'stock.conf', tables: 'octets packets errors discards', valuesPerLine: 2 };

/**
 * `manual`: as its manual has it, tables of the types that it comes with, row by row. `bulk`: the same with GETBULK.
 * `best`: all columns in one table of a type made for it.
 */
const settings = {
  manual: { name: 'collectd, as in its manual', ...ownTypes, bulk: '' },
  bulk: { name: 'collectd, its own types with BulkSize', ...ownTypes, bulk: 'BulkSize 50' },
  best: {
    name: 'collectd, at its best',
    file: 'best.conf',
    tables: 'interfaces',
    bulk: 'BulkSize 200',
    valuesPerLine: 8,
  },
} satisfies Readonly<Record<string, Settings>>;

/** collectd with its snmp plugin: rates by its cache, line protocol over UDP by write_influxdb_udp. */
export const collectd = (kind: keyof typeof settings): Collector => ({
  name: settings[kind].name,
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
    writeFileSync(join(folder, 'collectd.conf'), configFor(settings[kind], folder, sink.address().port, devices));
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
        values: () => written() * settings[kind].valuesPerLine,
      });
    } finally {
      child.kill();
      if (child.exitCode === null) await once(child, 'exit');
      sink.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
});

function configFor(chosen: Settings, folder: string, sink: number, devices: BenchDevices): string {
  const { file, tables, bulk } = chosen;
  const hosts = devices.addresses.map((address, i) =>
    filled(fileText('host.conf'), {
      name: `bench-${i}`,
      address: `${address}:${devices.port}`,
      tables,
      bulk,
    }),
  );
  return [
    filled(fileText('collectd.conf'), { folder, sink: String(sink) }),
    '<Plugin snmp>',
    fileText(file),
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
