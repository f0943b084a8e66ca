import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lan, ProvisioningStage } from '../tests/support/provisioning-stage.ts';
import { systemAccess } from './domain/access.ts';
import { systemClock } from './domain/clock.ts';
import type { LongLived } from './domain/lifecycle.ts';
import type { StatusChange } from './domain/status-change.ts';
import { makeProvisioning } from './provisioning-parts.ts';
import { DeviceNetworks } from './domain/device-networks.ts';
import { BackupReader } from './provisioning/backups/backup-reader.ts';

import { MemoryCounters } from './telemetry/counters.ts';
import { SyslogListener } from './telemetry/syslog-listener.ts';

const system = systemAccess('test');
const device = 'rtr-c-01';

describe('a device that a hand has changed', { timeout: 90_000 }, () => {
  let stage: ProvisioningStage;
  let folder: string;
  let running: readonly LongLived[] = [];
  const listeners: ((change: StatusChange) => void)[] = [];
  const drifted: (readonly [string, string | null])[] = [];
  const syslog = new SyslogListener({
    host: '127.0.0.1',
    port: 0,
    networks: new DeviceNetworks(['127.0.0.0/8']),
    counters: new MemoryCounters(),
    logger: pino({ level: 'silent' }),
  });

  beforeAll(async () => {
    stage = await ProvisioningStage.open(133);
    folder = mkdtempSync(join(tmpdir(), 'arung-parts-'));
    const versions = await stage.stage({ [device]: lan(4) });
    await stage.runner.start();
    await stage.until((await stage.rollouts.start(system, { versions, pauseS: 0 })).rollout.id);
    await stage.runner.stop();
    const { database, inventory, vault } = stage.test;
    const provisioning = makeProvisioning({
      db: database.db,
      vault,
      inventory,
      board: {
        onChange: (listener) => {
          listeners.push(listener);
          return () => undefined;
        },
        deviceFacts: () => null,
        idsNotUp: () => [],
        measuredOf: () => null,
        sampledAt: () => null,
      },
      rules: { errorsOnLinks: () => [] },
      pollSoon: () => undefined,
      talk: syslog,
      probeSoon: () => undefined,
      services: { watched: () => [], statusOf: () => ({ state: 'up' }) as never, summaries: () => [] },
      rolloutDays: 730,
      events: {
        ofDrift: ({ deviceId, by }) => drifted.push([deviceId, by]),
        ofRollout: () => undefined,
        ofConfiguration: () => undefined,
        ofHostKey: () => undefined,
      },
      programs: {
        config: { dataDir: folder, pulumiDir: null, pulumiBin: null, pulumiPassphrase: null, tlsCertFile: null },
        tokens: {} as never,
        authenticator: { onAccessRevoked: () => () => undefined } as never,
        reached: () => ({ url: '', localUrl: '' }),
      },
      clock: systemClock,
      logger: pino({ level: 'silent' }),
    });
    const wanted = new Set(['intent', 'drift', 'signs of changes', 'changes that devices tell', 'backups of devices']);
    const parts = provisioning.parts.filter(({ name }) => wanted.has(name));
    expect(parts).toHaveLength(wanted.size);
    running = [syslog, ...parts];
    for (const part of running) await part.start();
  }, 90_000);
  afterAll(async () => {
    for (const part of running.toReversed()) await part.stop();
    await stage?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** From now on it tells its log to whoever listens here. */
  function tellsUs(router: string): void {
    const port = String(syslog.port ?? 0);
    stage.hands.byHand(router, '/system/logging/action/add', { name: 'arung', target: 'remote', remote: '127.0.0.1', 'remote-port': port }); // prettier-ignore
    stage.hands.byHand(router, '/system/logging/add', { topics: 'system', action: 'arung' });
  }

  it('is looked at soon after it restarted, and its configuration is kept soon after drift was found', async () => {
    const { db } = stage.test.database;
    const reader = new BackupReader({ db, sealer: stage.test.vault });
    const id = stage.id(device);
    stage.hands.byHand(device, '/ip/address/add', { address: '10.99.0.1/24', interface: 'bridge' });
    stage.hands.byHand(device, '/ip/address/remove', {
      '.id': stage.hands.idOf(device, '/ip/address', { address: '10.73.4.1/24' }),
    });
    const event = { key: 'device.restarted', entityKind: 'device', entityId: id } as never;
    for (const listener of listeners)
      listener({ transitions: [], events: [{ event, causeRegionCodes: [] }], loads: [], topologyChanged: false });
    await expect.poll(() => drifted, { timeout: 40_000, interval: 200 }).toEqual([[id, null]]);
    const kept = async () => (await reader.list(system, { device })).items;
    await expect.poll(kept, { timeout: 20_000, interval: 200 }).toHaveLength(1);
    const [backup] = await kept();
    expect((await reader.masked(system, backup?.id ?? '')).text).toContain('10.99.0.1/24');
  });

  it('is looked at soon after it said so itself, and who did it is told', async () => {
    drifted.length = 0;
    tellsUs(device);
    stage.hands.byHand(device, '/ip/address/add', { address: '10.73.4.1/24', interface: 'bridge' });
    await expect.poll(() => drifted, { timeout: 40_000, interval: 200 }).toEqual([[stage.id(device), 'admin']]);
  });

  it('has its configuration kept soon after it said so itself, also where nothing is wanted of it', async () => {
    const other = 'rtr-b-01';
    const { db } = stage.test.database;
    const reader = new BackupReader({ db, sealer: stage.test.vault });
    tellsUs(other);
    stage.hands.byHand(other, '/ip/address/add', { address: '10.99.1.1/24', interface: 'bridge' });
    const newest = async (): Promise<string> => {
      const [backup] = (await reader.list(system, { device: other })).items;
      return backup === undefined ? '' : (await reader.masked(system, backup.id)).text;
    };
    await expect.poll(newest, { timeout: 40_000, interval: 200 }).toContain('10.99.1.1/24');
  });
});
