import * as pulumi from '@pulumi/pulumi';
import { getRouters, type Router } from './arung/get-routers.ts';
import { Rollout } from './arung/rollout.ts';
import type { BaseArgs } from './components/base.ts';
import { DistrictHub } from './components/district-hub.ts';
import { SiteRouter } from './components/site-router.ts';
import { VillageEdge } from './components/village-edge.ts';

/**
 * All routers of one kecamatan, from its Kemendagri code: `pulumi config set region 73.08.10`. Which routers there are says
 * Arung's inventory; what they should be is said here, and is the same for all of a kind.
 */
const config = new pulumi.Config();
const region = config.require('region');
const managementFrom = config.requireObject<string[]>('managementFrom');

/** Somebody of the office who may sign in at every router: `pulumi config set --secret operator`. */
const operator = config.getSecret('operator');

const common: BaseArgs & { readonly managementFrom: readonly string[] } = {
  managementFrom,
  ntpServers: config.getObject<string[]>('ntpServers') ?? [],
  dnsServers: config.getObject<string[]>('dnsServers') ?? [],
  users:
    operator === undefined ? [] : [{ name: 'operator', group: 'full', password: operator, addresses: managementFrom }],
  nightlyBackupAt: '02:30:00',
};

function routerOf(router: Router): SiteRouter {
  const args = { ...common, device: router.name, snmp: { location: router.siteName } };
  if (router.siteKind === 'village') return new VillageEdge(router.name, { ...args, code: router.region });
  if (router.siteKind === 'district') return new DistrictHub(router.name, args);
  return new SiteRouter(router.name, args);
}

const routers = (await getRouters({ region })).map(routerOf);
const rollout = new Rollout(`kecamatan-${region}`, {
  of: routers,
  batch: config.getNumber('batch'),
  pauseS: config.getNumber('pauseS'),
  forcedReason: config.get('forcedReason'),
});

export const configured = routers.length;
export const rolloutNumber = rollout.number;
