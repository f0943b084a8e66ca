import { describe, expect, it } from 'vitest';
import type { DeviceId } from '../../domain/ids.ts';
import { gateBehind, healthNow, type LinkErrors, type NetworkHealth } from './health-gate.ts';
import type { RolloutDevice } from './rollout-record.ts';

const device = 'router' as DeviceId;
const endedAt = 1_000_000;
const port = (perS: number): LinkErrors => ({ key: 'port in_eps', name: 'rtr-a-01 ether1', perS });

describe('a gate behind a wave', () => {
  let errors: readonly LinkErrors[] = [];
  let isCounted = true;
  const health: NetworkHealth = {
    darkDevices: () => new Set(),
    poorServices: () => new Set(),
    errorsNear: () => errors,
    isCountedSince: (_, at) => isCounted && at === endedAt + 10_000,
    answeredAt: () => null,
    ask: () => undefined,
    nameOf: (id) => id,
  };
  const gateAt = (afterMs: number, before: readonly LinkErrors[] | null) => {
    const now = errors;
    errors = before ?? [];
    const kept = before === null ? { devices: [], services: [] } : healthNow(health, [device]);
    errors = now;
    const done = { deviceId: device, wave: 1, state: 'confirmed', endedAt } as RolloutDevice;
    const around = { behind: () => new Set<DeviceId>(), health, now: endedAt + afterMs, withinMs: 60_000 };
    return gateBehind({ before: kept, pauseS: 10, devices: [done] }, 1, around);
  };

  it('opens after the pause, once what is counted has been read', () => {
    errors = [];
    isCounted = true;
    expect(gateAt(9_000, []).state).toBe('pausing');
    expect(gateAt(11_000, []).state).toBe('open');
    isCounted = false;
    expect(gateAt(11_000, []).state).toBe('pausing');
    // What counts nothing holds nobody up.
    expect(gateAt(20_000, []).state).toBe('open');
    isCounted = true;
  });

  it('waits, and then shuts, while clearly more errors are counted than before', () => {
    errors = [port(7.25)];
    const worse = { devices: [], services: [], errors: ['rtr-a-01 ether1 (7.3/s)'] };
    expect(gateAt(11_000, [])).toEqual({ state: 'waiting', worse });
    expect(gateAt(71_000, [])).toEqual({ state: 'shut', worse });
    expect(gateAt(11_000, [port(3)])).toEqual({ state: 'waiting', worse });
  });

  it('takes errors that were there before, and what a rollout began with that did not count them', () => {
    errors = [port(7.25)];
    expect(gateAt(11_000, [port(6)]).state).toBe('open');
    expect(gateAt(11_000, null).state).toBe('open');
  });
});
