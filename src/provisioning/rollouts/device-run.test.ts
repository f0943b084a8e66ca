import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../domain/clock.ts';
import { ArungError } from '../../domain/errors.ts';
import type { DeviceId } from '../../domain/ids.ts';
import type { IntentDocument } from '../../domain/intent.ts';
import type { ConfigurationDriver, ConfigurationSession } from '../drivers/driver.ts';
import { DeviceRun, type RunNews } from './device-run.ts';

const document: IntentDocument = { driver: 'routeros', fragments: [] };

/** What a run tells when reading the device before anything is armed fails so, and what the log has of it. */
async function told(fault: unknown): Promise<{ readonly news: readonly RunNews[]; readonly log: string }> {
  const news: RunNews[] = [];
  let log = '';
  const session = { read: () => Promise.reject(fault as Error), close: () => undefined } as unknown as ConfigurationSession; // prettier-ignore
  const driver = { open: async () => session, credentialAfter: (_, credential) => credential } as Partial<ConfigurationDriver>; // prettier-ignore
  const run = new DeviceRun({
    deviceId: 'rtr' as DeviceId,
    driver: driver as ConfigurationDriver,
    target: { address: '127.0.0.1', credential: { user: '', password: '' } },
    addressAfter: null,
    document,
    applied: null,
    run: 'run-1',
    rollbackS: 180,
    begunAs: { state: 'checking', armedUntil: null, steps: [] },
    dependents: { ask: () => undefined, silentSince: () => [] },
    keepBefore: async () => undefined,
    tell: async (one) => void news.push(one),
    signal: new AbortController().signal,
    clock: systemClock,
    logger: pino({ level: 'error' }, { write: (line: string) => void (log += line) }),
    sleep: () => Promise.reject(new Error('there is nothing to wait for')),
    session: {},
  });
  await run.run();
  return { news, log };
}

describe('a device of which nothing is known yet but that it opens', () => {
  it('and that is lost while it is read did not answer: nothing was on it that could go back', async () => {
    const lost = new ArungError('unavailable', 'It closed the connection.', { code: 'device.closed' });
    const { news, log } = await told(lost);
    expect(news).toMatchObject([{ state: 'unreachable', error: { code: 'device.closed' } }]);
    expect(log).toBe('');
  });

  it('and that lacks what the document is about has refused it', async () => {
    const lacks = new ArungError('invalid', 'It has no such interface.', { code: 'router.no-entry' });
    expect((await told(lacks)).news).toMatchObject([{ state: 'refused', error: { code: 'router.no-entry' } }]);
  });

  it('is told of as our own fault where it is one, and the log says which', async () => {
    const { news, log } = await told(new TypeError('rows of undefined'));
    expect(news).toMatchObject([{ state: 'unreachable', error: { code: 'internal' } }]);
    expect(log).toContain('rows of undefined');
  });
});
