import * as pulumi from '@pulumi/pulumi';
import { getRouters, type Router } from './arung/get-routers.ts';
import { Rollout } from './arung/rollout.ts';
import type { BaseArgs } from './components/base.ts';
import { DistrictHub } from './components/district-hub.ts';
import { loggingTo } from './components/logging-to.ts';
import { SiteRouter } from './components/site-router.ts';
import { VillageEdge } from './components/village-edge.ts';

/**
 * All routers of one kecamatan, from its Kemendagri code: `pulumi config set region 73.08.10`,
 * `pulumi config set --path 'managementFrom[0]' 10.0.0.0/8`; or of some sites in it alone,
 * as the stack `hub` has it. Which routers there are says Arung's inventory; what they should be is said here, and is the
 * same for all of a kind.
 */
const config = new pulumi.Config();
const region = config.require('region');
/** Codes of sites; all of the region without. */
const sites = config.getObject<string[]>('sites');
/** By router: UDP ports at which tunnels of others end. */
const tunnelPorts = config.getObject<Record<string, number[]>>('tunnelPorts') ?? {};
const managementFrom = config.getObject<string[]>('managementFrom');
if (managementFrom === undefined) {
  throw new Error(
    "From where may the routers be managed? `pulumi config set --path 'managementFrom[0]' 10.0.0.0/8`: who is in none of these is shut out.",
  );
}

/** Where Arung hears syslog, `10.73.0.2` or with its port `10.73.0.2:5514`; the routers' log goes nowhere without. */
const logTo = config.get('logTo');

/** Somebody of the office who may sign in at every router: `pulumi config set --secret operator`. */
const operator = config.getSecret('operator');

const common: BaseArgs & { readonly managementFrom: readonly string[] } = {
  managementFrom,
  ntpServers: config.getObject<string[]>('ntpServers') ?? [],
  dnsServers: config.getObject<string[]>('dnsServers') ?? [],
  users:
    operator === undefined ? [] : [{ name: 'operator', group: 'full', password: operator, addresses: managementFrom }],
  nightlyBackupAt: '02:30:00',
  ...(logTo === undefined ? {} : { logging: loggingTo(logTo) }),
};

function routerOf(router: Router): SiteRouter {
  const args = {
    ...common,
    device: router.name,
    snmp: { location: router.siteName },
    tunnelPorts: tunnelPorts[router.name] ?? [],
  };
  if (router.siteKind === 'village') return new VillageEdge(router.name, { ...args, code: router.region });
  if (router.siteKind === 'district') return new DistrictHub(router.name, args);
  return new SiteRouter(router.name, args);
}

const found = (await getRouters({ region })).filter(({ site }) => sites?.includes(site) ?? true);
const missing = (sites ?? []).filter((code) => !found.some(({ site }) => site === code));
if (found.length === 0) {
  throw new Error(
    `No router in ${region} can be configured: give one a credential for its management in Arung, or name another region with \`pulumi config set region …\`.`,
  );
}
if (missing.length > 0)
  throw new Error(`No router that can be configured at ${missing.join(', ')} in ${region}: see \`sites\`.`);
const routers = found.map(routerOf);
const rollout = new Rollout(sites === undefined ? `kecamatan-${region}` : sites.join('-'), {
  of: routers,
  batch: config.getNumber('batch'),
  pauseS: config.getNumber('pauseS'),
  forcedReason: config.get('forcedReason'),
});

export const configured = routers.length;
export const rolloutNumber = rollout.number;
