import type { InventoryDocument } from '../../src/inventory/document.ts';

/**
 * A made-up backbone in the shape of Bone's: a data centre, a hub in each of some kecamatan of 73.08 and some villages
 * behind each, every one with router, switch and terminal. Real region codes, so import `73.08` first.
 */
export function backbone(options: {
  readonly districts: readonly string[];
  readonly villages: readonly string[];
  readonly portsPerRouter?: number;
}): InventoryDocument {
  const sites: NonNullable<InventoryDocument['sites']> = [];
  const devices: NonNullable<InventoryDocument['devices']> = [];
  const interfaces: NonNullable<InventoryDocument['interfaces']> = [];
  const links: NonNullable<InventoryDocument['links']> = [];
  const ports = options.portsPerRouter ?? 4;
  let host = 0;

  const addPlace = (code: string, name: string, kind: 'village' | 'district' | 'pop', region: string) => {
    const tag = code.replaceAll('.', '-');
    sites.push({ code, name, kind, network: 'smart-city', rolloutStatus: 'active', region, contacts: ['Andi'] });
    for (const [role, prefix, count] of [
      ['router', 'rtr', ports],
      ['switch', 'sw', ports],
    ] as const) {
      host++;
      const device = `${prefix}-${tag}-01`;
      const address = `10.73.${host >> 8}.${host & 255}`;
      devices.push({ name: device, site: code, role, address, credential: 'snmp-bone', vendor: 'MikroTik' });
      for (let port = 1; port <= count; port++) interfaces.push({ device, name: `ether${port}`, speedBps: 1e9 });
    }
    devices.push({ name: `abs-${tag}-01`, site: code, role: 'terminal', protocol: 'mqtt', serial: `SN-${tag}` });
    interfaces.push({ device: `abs-${tag}-01`, name: 'eth0' });
    links.push({
      name: `${code} router--switch`,
      medium: 'copper',
      capacityBps: 1e9,
      a: `rtr-${tag}-01:ether2`,
      b: `sw-${tag}-01:ether1`,
    });
    links.push({
      name: `${code} switch--terminal`,
      medium: 'copper',
      capacityBps: 1e8,
      a: `sw-${tag}-01:ether2`,
      b: `abs-${tag}-01:eth0`,
    });
    return `rtr-${tag}-01`;
  };

  const addUplink = (name: string, from: string, to: string, medium: 'fibre' | 'radio', trunk: boolean) => {
    const port = `to ${to}`;
    interfaces.push({ device: from, name: port });
    links.push({
      name,
      medium,
      capacityBps: 1e9,
      a: `${from}:${port}`,
      b: `${to}:ether1`,
      trunk,
      sharedRisks: ['Duct A'],
    });
  };

  const centre = addPlace('dc', 'Pusat Data', 'pop', '73.08.21.1001');
  const hubs = new Map<string, string>();
  for (const district of options.districts) {
    const hub = addPlace(`kec-${district}`, `Kecamatan ${district}`, 'district', district);
    hubs.set(district, hub);
    addUplink(`dc--${district}`, centre, hub, 'fibre', true);
  }
  for (const village of options.villages) {
    const hub = hubs.get(village.slice(0, 8));
    if (hub === undefined) continue;
    const router = addPlace(village, `Desa ${village}`, 'village', village);
    addUplink(`${village.slice(0, 8)}--${village}`, hub, router, 'radio', false);
  }
  return {
    format: 'arung-inventory/1',
    calendars: [
      {
        name: 'Jam kantor',
        timeZone: 'Asia/Makassar',
        windows: [{ purpose: 'office', weekdays: [1, 2, 3, 4, 5], from: '08:00', to: '16:00' }],
      },
    ],
    contacts: [{ name: 'Andi', phone: '+62 811 000' }],
    credentials: [{ name: 'snmp-bone', kind: 'snmp-v2c', secret: 'b0ne-community' }],
    sharedRisks: [{ name: 'Duct A', kind: 'duct', sites: ['dc'] }],
    sites,
    devices,
    interfaces,
    links,
    services: [{ code: 'e-planning', name: 'e-Planning', site: 'dc', device: centre, usedBy: ['dc'] }],
    agents: [{ name: 'local', attachedTo: [centre] }],
  };
}
