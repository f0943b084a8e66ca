import { describe, expect, it } from 'vitest';
import type { OwnFault } from '../../domain/own-fault.ts';
import { backbone } from '../../status/test-network.ts';
import { evidenceSentences } from '../words/evidence.ts';
import { alertsNow } from './alerts-now.ts';
import { noServices } from './surroundings.ts';

const { topology } = backbone(2, 2);
const since = Date.UTC(2026, 10, 29, 18, 10);

/** What is alerted of a part of Arung that fails, and what is said of it. */
function alertOf(fault: OwnFault) {
  const [alert, ...others] = alertsNow({
    states: {
      idsNotUp: () => [],
      stateOf: () => ({ state: 'up', since: 0, cause: null }),
      measuredOf: () => ({ state: 'up', since: 0, cause: null }),
    },
    topology,
    services: noServices,
    rules: [],
    foreign: [],
    faults: [fault],
    blindness: null,
    ownAgentId: null,
    held: [],
    now: since,
  });
  expect(others).toEqual([]);
  const says = (language: 'id' | 'en') => evidenceSentences(alert?.evidence ?? [], language).join(' ');
  return { key: alert?.key, id: says('id'), en: says('en') };
}

describe('what is said of a part of Arung that fails', () => {
  it('is the disk, where a full disk is what keeps the metric store from working', () => {
    const full = alertOf({ part: 'metrics', since, reason: 'disk', waiting: 40 });
    expect(full.id).toMatch(/^Cakram server Arung penuh atau rusak, 40 titik ukur menunggu: bebaskan ruang/);
    expect(full.en).toMatch(/^The disk of Arung’s server is full or broken, 40 points wait: free space/);
    expect(`${full.id} ${full.en}`).not.toMatch(/metri/i);
  });

  it('is the part itself, where it is away; and it is the same alert when its reason is known only later', () => {
    const away = alertOf({ part: 'metrics', since, reason: null, waiting: 40 });
    expect(away.id).toBe('Penyimpan metrik tidak bekerja, 40 menunggu. Jaringan tidak dinyatakan mati.');
    expect(away.key).toBe(alertOf({ part: 'metrics', since, reason: 'disk', waiting: null }).key);
  });
});
