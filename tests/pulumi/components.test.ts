import { getVillages } from 'idn-area-data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { villagePlan } from '../../pulumi/components/address-plan.ts';
import { hubRouterOf } from '../../pulumi/components/district-hub.ts';
import { networkOf } from '../../pulumi/components/networks.ts';
import { fragmentsOf, type SiteRouterArgs } from '../../pulumi/components/site-router.ts';
import { siteRouterOf, type VillageEdgeArgs } from '../../pulumi/components/village-edge.ts';
import { normalised } from '../../pulumi/provider/fragment-text.ts';
import { checkIntentDocument, type IntentDocument } from '../../src/domain/intent.ts';
import { RouterBench } from '../support/router-bench.ts';

const village: VillageEdgeArgs = {
  device: 'rtr-c-01',
  code: '73.08.10.2003',
  managementFrom: ['127.0.0.0/8', '10.0.0.0/8'],
  ntpServers: ['10.0.0.1', '10.0.0.2'],
  dnsServers: ['10.0.0.53'],
  snmp: { location: 'Kantor Desa "Lalepo"', from: ['10.0.0.0/8'], community: 'rahasia-desa' },
  users: [{ name: 'Teknisi Kahu', group: 'read', password: 'kata-sandi', addresses: ['10.0.0.0/8'] }],
  logging: { remote: '10.0.0.9' },
  officeLimit: '5M/20M',
  nightlyBackupAt: '02:30:00',
};
const hub = hubRouterOf({
  device: 'rtr-b-01',
  managementFrom: ['127.0.0.0/8'],
  ospf: { networks: ['172.16.0.0/12'] },
  spokes: {
    name: 'wg-desa-2',
    listenPort: 13_300,
    privateKey: Buffer.alloc(32, 7).toString('base64'),
    address: '10.200.0.1/24',
    villages: [{ publicKey: Buffer.alloc(32, 8).toString('base64'), address: '10.200.0.2', networks: ['10.110.3.0/24'] }],
  },
}); // prettier-ignore

/** As the provider hands it to the controller. */
function documentOf(args: SiteRouterArgs): IntentDocument {
  const fragments = fragmentsOf(args).map(({ key, subject, values }) => ({
    key: String(key),
    subject: String(subject),
    values: normalised(values as Parameters<typeof normalised>[0]) as Record<string, string>,
    secret: [],
  }));
  return { driver: 'routeros', fragments };
}

describe('the components, on simulated routers', () => {
  let bench: RouterBench;
  beforeAll(async () => {
    bench = await RouterBench.start(73, { isDriven: true });
  });
  afterAll(() => bench?.stop());

  it.each([
    ['a village edge', siteRouterOf(village)],
    ['a district hub with spokes', hub],
  ])('make %s that the router takes whole, keeps reached, and is then as it should be', async (_, args) => {
    const document = documentOf(args);
    checkIntentDocument(document);
    bench.driver.check(document);
    const target = bench.target(args.device);
    await bench.with(target, async (session) => {
      const { until } = await session.arm('first', 60);
      await session.apply(document, { run: 'first', applied: null, until });
    });
    expect(
      await bench.with(target, (session) => session.confirm(document, { run: 'first', applied: document })),
    ).toEqual({
      confirmed: true,
    });
    await bench.with(target, async (session) => {
      expect(bench.driver.plan(document, await session.read([document]), document)).toEqual([]);
    });
    expect(bench.isReached(args.device)).toBe(true);
    expect(bench.isReached('sw-c-01')).toBe(true);
  });

  it('lock nobody out by what was left empty', () => {
    expect(() => fragmentsOf({ ...siteRouterOf(village), managementFrom: [] })).toThrow(/managementFrom is empty/);
    const keys = fragmentsOf({ device: 'rtr-c-01' }).map(({ key }) => key);
    expect(keys).toEqual(['identity', 'clock', 'service-telnet', 'service-ftp']);
  });
});

describe('the plan of addresses', () => {
  it('says from a code where a village is, and gives no two villages the same', () => {
    expect(villagePlan('73.08.10.2003')).toEqual({
      office: { address: '10.110.3.1/25', dhcp: '10.110.3.20-10.110.3.119' },
      devices: { address: '10.110.3.129/25', dhcp: '10.110.3.140-10.110.3.239' },
    });
    for (const code of ['73.08', '73.08.10', '73.08.10.3001', '73.08.00.2001', '73.08.10.2000', '73.08.10.2256', 'x'])
      expect(() => villagePlan(code)).toThrow(/is no code of a village/);
  });

  it('gives no two villages of a kabupaten one network, of all that Indonesia has', async () => {
    const codes = (await getVillages()).map(({ code }) => code).filter((code) => /\.[12]\d{3}$/.test(code));
    expect(codes.length).toBeGreaterThan(83_000);
    const held = Map.groupBy(codes, (code) => `${code.slice(0, 5)} ${villagePlan(code).office.address}`);
    expect([...held.values()].filter(({ length }) => length > 1)).toEqual([]);
    // The kelurahan moved: the desa of the same number is where it was.
    expect(villagePlan('12.08.07.2008').office.address).toBe('10.107.8.1/25');
    expect(villagePlan('12.08.07.1008').office.address).toBe('10.107.136.1/25');
    // No other did, so none of Bone.
    const moved = codes.filter((code) => {
      return !villagePlan(code).office.address.startsWith(
        `10.${100 + Number(code.slice(6, 8))}.${Number(code.slice(10))}.`,
      );
    });
    expect(moved).toEqual(['12.08.07.1008', '81.03.01.1002', '81.08.01.1001', '91.05.15.1001']);
  });

  it('knows the network of an address', () => {
    expect(networkOf('10.110.3.129/25')).toBe('10.110.3.128/25');
    expect(networkOf('10.1.2.3/8')).toBe('10.0.0.0/8');
    expect(() => networkOf('10.1.2.300/8')).toThrow(/write it like/);
  });
});
