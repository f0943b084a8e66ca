import { readFileSync } from 'node:fs';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { InventoryDocument } from '../../src/inventory/document.ts';
import { demoDocument, readInventory } from './demo.ts';
import { makeInventory, printInventory } from './make-inventory.ts';

const inventory = readInventory();
const sites = inventory.sites ?? [];
const devices = inventory.devices ?? [];
const interfaces = inventory.interfaces ?? [];
const links = inventory.links ?? [];
const deviceOf = (end: string) => end.slice(0, end.indexOf(':'));
const siteOf = new Map(devices.map((device) => [device.name, device.site]));

/** Names of the devices that the data centre's routers reach over the links that are left. */
function reached(without: string): Set<string> {
  const next = new Map<string, string[]>();
  for (const link of links) {
    if (link.name === without) continue;
    const [a, b] = [deviceOf(link.a), deviceOf(link.b)];
    next.set(a, [...(next.get(a) ?? []), b]);
    next.set(b, [...(next.get(b) ?? []), a]);
  }
  const seen = new Set(['rtr-dc-01', 'rtr-dc-02']);
  const queue = [...seen];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    for (const neighbour of next.get(at) ?? []) {
      if (!seen.has(neighbour)) {
        seen.add(neighbour);
        queue.push(neighbour);
      }
    }
  }
  return seen;
}

function darkSites(cut: string): string[] {
  const seen = reached(cut);
  return [...new Set(devices.filter((device) => !seen.has(device.name)).map((device) => device.site))];
}

