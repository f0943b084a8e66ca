import { describe, expect, it } from 'vitest';
import { ArungError } from '../../domain/errors.ts';
import type { SiteId } from '../../domain/ids.ts';
import { readDocumentTopology } from './document-topology.ts';

const site = (code: string, more = {}) => ({
  code,
  name: code,
  kind: 'village',
  network: 'smart-city',
  region: '73.08.01.2001',
  ...more,
});
const device = (name: string, at: string) => ({ name, site: at, role: 'router', gateway: true, protocol: 'snmp' });
const link = (name: string, a: string, b: string, more = {}) => ({
  name,
  medium: 'fibre',
  capacityBps: 1e9,
  a,
  b,
  ...more,
});

function refused(document: unknown): ArungError {
  const text = typeof document === 'string' ? document : JSON.stringify(document, null, 1);
  try {
    readDocumentTopology(text);
  } catch (error) {
    if (error instanceof ArungError) return error;
    throw error;
  }
  throw new Error('it was read');
}

const format = 'arung-inventory/1';

describe('readDocumentTopology', () => {
  it('reads sites, devices and links of a document that has nothing else, by their names', () => {
    const { topology, whole, risks } = readDocumentTopology(
      JSON.stringify({
        format,
        sites: [site('a'), site('b'), site('old', { rolloutStatus: 'retired' })],
        devices: [device('ra', 'a'), device('rb', 'b'), device('ro', 'old')],
        links: [link('a--b', 'ra:p1', 'rb:p1'), link('a--old', 'ra:p2', 'ro:p1')],
      }),
    );
    expect([...topology.devices.keys()]).toEqual(['ra', 'rb']);
    expect([...topology.links.values()]).toMatchObject([{ name: 'a--b', a: { deviceId: 'ra', interfaceName: 'p1' } }]);
    expect([...topology.agents.values()]).toMatchObject([{ name: 'local', attachedTo: [] }]);
    expect(risks).toEqual([]);
    expect([...whole.devices.keys()]).toEqual(['ra', 'rb', 'ro']);
    expect([...whole.links.keys()]).toEqual(['a--b', 'a--old']);
  });

  it('reads shared risks, where the agent is plugged in, and a point of the region for a site that has none', () => {
    const { topology, risks } = readDocumentTopology(
      JSON.stringify({
        format,
        regions: [{ code: '73.08.01.2001', latitude: -4.5, longitude: 120 }],
        sharedRisks: [
          { name: 'duct', kind: 'duct' },
          { name: 'feeder', kind: 'power-feeder', sites: ['a', 'b'] },
        ],
        sites: [site('a'), site('b', { latitude: -4, longitude: 121 })],
        devices: [device('ra', 'a'), device('rb', 'b')],
        links: [link('a--b', 'ra:p1', 'rb:p1', { sharedRisks: ['duct'] })],
        agents: [{ name: 'local', attachedTo: ['ra'] }],
      }),
    );
    expect(topology.sites.get('a' as SiteId)).toMatchObject({ latitude: -4.5, longitude: 120 });
    expect(topology.sites.get('b' as SiteId)).toMatchObject({ latitude: -4, longitude: 121 });
    expect(risks).toMatchObject([
      { name: 'duct', linkIds: ['a--b'] },
      { name: 'feeder', siteIds: ['a', 'b'] },
    ]);
    expect([...topology.agents.values()]).toMatchObject([{ attachedTo: ['ra'] }]);
  });

  it('says where a file is wrong and what to do', () => {
    expect(refused('{"format": ').message).toMatch(/^Line 1, column \d+: The file is no JSON/);
    expect(refused({ format, site: [] }).message).toContain('did you mean sites?');
    const error = refused({
      format,
      sites: [site('a')],
      devices: [device('ra', 'a'), device('rb', 'aa')],
      links: [link('x', 'ra:p1', 'rc:p1'), link('y', 'ra:p1', 'rb:p1')],
      agents: [{ name: 'local', attachedTo: ['rz'] }],
    });
    expect(error.kind).toBe('invalid');
    expect(error.details.map(({ message }) => message.replace(/^Line \d+, column \d+: /, ''))).toEqual([
      'rb names aa, which does not exist. Did you mean a?',
      'x names rc, which does not exist. Did you mean ra?',
      'ra:p1 carries x already: an interface carries one link.',
      'local names rz, which does not exist. Did you mean ra?',
    ]);
    expect(error.details.every(({ line = 0 }) => line > 1)).toBe(true);
    expect(refused({ format, sites: [site('a')] }).message).toContain('there is nothing to watch');
  });
});
