import { describe, expect, it } from 'vitest';
import { faultReasonOf } from '../domain/own-fault.ts';
import { metricsHealth, storeReady } from './health.ts';

const journal = { queuedRows: 5, queuedBytes: 100, writtenRows: 9, lostRows: 0, refusedRows: 0, lastRefusal: null };
const queue = { queuedRows: 2, writtenRows: 9, lostRows: 0 };

describe('the way into the metric store', () => {
  it('is blamed on the disk when the queue before it cannot be written to one', async () => {
    const statistics = () => ({ ...queue, failingSince: 1_000, failingCode: 'metrics.journal-full' });
    const away = { statistics: () => ({ ...journal, failingSince: 500, reason: 'ECONNREFUSED' }) };
    const health = metricsHealth({ queue: { statistics }, journal: away });
    expect(health).toMatchObject({ failingSince: 1_000, code: 'metrics.journal-full', waitingRows: 7 });
    expect(faultReasonOf(health.code)).toBe('disk');
    await expect(storeReady(() => health)()).rejects.toThrow('7 wait');
  });

  it('is not when a store on another machine is away', () => {
    const statistics = () => ({ ...queue, failingSince: null, failingCode: null });
    const away = { statistics: () => ({ ...journal, failingSince: 500, reason: 'ECONNREFUSED' }) };
    const health = metricsHealth({ queue: { statistics }, journal: away });
    expect(health).toMatchObject({ failingSince: 500, reason: 'ECONNREFUSED', code: null });
    expect(faultReasonOf(health.code)).toBeNull();
  });
});
