import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallBackbone, type SmallBackbone } from '../routeros/testing/small-backbone.ts';
import { CliSession } from './cli-session.ts';

let backbone: SmallBackbone;
beforeAll(async () => {
  backbone = await smallBackbone(46, {
    as: { 'sw-c-01': { vendor: 'D-Link', model: 'DGS-1510-28X' }, 'sw-d-01': { vendor: 'No name', model: 'GS-8' } },
  });
});
afterAll(() => backbone.simulator.stop());

/** What a switch shows to somebody who types all this. */
async function shown(device: string, ...typed: readonly string[]): Promise<string> {
  const box = backbone.simulator.switches.device(device);
  if (box === undefined) throw new Error(`there is no switch ${device}`);
  const [near, far] = duplexPair();
  void new CliSession(box, far, { user: 'arung', address: '127.0.0.1' }, () => far.end());
  let text = '';
  near.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  for (const keys of typed) {
    await once(near, 'data');
    near.write(keys);
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  near.destroy();
  return text;
}

describe('help on a switch of no name', () => {
  it('lists what may follow, gives the line back, and enters nothing', async () => {
    const text = await shown('sw-d-01', 'reload ?');
    expect(text).toMatch(/reload \?\r\n {2}at .*\r\n {2}cancel .*\r\n {2}in .*[\s\S]*\r\nsw-d-01#reload $/);
    expect(backbone.simulator.switches.device('sw-d-01')?.reloadInS()).toBeNull();
  });

  it('lists no timer on a D-Link', async () => {
    expect(await shown('sw-c-01', 'reload ?')).toContain('Invalid input');
    expect(await shown('sw-c-01', 'show ?')).not.toMatch(/^ +reload/m);
  });

  it('is rubbed out by Ctrl-U: what is entered then is what was typed then', async () => {
    const text = await shown('sw-d-01', 'reload ?\u0015show reload\r');
    expect(text).toContain('No reload is scheduled.');
  });
});
