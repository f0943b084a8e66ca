import type { RouterConfiguration } from './configuration.ts';
import type { Surroundings } from './management.ts';
import { listenPort } from './surroundings.ts';

/** The device as a technician left it before anybody managed it by code. */
export function setUp(
  configuration: RouterConfiguration,
  options: {
    readonly name: string;
    readonly ports: readonly { readonly name: string; readonly comment: string }[];
    readonly around: Surroundings;
    readonly user: { readonly name: string; readonly password: string };
    readonly community: string | null;
    /** Where a program without rights may listen: the ports of `/ip/service`. */
    readonly services: { readonly api: number; readonly www: number };
    /** Private key of each tunnel's near end, in the order of `around.tunnels`. */
    readonly tunnelKeys: readonly string[];
    /** Private key of the end at which tunnels of others end. */
    readonly hubKey: string;
  },
): void {
  const { around, ports } = options;
  const add = (path: string, values: Readonly<Record<string, string>>): void => {
    configuration.menu(path).plant(values);
  };
  const set = (path: string, values: Readonly<Record<string, string>>): void => {
    const menu = configuration.menu(path);
    for (const entry of menu.entries) menu.set(entry, new Map(Object.entries(values)));
  };
  for (const { name, comment } of ports) {
    const values = { name, 'default-name': name, ...(comment === '' ? {} : { comment }) };
    if (/^(ether|sfp|qsfp|combo)/.test(name)) add('/interface/ethernet', values);
    else configuration.plantInterface(name, name.replace(/\d.*$/, ''));
  }
  configuration.plantInterface('lo', 'loopback');
  add('/interface/bridge', { name: 'bridge' });

  const transit = new Set([
    ...around.neighbours.filter(({ ours }) => ours !== around.address).map(({ port }) => port),
    ...around.downlinks.map(({ port }) => port),
  ]);
  const ethernet = ports.filter(({ name }) => configuration.interfaceNamed(name)?.type === 'ether');
  for (const { name } of ethernet) {
    if (!transit.has(name)) add('/interface/bridge/port', { interface: name, bridge: 'bridge' });
  }
  const managed = around.neighbours.find(({ ours }) => ours === around.address);
  let carrier = 'bridge';
  if (managed !== undefined && managed.vlan !== null) {
    carrier = 'vlan-mgmt';
    add('/interface/vlan', { name: carrier, interface: 'bridge', 'vlan-id': String(managed.vlan) });
  }
  add('/ip/address', { address: `${around.address}/24`, interface: carrier });
  for (const { ours, port, gateway } of around.neighbours) {
    if (ours !== around.address)
      add('/ip/address', { address: `${ours}/30`, interface: port, comment: `ke ${gateway}` });
  }
  for (const [i, tunnel] of around.tunnels.entries()) {
    const name = `wg-arung${i === 0 ? '' : i + 1}`;
    add('/interface/wireguard', { name, 'private-key': options.tunnelKeys[i] ?? '' });
    add('/interface/wireguard/peers', {
      interface: name,
      'public-key': tunnel.publicKey,
      'endpoint-address': tunnel.endpoint,
      'endpoint-port': String(tunnel.port),
      'allowed-address': '0.0.0.0/0',
      'persistent-keepalive': '25s',
    });
    add('/ip/address', { address: `${tunnel.ours}/30`, interface: name });
  }
  for (const { ours, theirs, port, publicKey } of around.downlinks) {
    if (publicKey === null) add('/ip/address', { address: `${ours}/30`, interface: port, comment: `ke ${theirs}` });
  }
  const spokes = around.downlinks.filter(({ publicKey }) => publicKey !== null);
  if (spokes.length > 0) {
    add('/interface/wireguard', { name: 'wg-hub', 'private-key': options.hubKey, 'listen-port': String(listenPort) });
    for (const { ours, theirs, publicKey } of spokes) {
      add('/interface/wireguard/peers', {
        interface: 'wg-hub',
        'public-key': publicKey ?? '',
        'allowed-address': `${theirs}/32`,
      });
      add('/ip/address', { address: `${ours}/30`, interface: 'wg-hub' });
    }
  }
  // Several ways back: the first is the one that is used, the others wait with a longer distance.
  const ways = [...around.tunnels.map(({ gateway }) => gateway), ...around.neighbours.map(({ gateway }) => gateway)];
  for (const [i, gateway] of ways.entries())
    add('/ip/route', { gateway, ...(i === 0 ? {} : { distance: String(i + 1) }) });

  for (const [name, port, isOn] of [
    ['telnet', 23, false], ['ftp', 21, false], ['www', options.services.www, true], ['ssh', 22, true],
    ['www-ssl', 443, false], ['api', options.services.api, true], ['winbox', 8291, true], ['api-ssl', 8729, false],
  ] as const) add('/ip/service', { name, port: String(port), ...(isOn ? {} : { disabled: 'true' }) }); // prettier-ignore
  for (const [name, policy] of [
    [
      'full',
      'local,telnet,ssh,ftp,reboot,read,write,policy,test,winbox,password,web,sniff,sensitive,api,romon,rest-api',
    ],
    ['write', 'local,telnet,ssh,reboot,read,write,test,winbox,password,web,sniff,sensitive,api,romon,rest-api'],
    ['read', 'local,telnet,ssh,reboot,read,test,winbox,password,web,sniff,sensitive,api,romon,rest-api'],
  ] as const)
    add('/user/group', { name, policy });
  add('/user', { name: options.user.name, group: 'full', password: options.user.password });
  for (const name of ['memory', 'disk', 'echo', 'remote']) add('/system/logging/action', { name, target: name });
  add('/system/logging', { topics: 'info', action: 'memory' });
  set('/system/identity', { name: options.name });
  set('/snmp', { enabled: String(options.community !== null) });
  add('/snmp/community', {
    name: options.community ?? 'public',
    ...(options.community === null ? { disabled: 'true' } : {}),
  });
  add('/routing/ospf/instance', { name: 'default', disabled: 'true' });
}
