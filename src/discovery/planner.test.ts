import { describe, expect, it } from 'vitest';
import { MemoryReader } from '../../tests/support/memory-reader.ts';
import type { Clock } from '../domain/clock.ts';
import { newId } from '../domain/ids.ts';
import type { DeviceFacts, PollTarget } from '../domain/plan.ts';
import { identify } from './identify.ts';
import { Planner } from './planner.ts';
import type { SnmpReader } from './snmp-reader.ts';

const target: PollTarget = {
  deviceId: newId(),
  siteId: newId(),
  agentId: newId(),
  name: 'rtr-kahu-01',
  role: 'router',
  gateway: true,
  protocol: 'snmp',
  address: '127.0.0.2',
  port: 161,
  serial: '',
  secret: { kind: 'snmp-v2c', community: 'public' },
  profile: null,
  backbone: false,
  interfaces: [{ id: newId(), name: 'ether1', mac: '', ifIndex: 1, speedBps: 1e9, carriesLink: true }],
};

function device(): MemoryReader {
  return MemoryReader.of({
    '1.3.6.1.2.1.1.1.0': 'RouterOS RB760iGS',
    '1.3.6.1.2.1.1.2.0': { oid: '1.3.6.1.4.1.14988.1' },
    '1.3.6.1.2.1.1.5.0': 'rtr-kahu-01',
    '1.3.6.1.2.1.2.2.1.3.1': 6,
    '1.3.6.1.2.1.31.1.1.1.1.1': 'ether1',
    '1.3.6.1.2.1.31.1.1.1.6.1': 7,
  });
}

const hour = 3_600_000;

/** A planner whose device is `device`, with facts of `age` in its memory. */
async function planner(age: number | null) {
  const reader = device();
  const recorded: DeviceFacts[] = [];
  const now = 10 * hour;
  const clock: Clock = { now: () => now, monotonic: () => now };
  const kept = age === null ? null : await identify(target.deviceId, device(), now - age);
  const made = new Planner({
    readerFor: () => reader,
    sink: {
      record: (facts) => {
        recorded.push(facts);
        return Promise.resolve(target);
      },
    },
    memory: { lastFacts: () => Promise.resolve(kept) },
    clock,
    intervals: { reachabilityMs: 5_000, backboneMs: 10_000, edgeMs: 30_000, healthMs: 60_000 },
  });
  return { made, recorded, reader };
}

describe('the planner', () => {
  it('walks a device that it does not know, has the facts kept, and plans by them', async () => {
    const { made, recorded } = await planner(null);
    const plan = await made.planFor(target, { rewalk: false });
    expect(recorded).toMatchObject([{ profile: 'mikrotik/routeros', sysName: 'rtr-kahu-01' }]);
    expect(plan.groups.map(({ group }) => group)).toEqual(['reachability', 'interfaces', 'health']);
  });

  it('asks nothing after a restart while the facts are fresh, and makes the same plan of them', async () => {
    const fresh = await planner(hour / 2);
    const plan = await fresh.made.planFor(target, { rewalk: false });
    expect(fresh.reader.asked).toEqual([]);
    const walked = await planner(null);
    expect(plan.id).toBe((await walked.made.planFor(target, { rewalk: false })).id);
  });

  it.each([
    ['the facts are stale', 2 * hour, false],
    ['the answers no longer fit', hour / 2, true],
  ])('walks again when %s', async (_, age, rewalk) => {
    const { made, recorded } = await planner(age);
    await made.planFor(target, { rewalk });
    expect(recorded).toHaveLength(1);
  });

  it('walks at the second plan since the start, since somebody wants to know anew', async () => {
    const { made, recorded } = await planner(hour / 2);
    await made.planFor(target, { rewalk: false });
    await made.planFor(target, { rewalk: false });
    expect(recorded).toHaveLength(1);
  });
});

describe('identification', () => {
  /** A device that hangs in every table below `root`. */
  const hanging = (root: string): SnmpReader => {
    const inner = device();
    return {
      get: (oids) => inner.get(oids),
      walk: (oid, maxRows) =>
        oid.startsWith(root) ? Promise.reject(new Error('timed out')) : inner.walk(oid, maxRows),
    };
  };

  it('takes a table in which the device hangs for one that it has not', async () => {
    const facts = await identify(target.deviceId, hanging('1.3.6.1.2.1.25.3.3.1.2'), 0);
    expect(facts).toMatchObject({ profile: 'mikrotik/routeros', interfaces: [{ name: 'ether1' }] });
  });

  it('fails when the interfaces stay silent: half a list would make ports vanish', async () => {
    await expect(identify(target.deviceId, hanging('1.3.6.1.2.1.2.2'), 0)).rejects.toThrow('timed out');
  });

  it('fails when table after table stays silent: the device went away', async () => {
    await expect(identify(target.deviceId, hanging('1.3.6.1.4.1'), 0)).rejects.toThrow('timed out');
  });

  it('walks no table twice', async () => {
    const reader = device();
    await identify(target.deviceId, reader, 0);
    const walked = reader.asked.filter((oid) => !oid.endsWith('.0'));
    expect(walked).toEqual([...new Set(walked)]);
  });

  it('bounds a device without end', async () => {
    const rows = Array.from({ length: 9_000 }, (_, i) => [`1.3.6.1.2.1.2.2.1.3.${i + 1}`, 6] as const);
    const facts = await identify(target.deviceId, MemoryReader.of(Object.fromEntries(rows)), 0);
    expect(facts.interfaces.length).toBeLessThanOrEqual(4096);
    expect(facts.profile).toBe('generic/snmp');
  });
});
