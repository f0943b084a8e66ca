import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../../../tests/support/api.ts';
import { BotApi } from '../../../tests/support/bot-api.ts';
import { TestClock } from '../../../tests/support/desk-stage.ts';
import { WebhookReceiver } from '../../../tests/support/webhook-receiver.ts';
import { readWatchFile, type WatchFile } from './watch-file.ts';
import { WatchMemory } from './watch-memory.ts';
import { Watcher } from './watcher.ts';

describe('a watcher', { timeout: 120_000 }, () => {
  let api: TestApi;
  let hook: WebhookReceiver;
  let hookUrl: string;
  let folder: string;
  let failing: { part: string; since: number }[] = [];
  /** Where nobody answers. */
  const nowhere = 'http://127.0.0.1:1';
  const clock = new TestClock(Date.UTC(2026, 10, 29, 18, 10));

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'arung-watch-'));
    hook = new WebhookReceiver();
    hookUrl = await hook.start();
    api = await createTestApi({
      overrides: { readiness: { parts: ['database', 'broker'], look: () => Promise.resolve(failing as never) } },
    });
    await api.api.start();
  }, 240_000);
  afterAll(async () => {
    await hook?.stop();
    await api?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);
  beforeEach(() => {
    hook.calls.length = 0;
    hook.answer = () => 200;
    failing = [];
  });

  const fileOf = (url: string, more: Partial<WatchFile> = {}): WatchFile => ({
    watch: [{ name: 'Bone', url }],
    tell: [
      {
        kind: 'webhook',
        settings: { url: hookUrl },
        secrets: { key: 'k'.repeat(32) },
        address: 'jaga',
        language: 'id',
      },
    ],
    deadAfterS: 60,
    impairedAfterS: 60,
    aliveAfterS: 15,
    ...more,
  });
  const watcherOf = (file: WatchFile, memory = new WatchMemory(null)) =>
    new Watcher({ file, memory, clock, logger: pino({ level: 'silent' }) });
  const run = async (watcher: Watcher, seconds: number) => {
    for (let passed = 0; passed < seconds; passed += 15) {
      clock.go(15_000);
      await watcher.look();
    }
  };
  const told = () =>
    hook.calls.map(({ body }) => {
      const { kind, title } = JSON.parse(body) as { kind: string; title: string };
      return `${kind} ${title}`;
    });

  it('says nothing of one that is alive, and nothing at once of one that misses a look', async () => {
    const watcher = watcherOf(fileOf(api.api.localUrl));
    await run(watcher, 120);
    const dead = watcherOf(fileOf(nowhere));
    await run(dead, 60);
    expect(told()).toEqual([]);
    await run(dead, 15);
    expect(told()).toEqual(['opened Arung Bone tidak menjawab']);
    await run(dead, 3_600);
    expect(hook.calls).toHaveLength(1);
  });

  it('names the parts that fail, and says that it works again', async () => {
    const watcher = watcherOf(fileOf(api.api.localUrl));
    await run(watcher, 30);
    failing = [{ part: 'database', since: 0 }];
    await run(watcher, 90);
    expect(told()).toEqual(['opened Pemantauan Arung Bone terganggu']);
    expect(hook.calls[0]?.body).toContain('basis data');
    failing = [];
    await run(watcher, 60);
    expect(told().slice(1)).toEqual(['resolved Arung Bone bekerja lagi']);
  });

  it('takes a page of somebody else’s server, or its error, for no sign of life', async () => {
    const stranger = new WebhookReceiver();
    const url = (await stranger.start()).replace('/hook', '');
    try {
      for (const status of [200, 502]) {
        hook.calls.length = 0;
        stranger.answer = () => status;
        await run(watcherOf(fileOf(url)), 90);
        expect(told()).toEqual(['opened Arung Bone tidak menjawab']);
      }
      expect(hook.calls[0]?.body).toContain('HTTP 502');
    } finally {
      await stranger.stop();
    }
  });

  it('tells nothing twice after a start of its own, and forgets no end', async () => {
    const state = join(folder, 'state');
    await run(watcherOf(fileOf(nowhere), new WatchMemory(state)), 90);
    await run(watcherOf(fileOf(nowhere), new WatchMemory(state)), 90);
    expect(told()).toEqual(['opened Arung Bone tidak menjawab']);
    await run(watcherOf(fileOf(api.api.localUrl), new WatchMemory(state)), 30);
    expect(told().slice(1)).toEqual(['resolved Arung Bone bekerja lagi']);
    expect((JSON.parse(hook.calls[1]?.body ?? '{}') as { text: string }).text).toMatch(/^Setelah \d+ menit/);
  });

  it('goes on trying when a message is not taken, with the same id, and holds nobody else up', async () => {
    const bot = new BotApi();
    const apiRoot = await bot.start();
    bot.chats.add('123456789');
    try {
      const file = fileOf(nowhere);
      const telegram = { kind: 'telegram', settings: { apiRoot }, secrets: { token: bot.token }, address: '123456789' };
      const watcher = watcherOf({ ...file, tell: [...file.tell, { ...telegram, language: 'en' as const }] });
      hook.answer = () => 500;
      await run(watcher, 120);
      expect(bot.messages.map(({ text }) => text)).toEqual([expect.stringContaining('Arung Bone does not answer')]);
      expect(hook.calls.length).toBeGreaterThan(1);
      hook.answer = () => 200;
      await run(watcher, 60);
      expect(new Set(hook.calls.map(({ id }) => id)).size).toBe(1);
      const calls = hook.calls.length;
      await run(watcher, 60);
      expect(hook.calls).toHaveLength(calls);
    } finally {
      await bot.stop();
    }
  });

  it('reads its file whole and strictly, and only one that nobody else may read', () => {
    const path = join(folder, 'watch.json');
    const write = (given: unknown, mode = 0o600) => {
      writeFileSync(path, JSON.stringify(given));
      chmodSync(path, mode);
      return () => readWatchFile(path);
    };
    const good = fileOf(nowhere);
    expect(write(good)()).toEqual(good);
    expect(write(good, 0o644)).toThrow(/chmod 600/);
    expect(write({ ...good, tel: [] })).toThrow(/docs\/watch\.md/);
    expect(write({ ...good, watch: [] })).toThrow(/\/watch/);
    expect(write({ ...good, watch: [...good.watch, ...good.watch] })).toThrow(/two of one name/);
    const way = (more: object) => write({ ...good, tell: [{ ...good.tell[0], ...more }] });
    expect(way({ kind: 'merpati' })).toThrow(/no channel merpati/);
    expect(way({ kind: 'inbox' })).toThrow(/may be dead/);
    expect(way({ secrets: { key: 'rahasia-pendek' } })).toThrow(/\/tell\/0\/secrets/);
    expect(() => {
      try {
        way({ secrets: { key: 'rahasia-pendek' } })();
      } catch (error) {
        expect(String(error)).not.toContain('rahasia-pendek');
        throw error;
      }
    }).toThrow();
  });
});
