import type { Draft } from './draft.ts';
import { models } from './models.ts';
import { accessNotes, agencies, servers } from './names.ts';
import { branches, distanceKm, place, slugOf } from './places.ts';
import type { Place } from './places.ts';
import { pops, town, trunks } from './trunks.ts';

const mbps = (value: number) => value * 1e6;
const gbps = (value: number) => value * 1e9;
const round = (value: number) => Math.round(value * 1e5) / 1e5;
const officeHours = 'Jam kantor Pemkab Bone';
const villageHours = 'Jam kantor desa dan kelurahan';
/** The third number of addresses: the data centre 0, districts by their code (1 to 27), agencies 100. */
const net = { dc: 0, agencies: 100, pops: 101 };

function named(places: readonly Place[], name: string): Place {
  const found = places.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`The positions of Bone name no ${name}.`);
  return found;
}

function nearest(villages: readonly Place[], latitude: number, longitude: number): Place {
  const here = place('', '', latitude, longitude);
  return villages.reduce((best, village) => (distanceKm(village, here) < distanceKm(best, here) ? village : best));
}

export function drawDataCentre(draft: Draft, districts: readonly Place[], villages: readonly Place[]): void {
  const town = named(districts, 'Tanete Riattang');
  const latitude = round(town.latitude + 0.0018);
  const longitude = round(town.longitude + 0.0013);
  const site = 'pusat-data';
  draft.site({
    code: site,
    name: 'Pusat Data Watampone',
    kind: 'pop',
    network: 'smart-city',
    region: nearest(villages, latitude, longitude).code,
    latitude,
    longitude,
    address: 'Kompleks Dinas Kominfo, Jl. Ahmad Yani, Watampone',
    accessNotes: 'Pintu berkartu; tamu dicatat oleh petugas jaga. Genset di halaman belakang.',
    calendar: 'Layanan 24 jam',
  });
  const device = (name: string, role: Parameters<Draft['device']>[0]['role'], gateway = false) => ({
    name,
    site,
    role,
    net: net.dc,
    gateway,
  });
  for (const n of ['01', '02']) draft.device(device(`rtr-dc-${n}`, 'router', true), models.ccr2216);
  draft.link('rtr-dc-01', 'rtr-dc-02', 'fibre', gbps(25));
  for (const name of ['rtr-dc-vsat-01', 'rtr-dc-4g-01']) {
    draft.device(device(name, 'router'), models.ccr2116);
    for (const core of ['rtr-dc-01', 'rtr-dc-02']) draft.link(core, name, 'fibre', gbps(10));
  }
  for (const n of ['01', '02', '03', '04']) {
    draft.device(device(`sw-dc-${n}`, 'switch'), n === '04' ? models.s5735 : models.crs326);
    for (const core of ['rtr-dc-01', 'rtr-dc-02']) draft.link(core, `sw-dc-${n}`, 'fibre', gbps(10));
  }
  for (const name of servers) {
    draft.device(device(name, 'server'), models.server);
    draft.link('sw-dc-04', name, 'copper', gbps(1));
  }
  for (const n of ['01', '02']) {
    draft.device(device(`ups-dc-${n}`, 'ups'), models.srt6000);
    draft.link('sw-dc-04', `ups-dc-${n}`, 'copper', mbps(100));
  }
}

