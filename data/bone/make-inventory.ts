import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { InventoryDocument } from '../../src/inventory/document.ts';
import { Draft } from './draft.ts';
import { drawAgencies, drawDataCentre, drawHub, drawPops, drawTrunks, drawVillages } from './drawing.ts';
import { feeders, firstNames, lastNames, services } from './names.ts';
import { chance, readPlaces } from './places.ts';
import { conduits } from './trunks.ts';
import { wire } from './wiring.ts';

/**
 * The demo inventory of Kabupaten Bone: real places, a plausible network, invented persons. Without secrets and with
 * plain addresses; `demo.ts` turns it into what the demo imports. Writes `inventory.json`:
 * `node data/bone/make-inventory.ts`.
 */
export function makeInventory(): InventoryDocument {
  const { districts, villages } = readPlaces(new URL('../regions/73.08-positions.csv', import.meta.url));
  const random = chance(7308);
  const riskOf = new Map<string, string[]>();
  for (const [name, , links] of conduits)
    for (const link of links) riskOf.set(link, [...(riskOf.get(link) ?? []), name]);
  const draft = new Draft(riskOf);

  drawDataCentre(draft, districts, villages);
  drawAgencies(draft, districts, villages, random);
  for (const district of districts) drawHub(draft, district);
  drawPops(draft, districts, villages);
  drawTrunks(draft);
  for (const district of districts) {
    const inside = villages.filter((village) => village.code.startsWith(`${district.code}.`));
    drawVillages(draft, district, inside, random);
  }

  const { modelOf, interfaces, ends } = wire(draft.devices, draft.links);
  const terminals = draft.devices.filter((device) => device.role === 'terminal');
  const feederOf = new Map(feeders.flatMap(([name, names]) => names.map((district) => [district, name] as const)));
  const districtOf = (region: string) => districts.find((district) => district.code === region.slice(0, 8))?.name ?? '';

  return {
    format: 'arung-inventory/1',
    calendars: calendars(),
    contacts: [
      { name: 'Meja NOC Diskominfo', role: 'NOC', phone: '+62 000-7308-0000', email: 'noc@bone.example' },
      { name: 'Regu Fiber Optik', role: 'Regu lapangan', phone: '+62 000-7308-0100', email: 'fiber@bone.example' },
      ...districts.map((district, index) => ({
        name: contactOf(index),
        role: `Operator Kecamatan ${district.name}`,
        phone: `+62 000-7308-${String(index + 1).padStart(4, '0')}`,
        email: `operator.${district.slug}@bone.example`,
      })),
    ],
    credentials: [
      { name: 'snmp-bone', kind: 'snmp-v2c' },
      ...terminals.map((device) => ({ name: credentialOf(device.serial), kind: 'mqtt' as const, user: device.serial })),
    ],
    sharedRisks: [
      ...feeders.map(([name]) => ({
        name,
        kind: 'power-feeder' as const,
        sites: draft.sites.filter((site) => feederOf.get(districtOf(site.region)) === name).map((site) => site.code),
      })),
      ...conduits.map(([name, kind]) => ({ name, kind })),
    ],
    sites: draft.sites.map((site) => ({ ...site, contacts: contactsOf(site.region, site.kind) })),
    devices: draft.devices.map((device) => {
      const terminal = device.role === 'terminal';
      return {
        name: device.name,
        site: device.site,
        role: device.role,
        ...(device.gateway ? { gateway: true } : {}),
        protocol: terminal ? ('mqtt' as const) : ('snmp' as const),
        ...(terminal ? {} : { address: device.address }),
        credential: terminal ? credentialOf(device.serial) : 'snmp-bone',
        vendor: modelOf.get(device.name)?.vendor ?? '',
        model: modelOf.get(device.name)?.model ?? '',
        serial: device.serial,
        ...(device.tags.length > 0 ? { tags: [...device.tags] } : {}),
      };
    }),
    interfaces: interfaces.map(({ description, ...rest }) => (description === '' ? rest : { ...rest, description })),
    links: draft.links.map((link) => ({
      name: link.name,
      medium: link.medium,
      capacityBps: link.capacityBps,
      a: ends.get(link.name)?.a ?? '',
      b: ends.get(link.name)?.b ?? '',
      ...(link.trunk ? { trunk: true } : {}),
      ...(link.sharedRisks.length > 0 ? { sharedRisks: [...link.sharedRisks] } : {}),
    })),
    services: services.map(([code, name, device, host]) => ({
      code,
      name,
      site: 'pusat-data',
      device,
      url: `https://${host}.bone.example/`,
    })),
    agents: [{ name: 'local', attachedTo: ['rtr-dc-01', 'rtr-dc-02'] }],
  };

  function contactsOf(region: string, kind: string): string[] {
    const index = districts.findIndex((district) => district.code === region.slice(0, 8));
    if (kind === 'pop') return ['Meja NOC Diskominfo', 'Regu Fiber Optik'];
    return kind === 'agency' ? ['Meja NOC Diskominfo'] : [contactOf(index)];
  }
}

export function credentialOf(serial: string): string {
  return `mqtt-${serial}`;
}

function contactOf(index: number): string {
  return `${firstNames[index % firstNames.length]} ${lastNames[(index * 3) % lastNames.length]}`;
}

function calendars(): NonNullable<InventoryDocument['calendars']> {
  const weekdays = [1, 2, 3, 4, 5];
  const attendance = [
    { purpose: 'attendance' as const, weekdays, from: '07:15', to: '08:00' },
    { purpose: 'attendance' as const, weekdays, from: '16:00', to: '16:45' },
  ];
  const holidays = ['2026-12-25', '2027-01-01', '2027-05-01', '2027-06-01', '2027-08-17', '2027-12-25'];
  const timeZone = 'Asia/Makassar';
  return [
    {
      name: 'Jam kantor Pemkab Bone',
      timeZone,
      windows: [{ purpose: 'office', weekdays, from: '08:00', to: '16:00' }, ...attendance],
      holidays,
    },
    {
      name: 'Jam kantor desa dan kelurahan',
      timeZone,
      windows: [{ purpose: 'office', weekdays, from: '08:00', to: '15:00' }, ...attendance],
      holidays,
    },
    {
      name: 'Layanan 24 jam',
      timeZone,
      windows: [{ purpose: 'office', weekdays: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '23:59' }, ...attendance],
    },
  ];
}

/** One item a line, so that a change of the network reads as a diff. */
export function printInventory(document: InventoryDocument): string {
  const lists = Object.entries(document).map(([key, value]) =>
    Array.isArray(value)
      ? `  ${JSON.stringify(key)}: [\n${value.map((item) => `    ${JSON.stringify(item)}`).join(',\n')}\n  ]`
      : `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  );
  return `{\n${lists.join(',\n')}\n}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('inventory.json', import.meta.url), printInventory(makeInventory()));
}