describe("Bone's demo inventory", () => {
  it('is what make-inventory.ts makes', () => {
    const committed = readFileSync(new URL('inventory.json', import.meta.url), 'utf8');
    expect(printInventory(makeInventory()) === committed, 'run node data/bone/make-inventory.ts').toBe(true);
  });

  it('is a valid inventory document', () => {
    expect([...Value.Errors(InventoryDocument, inventory)].slice(0, 5)).toEqual([]);
  });

  it('covers the regency: 27 kecamatan, 372 desa and kelurahan, 50 agencies, the POPs, about 1,500 devices', () => {
    expect({
      agency: count('agency'),
      district: count('district'),
      village: count('village'),
      pop: count('pop'),
    }).toEqual({ agency: 50, district: 27, village: 372, pop: 4 });
    expect(devices.length).toBeGreaterThan(1450);
    expect(devices.length).toBeLessThan(1600);
    for (const site of sites.filter((candidate) => candidate.kind === 'village')) {
      const roles = devices.filter((device) => device.site === site.code).map((device) => device.role);
      expect(roles, site.name).toEqual(expect.arrayContaining(['router', 'switch', 'terminal']));
    }
  });

  it('names everything once and refers only to what is there', () => {
    for (const names of [
      sites.map((site) => site.code),
      devices.map((device) => device.name),
      devices.map((device) => device.serial),
      devices.flatMap((device) => (device.address === undefined ? [] : [device.address])),
      interfaces.map((port) => `${port.device}:${port.name}`),
      links.map((link) => link.name),
      links.flatMap((link) => [link.a, link.b]),
      (inventory.contacts ?? []).map((contact) => contact.name),
    ]) {
      expect(names.length - new Set(names).size).toBe(0);
    }
    const ports = new Set(interfaces.map((port) => `${port.device}:${port.name}`));
    const credentials = new Set((inventory.credentials ?? []).map((credential) => credential.name));
    const risks = new Set((inventory.sharedRisks ?? []).map((risk) => risk.name));
    const contacts = new Set((inventory.contacts ?? []).map((contact) => contact.name));
    const calendars = new Set((inventory.calendars ?? []).map((calendar) => calendar.name));
    expect(links.filter((link) => !ports.has(link.a) || !ports.has(link.b))).toEqual([]);
    expect(links.flatMap((link) => link.sharedRisks ?? []).filter((risk) => !risks.has(risk))).toEqual([]);
    expect(devices.filter((device) => !credentials.has(device.credential ?? ''))).toEqual([]);
    expect(sites.flatMap((site) => site.contacts ?? []).filter((contact) => !contacts.has(contact))).toEqual([]);
    expect(sites.filter((site) => !calendars.has(site.calendar ?? ''))).toEqual([]);
  });

  it('connects every device to the data centre', () => {
    expect(reached('').size).toBe(devices.length);
  });

  it('goes dark in Kahu alone when Palattae–Kahu is cut: the hub and 19 desa', () => {
    const dark = darkSites('palattae--kahu').map((code) => sites.find((site) => site.code === code));
    expect(dark.filter((site) => site?.kind === 'district').map((site) => site?.name)).toEqual(['Kantor Camat Kahu']);
    expect(dark.filter((site) => site?.name.startsWith('Desa ')).length).toBe(19);
    expect(dark.length).toBe(20);
  });

  it('has rings: no cut of a ring trunk darkens anything', () => {
    const single = ['cina--sibulue', 'salomekko--kajuara', 'dua-boccoe--cenrana', 'palattae--kahu'];
    const rings = links.filter(
      (link) => link.trunk === true && link.medium === 'fibre' && !single.includes(link.name) && !isStub(link.name),
    );
    expect(rings.length).toBeGreaterThan(20);
    for (const link of rings) expect(darkSites(link.name), link.name).toEqual([]);
  });

  it('joins satellite and mobile sites at the data centre', () => {
    const edge = links.filter((link) => link.medium === 'vsat' || link.medium === '4g');
    expect(edge.length).toBeGreaterThan(25);
    for (const link of edge) expect(siteOf.get(deviceOf(link.b))).toBe('pusat-data');
  });

  it('reads a few devices of each maker over SNMPv3 where the demo asks for it', () => {
    const demo = demoDocument({ secretFor: ({ name }) => `secret of ${name}`, usersPerMaker: 2 });
    const byUser = (demo.devices ?? []).filter((device) => device.credential === 'snmp-bone-v3');
    const makers = new Set((demo.devices ?? []).filter((one) => one.protocol === 'snmp').map((one) => one.vendor));
    expect(new Set(byUser.map((device) => device.vendor))).toEqual(makers);
    expect(byUser.length).toBeLessThanOrEqual(2 * makers.size);
    expect(demo.credentials?.find((one) => one.name === 'snmp-bone-v3')).toMatchObject({
      kind: 'snmp-v3',
      secret: { authKey: 'secret of snmp-bone-v3 auth', privKey: 'secret of snmp-bone-v3 priv' },
    });
  });

  it('has switches and terminals that are configured where the demo asks for it', () => {
    const demo = demoDocument({ secretFor: ({ name }) => `secret of ${name}`, switchPort: 2222, terminalPort: 4370 });
    const devices = demo.devices ?? [];
    const switches = devices.filter((device) => device.managementCredential === 'ssh-bone');
    expect(new Set(switches.map(({ role, vendor, managementPort }) => `${role} ${vendor} ${managementPort}`))).toEqual(
      new Set(['switch Cisco 2222', 'switch Huawei 2222', 'switch TP-Link 2222']),
    );
    expect(switches.length).toBe(441);
    const terminals = devices.filter((device) => device.managementCredential === 'zkteco-bone');
    expect(terminals.length).toBe(devices.filter(({ role }) => role === 'terminal').length);
    const addresses = devices.flatMap(({ address }) => (address === undefined || address === '' ? [] : [address]));
    expect(new Set(addresses).size).toBe(addresses.length);
    expect(terminals.every(({ address }) => /^127\.84\.\d+\.\d+$/.test(address ?? ''))).toBe(true);
  });

  it('has no secret in the project, and one of its own for each terminal in the demo', () => {
    expect((inventory.credentials ?? []).filter((credential) => credential.secret !== undefined)).toEqual([]);
    const demo = demoDocument({ secretFor: ({ name }) => `secret of ${name}` });
    expect(demo.credentials?.every((credential) => credential.secret === `secret of ${credential.name}`)).toBe(true);
    const snmp = (demo.devices ?? []).filter((device) => device.protocol === 'snmp');
    expect(snmp.every((device) => /^127\.73\.\d+\.\d+$/.test(device.address ?? '') && device.port === 10161)).toBe(
      true,
    );
  });
});

function count(kind: string): number {
  return sites.filter((site) => site.kind === kind).length;
}

/** Trunks with nothing else behind them: the data centre's two single hubs in town. */
function isStub(name: string): boolean {
  return name === 'dc--tanete-riattang' || name === 'dc--tanete-riattang-timur';
}
