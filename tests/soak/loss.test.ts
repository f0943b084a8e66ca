import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Demo, everyDevice } from '../support/demo.ts';

const minutes = Number(process.env['ARUNG_TEST_SOAK_MINUTES'] ?? 60);

describe('packet loss on every link', () => {
  const demo = new Demo();
  beforeAll(async () => {
    await demo.start();
    await demo.until((status) => status.devices.up === everyDevice, 120_000);
  });
  afterAll(() => demo.remove());

  it(`of 5 % each way for ${minutes} minutes makes no device down`, async () => {
    const since = new Date().toISOString();
    await demo.cli('simulator', 'loss', '5');
    await new Promise((done) => setTimeout(done, minutes * 60_000));
    await demo.cli('simulator', 'loss', '0');
    const events = await demo.get<{ items: readonly { key: string; entityName: string }[] }>(
      `/api/v1/events?key=device.down,device.unreachable,site.down,site.unreachable&from=${since}&limit=100`,
    );
    expect(events.items.map((event) => `${event.key} ${event.entityName}`)).toEqual([]);
  });
});
