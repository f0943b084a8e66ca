import { describe, expect, it } from 'vitest';
import { newId, type DeviceId, type LinkId, type SiteId } from '../../domain/ids.ts';
import { namedThing, textsThatName } from './named-thing.ts';

const device = { id: newId<DeviceId>(), name: 'rtr-kahu-01' };
const site = { id: newId<SiteId>(), name: 'Kantor Camat Kahu' };
const link = { id: newId<LinkId>(), name: 'palattae--kahu' };
const things = {
  devices: new Map([['rtr-kahu-01', device]]),
  addresses: new Map([
    ['10.73.8.2', device],
    ['fd00::2', device],
  ]),
  sites: new Map([
    ['kahu', site],
    ['kantor camat kahu', site],
  ]),
  links: new Map([['palattae--kahu', link]]),
};

describe('what the labels of another program name', () => {
  it.each([
    [{ device: 'RTR-Kahu-01' }, 'device'],
    [{ instance: '10.73.8.2:9100' }, 'device'],
    [{ instance: 'http://rtr-kahu-01:9100/metrics' }, 'device'],
    [{ instance: '[fd00::2]:9116' }, 'device'],
    [{ instance: 'fd00::2' }, 'device'],
    [{ link: 'palattae--kahu' }, 'link'],
    [{ site: 'Kahu', instance: 'db1:9100' }, 'site'],
    [{ site_code: 'kahu', device: 'rtr-kahu-01' }, 'device'],
    [{ instance: 'db1:9100' }, undefined],
    [{ job: 'rtr-kahu-01' }, undefined],
    [{ device: '' }, undefined],
  ])('%j is %s', (labels, kind) => {
    expect(namedThing(labels as unknown as Record<string, string>, things)?.kind).toBe(kind);
  });

  it('is looked up by each text that may name something, with its port and without', () => {
    expect(textsThatName({ instance: '10.73.8.2:9100', job: 'node' })).toEqual(['10.73.8.2:9100', '10.73.8.2']);
  });
});
