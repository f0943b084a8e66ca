import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { Outbox } from './outbox.ts';
import { Sender } from './sender.ts';
import { readSettings } from './settings.ts';

const logger = pino({ enabled: false });
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'arung-outbox-'));
  folders.push(folder);
  return folder;
}
async function opened(folder: string, maxBytes = 1_048_576): Promise<Outbox> {
  const outbox = new Outbox({ folder, maxBytes, logger });
  await outbox.start();
  return outbox;
}
async function texts(outbox: Outbox): Promise<string[]> {
  const found: string[] = [];
  for (const message of outbox.waiting) found.push(String(await outbox.take(message)));
  return found;
}

describe('what waits for the broker', () => {
  it('outlives a crash in its order; a file that was never whole is left out', async () => {
    const folder = newFolder();
    const before = await opened(folder);
    for (let n = 0; n < 12; n++) await before.add(Buffer.from(`m${n}`));
    const [first] = before.waiting;
    if (first !== undefined) await before.remove(first);
    writeFileSync(join(folder, '000000000012.lp.gz.new'), 'half');
    const after = await opened(folder);
    expect(await texts(after)).toEqual(Array.from({ length: 11 }, (_, at) => `m${at + 1}`));
    await after.add(Buffer.from('new'));
    expect((await texts(after)).at(-1)).toBe('new');
    expect(readdirSync(folder).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  it('takes no more room than it may: the oldest goes, counted, but nothing that is under way', async () => {
    const outbox = await opened(newFolder(), 5 * 4_096);
    for (let n = 0; n < 5; n++) await outbox.add(Buffer.from(`m${n}`));
    const [first] = outbox.waiting;
    if (first !== undefined) await outbox.take(first);
    for (let n = 5; n < 8; n++) await outbox.add(Buffer.from(`m${n}`));
    expect(outbox.lost).toBe(3);
    expect(await texts(outbox)).toEqual(['m0', 'm4', 'm5', 'm6', 'm7']);
  });

  it('is kept in memory while the disk takes nothing, and on the disk afterwards', async () => {
    const folder = join(newFolder(), 'queue');
    const outbox = await opened(folder);
    rmSync(folder, { recursive: true });
    await outbox.add(Buffer.from('a'));
    await opened(folder);
    await outbox.add(Buffer.from('b'));
    expect(await texts(outbox)).toEqual(['a', 'b']);
    expect(await texts(await opened(folder))).toEqual(['b']);
  });
});

describe('the sender', () => {
  it('removes a message when the broker has it, tries again what failed, and leaves the rest for the next start', async () => {
    const folder = newFolder();
    const outbox = await opened(folder);
    for (let n = 0; n < 40; n++) await outbox.add(Buffer.from(`m${n}`));
    const tried: string[] = [];
    const sender = new Sender({
      outbox,
      deliver: (payload) => {
        const text = payload.toString();
        tried.push(text);
        if (text === 'm3' && tried.filter((one) => one === 'm3').length === 1) return Promise.reject(new Error('no'));
        return text === 'm39' ? new Promise(() => undefined) : Promise.resolve();
      },
      logger,
    });
    await sender.start();
    await expect.poll(() => outbox.waiting.length, { timeout: 5_000 }).toBe(1);
    await sender.stop();
    expect(tried.slice(0, 8)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7']);
    expect([sender.sent, tried.filter((one) => one === 'm3').length]).toEqual([39, 2]);
    expect(await texts(await opened(folder))).toEqual(['m39']);
  });
});

describe('the settings of an agent at a site', () => {
  const file = (content: string, mode = 0o600): string => {
    const path = join(newFolder(), 'agent.json');
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  };
  const good = { broker: 'mqtts://arung.example:8883', name: 'kec-kahu', password: 'rahasia', dataDir: '/var/lib/a' };

  it('come from a file and the environment, which wins', () => {
    const env = { ARUNG_AGENT_NAME: 'kec-ponre', ARUNG_AGENT_EVERY_S: '60', ARUNG_AGENT_CA_FILE: '' };
    expect(readSettings(file(JSON.stringify(good)), env)).toEqual({ ...good, name: 'kec-ponre', everyS: 60 });
  });

  it('are refused with the place of what is wrong, and never with the password', () => {
    const refused = (content: string, mode?: number, env = {}): string => {
      try {
        readSettings(file(content, mode), env);
      } catch (error) {
        return `${String(error)} ${String((error as Error).cause)}`;
      }
      return 'accepted';
    };
    const all = [
      refused(JSON.stringify(good), 0o644),
      refused(JSON.stringify({ ...good, broker: 'mqtts://u:rahasia@host' })),
      refused(JSON.stringify(good), 0o600, { ARUNG_AGENT_EVERY_S: 'sering' }),
      refused(`{"password":"rahasia",`),
      refused(JSON.stringify({ ...good, wrong: 1 })),
      refused(JSON.stringify({ ...good, password: undefined })),
    ];
    expect(all[0]).toContain('chmod 600');
    expect(all[1]).toContain('broker (ARUNG_AGENT_BROKER)');
    expect(all[2]).toContain('everyS (ARUNG_AGENT_EVERY_S)');
    expect(all[3]).toContain('it is no JSON');
    expect(all[5]).toContain('password');
    for (const text of all) expect(text).not.toMatch(/rahasia|accepted/);
  });
});
