import type { ServiceCheck } from '../../domain/service-check.ts';
import type { Check } from './probes.ts';

/** A check of the inventory as the probe family takes it; `url` is the service's own address. */
export function probeCheckOf(check: ServiceCheck, url: string): Check {
  const { kind, host = '', port = 0, name = '' } = check;
  switch (kind) {
    case 'http':
      return { kind, url: check.url ?? url, ...given(check, 'status', 'contains', 'slowMs', 'redirectHosts', 'ca') };
    case 'tcp':
      return { kind, host, port, ...given(check, 'slowMs') };
    case 'tls':
      return { kind, host, port, ...given(check, 'warnDays', 'ca'), ...(name === '' ? {} : { serverName: name }) };
    case 'dns':
      return { kind, server: host, name, ...given(check, 'port', 'expect', 'slowMs') };
    case 'ntp':
      return { kind, host, ...given(check, 'port') };
    case 'icmp':
      return { kind, address: host };
  }
}

function given<Name extends keyof ServiceCheck>(check: ServiceCheck, ...names: Name[]): Pick<ServiceCheck, Name> {
  // Absent stays absent: a key that holds undefined is another thing.
  return Object.fromEntries(
    names.filter((name) => check[name] !== undefined).map((name) => [name, check[name]]),
  ) as Pick<ServiceCheck, Name>;
}
