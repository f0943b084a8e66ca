import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Logger } from 'pino';
import { demoDocument } from '../../data/bone/demo.ts';
import { systemAccess } from '../domain/access.ts';
import type { CredentialKind } from '../domain/device.ts';
import { ArungError } from '../domain/errors.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import type { InventoryDocument } from '../inventory/document.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { claimAgain, claimPort } from './port-claims.ts';
import { simulatorInventory, simulatorMemory, simulatorSocket } from './places.ts';

const access = systemAccess('demo');
const home = '73.08';
const usualSnmpPort = 10161;
/** Of RouterOS's API. */
const usualRouterPort = 8728;
/** Of SSH on switches; 22 is for who has rights. */
const usualSwitchPort = 2222;
/** Of attendance terminals: their own. */
const usualTerminalPort = 4370;
/** A handful of devices that are read over SNMPv3, so that it is seen at work. */
const usersPerMaker = 5;

/**
 * The inventory of Kabupaten Bone with loopback addresses and secrets of its own, made once per data folder: what the
 * simulator plays and the controller imports.
 */
export async function demoInventory(dataDir: string): Promise<InventoryDocument> {
  const path = simulatorInventory(dataDir);
  if (existsSync(path)) {
    const kept = keptInventory(dataDir);
    await claimPortsOf(kept);
    return kept;
  }
  const port = await claimPort('udp', usualSnmpPort);
  // The next above it is of their REST API.
  const managementPort = await claimPort('tcp', usualRouterPort, 2);
  const switchPort = await claimPort('tcp', usualSwitchPort);
  const terminalPort = await claimPort('tcp', usualTerminalPort);
  // A comm key is a number of six digits.
  const secretFor = ({ kind }: { readonly kind: CredentialKind }): string =>
    kind === 'zkteco' ? String(randomInt(100_000, 1_000_000)) : randomBytes(18).toString('base64url');
  const document = demoDocument({ port, managementPort, switchPort, terminalPort, secretFor, usersPerMaker });
  mkdirSync(dirname(path), { recursive: true });
  // whole or not at all: a demo killed while it writes must not leave half a file
  writeFileSync(`${path}.new`, JSON.stringify(document), { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return document;
}

/** Keeps the ports of an earlier run from demos that look for some. */
async function claimPortsOf(document: InventoryDocument): Promise<void> {
  const agents = new Set(document.devices?.flatMap(({ address, port }) => (address === undefined ? [] : (port ?? []))));
  for (const port of agents) await claimAgain('udp', port);
  for (const port of Object.values(managementPorts(document))) if (port !== undefined) await claimAgain('tcp', port);
}

/** Where simulated devices are configured, as the inventory has it; one of a demo from before they could has none. */
function managementPorts({ devices = [], credentials = [] }: InventoryDocument) {
  const portOf = (kind: CredentialKind): number | undefined => {
    const names = new Set(credentials.filter((credential) => credential.kind === kind).map(({ name }) => name));
    return devices.find(({ managementCredential }) => names.has(managementCredential ?? ''))?.managementPort;
  };
  const api = portOf('routeros');
  // Its REST API is the next above it.
  return { api, www: api === undefined ? undefined : api + 1, ssh: portOf('ssh'), zkteco: portOf('zkteco') };
}

/** A TCP port on loopback that nobody has now, for the broker that the simulated terminals must know beforehand. */
export async function freeTcpPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Puts Bone into an empty inventory; one that has sites is left as it is. */
export async function fillInventory(
  inventory: Inventory,
  document: InventoryDocument,
  logger: Logger,
): Promise<boolean> {
  const { items } = await inventory.sites.list(access, { page: { limit: 1 } });
  if (items.length > 0) return false;
  const regions = await inventory.catalogue.import(access, home);
  const imported = await inventory.importer.apply(access, {
    format: 'json',
    text: JSON.stringify(document),
  });
  logger.info({ regions: regions.created, created: imported.created }, 'the inventory of Kabupaten Bone is in');
  return true;
}

/** What the simulator is told of where devices are configured. */
export function managementArguments(dataDir: string): readonly string[] {
  const { api, www, ssh, zkteco } = managementPorts(keptInventory(dataDir));
  return [
    ...(api === undefined ? [] : [`--routeros-api=${api}`, `--routeros-www=${www}`]),
    ...(ssh === undefined ? [] : [`--switch-ssh=${ssh}`]),
    ...(zkteco === undefined ? [] : [`--terminal-tcp=${zkteco}`]),
  ];
}

function keptInventory(dataDir: string): InventoryDocument {
  return JSON.parse(readFileSync(simulatorInventory(dataDir), 'utf8')) as InventoryDocument;
}

/** The simulated backbone as a child process; it ends with us, however we end. */
export class SimulatorProcess implements LongLived {
  readonly name = 'simulated backbone';
  readonly #dataDir: string;
  readonly #mqttUrl: string;
  readonly #logger: Logger;
  #child: ChildProcess | null = null;

  constructor(options: { readonly dataDir: string; readonly mqttUrl: string; readonly logger: Logger }) {
    this.#dataDir = options.dataDir;
    this.#mqttUrl = options.mqttUrl;
    this.#logger = options.logger;
  }

  async start(): Promise<void> {
    const args = [
      '--disable-warning=ExperimentalWarning',
      '--max-semi-space-size=2',
      join(import.meta.dirname, '../../agents/simulator/main.ts'),
      `--inventory=${simulatorInventory(this.#dataDir)}`,
      `--control=${simulatorSocket(this.#dataDir)}`,
      `--mqtt=${this.#mqttUrl}`,
      `--memory=${simulatorMemory(this.#dataDir)}`,
      ...managementArguments(this.#dataDir),
      '--until-stdin-closes',
    ];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    const { stdout, stderr } = child;
    let problem = '';
    stderr.on('data', (chunk: Buffer) => {
      problem = (problem + chunk.toString()).slice(-2000);
    });
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: stdout }).on('line', (line) => {
        if (line.includes('"ready":true')) resolve();
      });
      child.once('error', reject);
      child.once('close', (code) => {
        reject(
          new ArungError('unavailable', `The simulated backbone ended (code ${code}): ${problem.trim()}`, {
            code: 'demo.simulator-ended',
          }),
        );
      });
    });
    child.once('exit', (code) => {
      if (this.#child !== null)
        this.#logger.error({ code, problem: problem.trim() }, 'the simulated backbone ended by itself');
    });
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.kill('SIGTERM');
    });
  }
}
