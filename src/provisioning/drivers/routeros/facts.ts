import type { ConfigurationFacts } from '../../../domain/compliance.ts';
import { isOnFromTheBox, serviceNames } from './box.ts';
import { commandsOf, type ExportCommand } from './export-commands.ts';
import { namesIn } from './remarks.ts';

/** What rules ask of a router, read out of its backup. */
export function factsOf(text: string): ConfigurationFacts {
  const byPath = Map.groupBy(commandsOf(text), ({ path }) => path);
  const of = (path: string): readonly ExportCommand[] => byPath.get(path) ?? [];
  const services = servicesOf(of('/ip/service'));
  const isOn = (name: string): boolean => services.get(name)?.on === true;
  return {
    telnet: isOn('telnet'),
    snmpCommunities: of('/snmp').some(({ values }) => isYes(values['enabled'])) ? namesIn(text, 'snmp community') : [], // prettier-ignore
    ntp: of('/system/ntp/client').some(({ values }) => isYes(values['enabled'])),
    openManagement: serviceNames.filter((name) => isOn(name) && (services.get(name)?.address ?? '') === ''),
    loggingTo: loggingOf(of('/system/logging/action'), of('/system/logging')),
    users: namesIn(text, 'user'),
    defaultUser: 'admin',
    firmware: /^# by RouterOS (\S+)/.exec(text)?.[1] ?? null,
  };
}

interface Service {
  readonly on: boolean;
  readonly address: string;
}

function servicesOf(commands: readonly ExportCommand[]): ReadonlyMap<string, Service> {
  const services = new Map<string, Service>(
    serviceNames.map((name) => [name, { on: isOnFromTheBox(name), address: '' }]),
  );
  for (const { entry, values } of commands) {
    const name = typeof entry === 'string' ? entry : (entry?.['name'] ?? '');
    const before = services.get(name) ?? { on: false, address: '' };
    const { disabled, address = before.address } = values;
    services.set(name, { on: disabled === undefined ? before.on : !isYes(disabled), address });
  }
  return services;
}

function loggingOf(actions: readonly ExportCommand[], rules: readonly ExportCommand[]): readonly string[] {
  const remotes = new Map<string, string>();
  for (const { entry, values } of actions) {
    const name = values['name'] ?? (typeof entry === 'string' ? entry : (entry?.['name'] ?? ''));
    if (values['remote'] !== undefined) remotes.set(name, values['remote']);
  }
  const used = rules.filter(({ values }) => !isYes(values['disabled'])).map(({ values }) => values['action'] ?? '');
  return [...new Set(used.flatMap((name) => remotes.get(name) ?? []))];
}

function isYes(value: string | undefined): boolean {
  return value === 'yes' || value === 'true';
}
