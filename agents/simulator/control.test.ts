import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SimulatorControl, SimulatorRefusal } from './control.ts';
import { smallInventory } from './small-inventory.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
let folder = '';
let running: ChildProcess | null = null;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'arung-simulator-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  running = null;
  rmSync(folder, { recursive: true, force: true });
});

/** Starts the program and waits for its first line; gives what it said when it ends before that. */
async function start(
  net: number,
  ...more: string[]
): Promise<{ said: string; control: SimulatorControl; code: number | null }> {
  const small = await smallInventory(net);
  const inventory = join(folder, 'inventory.json');
  writeFileSync(inventory, JSON.stringify(small.document));
  return run(inventory, ...more);
}

function run(
  inventory: string,
  ...more: string[]
): Promise<{ said: string; control: SimulatorControl; code: number | null }> {
  const socket = join(folder, 'control.sock');
  const child = spawn(process.execPath, [main, '--inventory', inventory, '--control', socket, ...more], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  running = child;
  children.push(child);
  return new Promise((resolve) => {
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('\n')) resolve({ said, control: new SimulatorControl(socket), code: null });
    });
    child.on('exit', (code) => resolve({ said, control: new SimulatorControl(socket), code }));
  });
}

describe('the control of the simulator', () => {
  it('lists, cuts and restores links, and says what is dark', async () => {
    const { said, control } = await start(11);
    expect(JSON.parse(said)).toMatchObject({ ready: true, snmpAgents: 12, links: 14 });
    const links = await control.links();
    expect(links.find((link) => link.name === 'b--c')).toMatchObject({
      medium: 'radio',
      state: 'up',
      between: 'sites',
    });
    expect(links.find((link) => link.name === 'rtr-a--sw-a')?.between).toBe('inside');
    expect(await control.cut('b--c')).toMatchObject({ name: 'b--c', state: 'cut' });
    expect(await control.state()).toMatchObject({ cut: ['b--c'], dark: 3 });
    expect(await control.restore('b--c')).toMatchObject({ state: 'up' });
    await control.slow('rtr-a-01', 250);
    await control.garble('sw-b-01');
    await control.loss(5);
    expect(await control.state()).toMatchObject({
      dark: 0,
      slow: [{ name: 'rtr-a-01', ms: 250 }],
      garbled: ['sw-b-01'],
      lossPercent: 5,
    });
    await control.heal('sw-b-01');
    await control.heal('rtr-a-01');
    expect(await control.state()).toMatchObject({ slow: [], garbled: [] });
  });

  it('does at a router what somebody types there', async () => {
    const { control } = await start(17);
    const pools = await control.hand('rtr-b-01', '/ip/pool/add', ['name=kolam', 'ranges=10.0.0.2-10.0.0.9']);
    expect(pools).toMatchObject([{ name: 'kolam', ranges: '10.0.0.2-10.0.0.9' }]);
    await control.hand('rtr-b-01', '/ip/pool/set', ['?name=kolam', 'ranges=10.0.0.2-10.0.0.5']);
    expect(await control.hand('rtr-b-01', '/ip/pool/print', ['?name=kolam'])).toMatchObject([
      { ranges: '10.0.0.2-10.0.0.5' },
    ]);
    expect(await control.hand('rtr-b-01', '/system/identity/set', ['name=lain'])).toMatchObject([{ name: 'lain' }]);
    expect(await control.hand('rtr-b-01', '/ip/pool/remove', ['?name=kolam'])).toEqual([]);
    await expect(control.hand('rtr-b-01', '/ip/pool/remove', ['?name=kolam'])).rejects.toThrow(
      /no such entry in .ip.pool/,
    );
    await expect(control.hand('rtr-b-01', '/ip/kolam/print', [])).rejects.toThrow(/rtr-b-01 refuses .ip.kolam.print/);
    await expect(control.hand('rtr-b-01', 'rm -rf', [])).rejects.toThrow(/looks like .ip.pool.print/);
    await expect(control.hand('rtr-x-01', '/ip/pool/print', [])).rejects.toThrow('Did you mean');
  });

  it('reboots a device, and switches a feeder: sites with a UPS go on', async () => {
    const { control } = await start(12, '--reboot-ms', '300');
    await control.reboot('rtr-b-01');
    expect(await control.state()).toMatchObject({ off: ['rtr-b-01'] });
    await control.reboot('rtr-c-01');
    await control.power('Penyulang C', 'off');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await control.state())['off']).toEqual(['rtr-c-01', 'sw-c-01', 'abs-c-01']);
    await control.power('Penyulang C', 'on');
    await new Promise((resolve) => setTimeout(resolve, 900));
    expect(await control.state()).toMatchObject({ off: [], dark: 0 });
  });

  it('answers an unknown name with those that were meant', async () => {
    const { control } = await start(13);
    const refusal = await control.cut('b-c').catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(SimulatorRefusal);
    expect((refusal as SimulatorRefusal).near).toContain('b--c');
    expect((refusal as SimulatorRefusal).message).toContain('Did you mean');
    await expect(control.reboot('rtr-x-01')).rejects.toThrow('rtr-a-01');
  });

  it('is for its owner alone, and takes over the socket of one that was killed', async () => {
    await start(14);
    const first = running;
    const socket = join(folder, 'control.sock');
    expect(statSync(socket).mode & 0o077).toBe(0);
    const second = await run(join(folder, 'inventory.json'));
    expect(second.code).toBe(1);
    expect(second.said).toContain('Another simulator answers');
    first?.kill('SIGKILL');
    await new Promise((resolve) => first?.on('exit', resolve));
    expect(existsSync(socket)).toBe(true);
    const third = await run(join(folder, 'inventory.json'));
    expect(third.said).toContain('"ready":true');
  });

  it('waits for a predecessor that is about to end', async () => {
    await start(16);
    const first = running;
    const second = run(join(folder, 'inventory.json'));
    setTimeout(() => first?.kill('SIGTERM'), 1500);
    expect((await second).said).toContain('"ready":true');
  });

  it('ends with the process that started it', async () => {
    await start(15, '--until-stdin-closes');
    const child = running;
    const ended = new Promise((resolve) => child?.on('exit', resolve));
    child?.stdin?.end();
    expect(await ended).toBe(0);
    expect(existsSync(join(folder, 'control.sock'))).toBe(false);
  });

  it('says what is wrong with an inventory, and with no simulator', async () => {
    const broken = join(folder, 'broken.json');
    writeFileSync(broken, '{');
    expect((await run(broken)).said).toContain('cannot be read as JSON');
    writeFileSync(
      broken,
      JSON.stringify({
        format: 'arung-inventory/1',
        devices: [{ name: 'x', site: 's', role: 'router', address: '10.0.0.1' }],
      }),
    );
    expect((await run(broken)).said).toContain('give it one in 127.0.0.0/8');
    await expect(new SimulatorControl(join(folder, 'none')).links()).rejects.toThrow('is the demo running?');
  });
});
