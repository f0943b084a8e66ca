import type { Surroundings } from '../routeros/management.ts';
import { CliConfig } from './config.ts';
import { configure } from './configure.ts';
import type { Box, Maker, SectionFound, SwitchHost } from './maker.ts';

export interface FirstOptions {
  readonly host: SwitchHost;
  readonly around: Surroundings;
  readonly user: { readonly name: string; readonly password: string };
  readonly community: string | null;
}

/** The switch as a technician left it before anybody managed it by code: typed as he would type it. */
export function firstConfig(maker: Maker, options: FirstOptions): CliConfig {
  const running = new CliConfig();
  const box = { host: options.host, running } as Pick<Box, 'host' | 'running'> as Box;
  let section: SectionFound | null = null;
  for (const line of linesOf(maker, options)) {
    if (!line.startsWith(' ')) section = null;
    const done = configure(maker, box, line.trim(), section);
    if (done.kind === 'refused') throw new Error(`The first configuration of ${options.host.name} has a line that it refuses: ${line}`); // prettier-ignore
    if (done.kind === 'section') section = done.section;
  }
  return running;
}

function linesOf(maker: Maker, options: FirstOptions): readonly string[] {
  if (maker.name === 'huawei-vrp') return vrpLines(options);
  if (maker.name === 'tp-link') return tpLinkLines(options);
  return maker.name === 'h3c-comware' ? comwareLines(options) : ciscoLines(maker, options);
}

function managementOf({ around }: FirstOptions): {
  readonly vlan: number;
  readonly port: string | null;
  readonly gateway: string | null;
} {
  // prettier-ignore
  const [first] = around.neighbours;
  return { vlan: first?.vlan ?? 99, port: first?.port ?? null, gateway: first?.gateway ?? null };
}

function ciscoLines(maker: Maker, options: FirstOptions): readonly string[] {
  const { host, around, user, community } = options;
  const { vlan, port, gateway } = managementOf(options);
  const isIos = maker.name !== 'cisco-business';
  return [
    `hostname ${host.name}`,
    ...(isIos
      ? ['vlan 10', ' name PEGAWAI', `vlan ${vlan}`, ' name MANAJEMEN']
      : ['vlan database', ` vlan 10,${vlan}`]),
    ...(port === null ? [] : [`interface ${port}`, ' description uplink', ' switchport mode trunk', ` switchport trunk allowed vlan 10,${vlan}`]), // prettier-ignore
    `interface vlan ${vlan}`,
    ` ip address ${around.address} 255.255.255.0`,
    ...(gateway === null ? [] : [`ip default-gateway ${gateway}`]),
    isIos ? `username ${user.name} privilege 15 secret ${user.password}` : `username ${user.name} password ${user.password} privilege 15`, // prettier-ignore
    ...(isIos ? ['ip ssh version 2'] : ['ip ssh server']),
    ...(community === null ? [] : [`snmp-server community ${community} ro`]),
  ];
}

function vrpLines(options: FirstOptions): readonly string[] {
  const { host, around, user, community } = options;
  const { vlan, port, gateway } = managementOf(options);
  return [
    `sysname ${host.name}`,
    `vlan batch 10 ${vlan}`,
    'aaa',
    ` local-user ${user.name} password irreversible-cipher ${user.password}`,
    ` local-user ${user.name} privilege level 15`,
    ` local-user ${user.name} service-type ssh`,
    `interface Vlanif${vlan}`,
    ` ip address ${around.address} 255.255.255.0`,
    ...(port === null ? [] : [`interface ${port}`, ' description uplink', ' port link-type trunk', ` port trunk allow-pass vlan 10 ${vlan}`]), // prettier-ignore
    'user-interface vty 0 4',
    ' authentication-mode aaa',
    ' protocol inbound ssh',
    ...(gateway === null ? [] : [`ip route-static 0.0.0.0 0.0.0.0 ${gateway}`]),
    'stelnet server enable',
    'snmp-agent',
    ...(community === null ? [] : [`snmp-agent community read ${community}`]),
  ];
}

function comwareLines(options: FirstOptions): readonly string[] {
  const { host, around, user, community } = options;
  const { vlan, port, gateway } = managementOf(options);
  return [
    `sysname ${host.name}`,
    'vlan 10',
    ' name PEGAWAI',
    `vlan ${vlan}`,
    `interface Vlan-interface${vlan}`,
    ` ip address ${around.address} 255.255.255.0`,
    ...(port === null ? [] : [`interface ${port}`, ' description uplink', ' port link-type trunk', ` port trunk permit vlan 10 ${vlan}`]), // prettier-ignore
    ...(gateway === null ? [] : [`ip route-static 0.0.0.0 0.0.0.0 ${gateway}`]),
    `local-user ${user.name} class manage`,
    ` password simple ${user.password}`,
    ' service-type ssh',
    ' authorization-attribute user-role network-admin',
    'line vty 0 63',
    ' authentication-mode scheme',
    'ssh server enable',
    'snmp-agent',
    ...(community === null ? [] : [`snmp-agent community read ${community}`]),
  ];
}

function tpLinkLines(options: FirstOptions): readonly string[] {
  const { host, around, user, community } = options;
  const { vlan, port, gateway } = managementOf(options);
  return [
    `hostname ${host.name}`,
    'vlan 10',
    ' name PEGAWAI',
    `vlan ${vlan}`,
    ...(port === null ? [] : [`interface ${port}`, ' description uplink', ` switchport general allowed vlan 10,${vlan} tagged`]), // prettier-ignore
    `interface vlan ${vlan}`,
    ` ip address ${around.address} 255.255.255.0`,
    ...(gateway === null ? [] : [`ip route 0.0.0.0 0.0.0.0 ${gateway}`]),
    `user name ${user.name} privilege admin secret 0 ${user.password}`,
    'ip ssh server',
    'snmp-server',
    ...(community === null ? [] : [`snmp-server community ${community} read-only viewDefault`]),
  ];
}