/** Offices of Watampone, a few hundred metres apart around the data centre (a sunflower's seeds), each on its own fibre. */
export function drawAgencies(
  draft: Draft,
  districts: readonly Place[],
  villages: readonly Place[],
  random: () => number,
): void {
  const centre = named(districts, 'Tanete Riattang');
  agencies.forEach(([slug, name, size], index) => {
    const angle = index * 2.39996;
    const km = 0.35 + 1.75 * Math.sqrt((index + 0.6) / agencies.length);
    const latitude = round(centre.latitude + (Math.sin(angle) * km * 0.85 + (random() - 0.5) * 0.2) / 110.574);
    const longitude = round(centre.longitude + (Math.cos(angle) * km * 1.15 + (random() - 0.5) * 0.2) / 110.96);
    const site = `opd-${slug}`;
    draft.site({
      code: site,
      name,
      kind: 'agency',
      network: 'smart-office',
      region: nearest(villages, latitude, longitude).code,
      latitude,
      longitude,
      address: 'Watampone',
      calendar: slug.startsWith('rsud') || slug === 'damkar' ? 'Layanan 24 jam' : officeHours,
    });
    const routed = size > 0 || index % 2 === 0;
    const door = routed ? `rtr-${slug}-01` : `sw-${slug}-01`;
    if (routed) {
      draft.device(
        { name: door, site, role: 'router', net: net.agencies, gateway: true },
        ...(size === 2 ? [models.ccr2004] : [models.rb5009]),
      );
    }
    draft.device(
      { name: `sw-${slug}-01`, site, role: 'switch', net: net.agencies, gateway: !routed },
      size === 2 ? models.s5735 : size === 1 ? models.cbs350 : models.s5735small,
    );
    const uplink = `sw-dc-0${(index % 3) + 1}`;
    draft.link(uplink, door, 'fibre', size === 2 ? gbps(1) : mbps(500), `dc--${slug}`);
    if (routed) draft.link(door, `sw-${slug}-01`, 'copper', gbps(1));
    if (size > 0) cable(draft, `ups-${slug}-01`, site, 'ups', net.agencies, `sw-${slug}-01`, models.smt1500, 0.1);
    cable(draft, `ap-${slug}-01`, site, 'access-point', net.agencies, `sw-${slug}-01`, models.capAx, 1);
    const terminal = index % 3 === 0 ? models.speedface : models.x606;
    cable(draft, `abs-${slug}-01`, site, 'terminal', net.agencies, `sw-${slug}-01`, terminal, 0.1);
  });
}

export function drawHub(draft: Draft, district: Place): void {
  const site = `kec-${district.slug}`;
  const number = Number(district.code.slice(6));
  draft.site({
    code: site,
    name: `Kantor Camat ${district.name}`,
    kind: 'district',
    network: 'smart-city',
    region: district.code,
    address: `Jl. Poros ${district.name}`,
    accessNotes: 'Rak di ruang operator, kunci di Kasi Pelayanan. UPS bertahan sekitar 40 menit.',
    calendar: officeHours,
  });
  const router = `rtr-${district.slug}-01`;
  const hubSwitch = `sw-${district.slug}-01`;
  draft.device(
    { name: router, site, role: 'router', net: number, gateway: true, tags: ['hub'] },
    models.ccr2116,
    models.ccr2004,
  );
  const switches = [models.s5735, models.cbs350, models.crs310];
  draft.device({ name: hubSwitch, site, role: 'switch', net: number }, switches[number % 3] ?? models.s5735);
  draft.link(router, hubSwitch, 'copper', gbps(1));
  cable(draft, `ups-${district.slug}-01`, site, 'ups', number, hubSwitch, models.smt1500, 0.1);
  cable(draft, `ap-${district.slug}-01`, site, 'access-point', number, hubSwitch, models.capAx, 1);
  cable(draft, `abs-${district.slug}-01`, site, 'terminal', number, hubSwitch, models.speedface, 0.1);
}

export function drawPops(draft: Draft, districts: readonly Place[], villages: readonly Place[]): void {
  for (const [slug, name, district, village] of pops) {
    const districtCode = named(districts, district).code;
    const at = named(
      villages.filter((candidate) => candidate.code.startsWith(districtCode)),
      village,
    );
    const site = `pop-${slug}`;
    draft.site({
      code: site,
      name,
      kind: 'pop',
      network: 'smart-city',
      region: at.code,
      latitude: round(at.latitude - 0.006),
      longitude: round(at.longitude + 0.005),
      address: `Jl. Poros ${village}`,
      accessNotes: 'Selter di tepi jalan poros, kunci di Meja NOC. Pagar selalu dikunci kembali.',
      calendar: 'Layanan 24 jam',
    });
    draft.device(
      { name: `rtr-${slug}-01`, site, role: 'router', net: net.pops, gateway: true, tags: ['pop'] },
      models.ccr2004,
    );
    draft.device({ name: `sw-${slug}-01`, site, role: 'switch', net: net.pops }, models.crs310);
    draft.link(`rtr-${slug}-01`, `sw-${slug}-01`, 'fibre', gbps(10));
    cable(draft, `ups-${slug}-01`, site, 'ups', net.pops, `sw-${slug}-01`, models.smt1500, 0.1);
  }
}

