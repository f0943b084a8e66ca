import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { AddressInUse } from './address-in-use.ts';
import { ControlServer } from './control-server.ts';
import { readInventoryFile } from './inventory.ts';
import { Simulator } from './simulator.ts';

const patienceMs = 4000;
const usage = `node agents/simulator/main.ts --inventory FILE --control SOCKET [--mqtt mqtt://127.0.0.1:1883]
  --inventory FILE        an inventory document (arung-inventory/1) with loopback addresses and secrets
  --control SOCKET        path of the unix socket that takes commands
  --mqtt URL              broker of the attendance terminals; without it they stay silent
  --reboot-ms N           how long a restarting device is silent (35000)
  --routeros-api PORT     where routers take RouterOS's API, each on its own address; without it they do not
  --routeros-www PORT     and its REST API
  --switch-ssh PORT       where switches take SSH, each on its own address; without it they do not
  --terminal-tcp PORT     where attendance terminals are set up, each on its own address; without it they are not
  --memory FOLDER         where devices hold what was set on them while this does not run; without it they forget it
  --until-stdin-closes    stop when the process that started it goes away`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      inventory: { type: 'string' },
      control: { type: 'string' },
      mqtt: { type: 'string' },
      'reboot-ms': { type: 'string' },
      'routeros-api': { type: 'string' },
      'routeros-www': { type: 'string' },
      'switch-ssh': { type: 'string' },
      'terminal-tcp': { type: 'string' },
      memory: { type: 'string' },
      'until-stdin-closes': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  if (values.inventory === undefined || values.control === undefined)
    throw new Error(`Two options are needed:\n${usage}`);
  const simulator = new Simulator({
    inventory: readInventoryFile(values.inventory),
    broker: values.mqtt === undefined ? null : brokerOf(values.mqtt),
    startedMs: Date.now(),
    ...(values.memory === undefined
      ? {}
      : { memory: values.memory, complain: (sentence: string) => console.error(sentence) }),
    ...(values['routeros-api'] === undefined || values['routeros-www'] === undefined
      ? {}
      : { routerPorts: { api: Number(values['routeros-api']), www: Number(values['routeros-www']) } }),
    ...(values['terminal-tcp'] === undefined
      ? {}
      : { terminalPort: { port: Number(values['terminal-tcp']), udp: false } }),
    ...(values['switch-ssh'] === undefined ? {} : { switchPort: Number(values['switch-ssh']) }),
    ...(values['reboot-ms'] === undefined ? {} : { rebootMs: Number(values['reboot-ms']) }),
  });
  const control = new ControlServer(simulator, values.control);
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    // The control socket goes last: who finds it free finds the addresses free, too.
    void simulator
      .stop()
      .then(() => control.stop())
      .finally(() => process.exit(0));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  if (values['until-stdin-closes']) {
    // Whoever started us was killed, the broker with it: there is nobody to take leave of, and a successor waits.
    const leave = () => {
      simulator.flush();
      rmSync(control.path, { force: true });
      process.exit(0);
    };
    process.stdin.on('end', leave).on('error', leave).resume();
  }
  await patiently(() => control.start());
  await patiently(() => simulator.start());
  const { snmpAgents, terminals, links } = simulator.state();
  console.log(JSON.stringify({ ready: true, snmpAgents, terminals, links, control: values.control }));
}

/** A predecessor that was just told to end may still hold its addresses: waits for it a while. */
async function patiently(start: () => Promise<void>): Promise<void> {
  for (const until = performance.now() + patienceMs; ;) {
    try {
      await start();
      return;
    } catch (error) {
      if (!(error instanceof AddressInUse) || performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
  }
}

function brokerOf(url: string): { host: string; port: number } {
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== 'mqtt:') throw new Error(`The broker ${url} is not of the form mqtt://HOST:PORT.`);
  return { host: hostname, port: port === '' ? 1883 : Number(port) };
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
