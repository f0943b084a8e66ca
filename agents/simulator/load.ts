import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Aedes } from 'aedes';
import { demoDocument } from '../../data/bone/demo.ts';
import { inventoryOf } from './inventory.ts';
import { Network } from './network.ts';
import { SimulatorControl } from './control.ts';
import { BerWriter, tag } from './snmp/ber-writer.ts';
import { oid } from './snmp/oid.ts';

/**
 * What one simulator process costs when all of Bone is polled as the controller does: every device's reachability each
 * 5 s, eight counters of each interface each 10 s, health each 60 s, every terminal asked each 5 s. Prints one JSON
 * line; `node agents/simulator/load.ts [SECONDS]`. The load runs in this process, the simulator in one of its own.
 */
const seconds = Number(process.argv[2] ?? 40);
const community = 'bone-load';
const folder = mkdtempSync(join(tmpdir(), 'arung-load-'));
const port = 10_000 + (process.pid % 20_000);
const document = demoDocument({ port, secretFor: ({ kind }) => (kind === 'mqtt' ? 'x' : community) });
const inventory = join(folder, 'inventory.json');
const socket = join(folder, 'control.sock');
writeFileSync(inventory, JSON.stringify(document));

const aedes = await Aedes.createBroker();
const broker = createServer((stream) => aedes.handle(stream));
await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve));
const mqtt = `mqtt://127.0.0.1:${(broker.address() as AddressInfo).port}`;

const program = fileURLToPath(new URL('main.ts', import.meta.url));
const started = performance.now();
const child = spawn(
  process.execPath,
  [program, '--inventory', inventory, '--control', socket, '--mqtt', mqtt, '--until-stdin-closes'],
  {
    stdio: ['pipe', 'pipe', 'inherit'],
  },
);
await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
const readyMs = performance.now() - started;

let requestId = 1;
const writer = new BerWriter(65_000);
function get(names: readonly (readonly number[])[]): Buffer {
  writer.length = 0;
  const message = writer.open(tag.sequence);
  writer.integer(1);
  writer.octets(community);
  const pdu = writer.open(tag.get);
  writer.integer(requestId++);
  writer.integer(0);
  writer.integer(0);
  const list = writer.open(tag.sequence);
  for (const name of names) {
    const binding = writer.openSmall(tag.sequence);
    writer.oid(name, []);
    writer.empty(tag.null);
    writer.closeSmall(binding);
  }
  for (const open of [list, pdu, message]) writer.close(open);
  return Buffer.from(writer.buffer.subarray(0, writer.length));
}

/** Packets of each device: [interval in ms, packet]. */
const network = new Network(inventoryOf(document), Date.now());
const packets: { address: string; everyMs: number; dueMs: number; packet: Buffer }[] = [];
let valuesPerS = 0;
const plan = (address: string, everyMs: number, names: readonly (readonly number[])[]) => {
  for (let i = 0; i < names.length; i += 50) {
    const some = names.slice(i, i + 50);
    packets.push({ address, everyMs, dueMs: Math.random() * everyMs, packet: get(some) });
    valuesPerS += (some.length * 1000) / everyMs;
  }
};
const upTime = oid('1.3.6.1.2.1.1.3.0');
for (const device of network.devices.values()) {
  if (device.address === '') continue;
  const physical = device.ports.filter((item) => item.ifType === 6);
  const linked = device.ports.filter((item) => item.link !== null);
  const x = device.kind.name === 'apc-smart-ups' ? '1.3.6.1.2.1.2.2.1' : '1.3.6.1.2.1.31.1.1.1';
  plan(device.address, 5000, [upTime, ...linked.map((item) => oid(`1.3.6.1.2.1.2.2.1.8.${item.ifIndex}`))]);
  plan(
    device.address,
    10_000,
    physical.flatMap((item) =>
      [
        ...[6, 7, 10, 11].map((column) => `${x}.${column}`),
        ...[8, 13, 14, 20].map((column) => `1.3.6.1.2.1.2.2.1.${column}`),
      ].map((column) => oid(`${column}.${item.ifIndex}`)),
    ),
  );
  plan(
    device.address,
    60_000,
    [1, 2, 3, 4, 5].map((core) => oid(`1.3.6.1.2.1.25.3.3.1.2.${core}`)),
  );
}
const terminals = (document.devices ?? [])
  .filter((device) => device.protocol === 'mqtt')
  .map((device) => device.serial ?? '');

const udp = createSocket({ type: 'udp4', lookup: (host, _options, done) => done(null, host, 4), recvBufferSize: 4e6 });
let sent = 0;
let received = 0;
let responses = 0;
udp.on('message', () => received++);
await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
aedes.on('publish', (packet) => {
  if (packet.topic.endsWith('/response')) responses++;
});
const control = new SimulatorControl(socket);
for (let i = 0; i < 100 && Number((await control.state())['terminalsConnected']) < terminals.length; i++) {
  await new Promise((resolve) => setTimeout(resolve, 100));
}
const connected = (await control.state())['terminalsConnected'];

/** User and system time of a process, in seconds. */
function cpuS(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const pid = child.pid ?? 0;
const from = performance.now();
let cpuFrom = cpuS(pid);
let measuredFrom = from;
let asked = 0;
const tick = setInterval(() => {
  const now = performance.now() - from;
  for (const item of packets) {
    if (item.dueMs > now) continue;
    item.dueMs += item.everyMs;
    udp.send(item.packet, port, item.address);
    sent++;
  }
  while (asked < (now / 5000) * terminals.length) {
    const serial = terminals[asked % terminals.length] ?? '';
    const payload = JSON.stringify({ id: String(asked), op: asked % 12 === 0 ? 'status' : 'ping' });
    aedes.publish(
      { cmd: 'publish', topic: `arung/v1/terminals/${serial}/request`, payload, qos: 1, retain: false, dup: false },
      () => undefined,
    );
    asked++;
  }
}, 20);
// The first ten seconds warm the compiler up.
await new Promise((resolve) => setTimeout(resolve, 10_000));
cpuFrom = cpuS(pid);
measuredFrom = performance.now();
await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const wallS = (performance.now() - measuredFrom) / 1000;
const usedS = cpuS(pid) - cpuFrom;
const rssMb = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
clearInterval(tick);
await new Promise((resolve) => setTimeout(resolve, 1500));

process.stdout.write(
  `${JSON.stringify({
    bench: 'simulator',
    devices: network.devices.size,
    readyMs: Math.round(readyMs),
    terminalsConnected: connected,
    packetsPerS: Math.round(packets.reduce((sum, item) => sum + 1000 / item.everyMs, 0)),
    valuesPerS: Math.round(valuesPerS),
    cpuPercentOfACore: Math.round((usedS / wallS) * 1000) / 10,
    rssMb: Math.round(rssMb),
    answered: `${received} of ${sent}`,
    terminalAnswers: `${responses} of ${asked}`,
  })}\n`,
);
udp.close();
child.stdin.end();
await new Promise((resolve) => child.on('exit', resolve));
broker.close();
aedes.close();
rmSync(folder, { recursive: true, force: true });
process.exit(0);