export function drawTrunks(draft: Draft): void {
  let core = 0;
  for (const [a, b, medium, capacity] of trunks) {
    const from = a === 'dc' ? `rtr-dc-0${(core++ % 2) + 1}` : `rtr-${slugOf(a)}-01`;
    draft.link(from, `rtr-${slugOf(b)}-01`, medium, gbps(capacity), `${slugOf(a)}--${slugOf(b)}`, true);
  }
}

export function drawVillages(draft: Draft, district: Place, villages: readonly Place[], random: () => number): void {
  const number = Number(district.code.slice(6));
  const pop = pops.find(([slug, , at]) => at === district.name && slug === 'palattae');
  const own = villages.filter((village) => pop?.[3] !== village.name);
  const all = branches(district, own, random);
  const atPop = villages.filter((village) => pop?.[3] === village.name);
  for (const village of atPop) all.push({ village, parent: null, medium: 'fibre' });
  for (const { village, parent, medium } of all) {
    const kelurahan = village.code.slice(9, 10) === '1';
    const stem = `${district.slug}-${village.slug}`;
    draft.site({
      code: village.code,
      name: `${kelurahan ? 'Kelurahan' : 'Desa'} ${village.name}`,
      kind: 'village',
      network: 'smart-city',
      region: village.code,
      accessNotes: accessNotes[Math.floor(random() * accessNotes.length)] ?? '',
      calendar: villageHours,
      ...(medium === 'vsat' || medium === '4g' ? { tags: [medium] } : {}),
    });
    const router = `rtr-${stem}-01`;
    const routers = medium === '4g' ? [models.ltap] : [models.hexS, models.rb5009];
    draft.device({ name: router, site: village.code, role: 'router', net: number, gateway: true }, ...routers);
    if (medium === 'vsat') draft.link(router, 'rtr-dc-vsat-01', 'vsat', mbps(10), `dc--${stem}`);
    else if (medium === '4g') draft.link(router, 'rtr-dc-4g-01', '4g', mbps(20), `dc--${stem}`);
    else {
      const upper = atPop.includes(village) ? 'palattae' : parent === null ? district.slug : parent.slug;
      const upperRouter = parent === null ? `rtr-${upper}-01` : `rtr-${district.slug}-${parent.slug}-01`;
      const plain = `${upper}--${village.slug}`;
      const taken = draft.hasLink(plain) || upper === village.slug;
      draft.link(
        upperRouter,
        router,
        medium,
        medium === 'fibre' ? mbps(town.has(district.name) ? 500 : 200) : mbps(200),
        taken ? `${parent === null ? upper : `${district.slug}-${upper}`}--${stem}` : plain,
      );
    }
    const villageSwitch = `sw-${stem}-01`;
    draft.device(
      { name: villageSwitch, site: village.code, role: 'switch', net: number },
      kelurahan ? models.cbs350small : random() < 0.2 ? models.sg2210 : models.sg2008,
    );
    draft.link(router, villageSwitch, 'copper', gbps(1));
    if (kelurahan) cable(draft, `ap-${stem}-01`, village.code, 'access-point', number, villageSwitch, models.capAx, 1);
    const terminal = random() < 0.7 ? models.x606 : models.mb20;
    cable(draft, `abs-${stem}-01`, village.code, 'terminal', number, villageSwitch, terminal, 0.1);
  }
}

/** A device on a patch cable to its site's switch. */
function cable(
  draft: Draft,
  name: string,
  site: string,
  role: Parameters<Draft['device']>[0]['role'],
  network: number,
  to: string,
  model: (typeof models)[keyof typeof models],
  speedGbps: number,
): void {
  draft.device({ name, site, role, net: network }, model);
  draft.link(to, name, 'copper', gbps(speedGbps));
}
