import type { SmallBackbone } from '../../agents/simulator/routeros/testing/small-backbone.ts';

interface Played {
  readonly vendor: string;
  readonly role: string;
}

/** The inventory of the small network with every site active: its routers can be configured, or all that is played. */
export function managedInventory(backbone: SmallBackbone, all: boolean): Record<string, unknown> {
  const { document } = backbone;
  return {
    ...document,
    sites: (document['sites'] as object[]).map((site) => ({ ...site, rolloutStatus: 'active' })),
    devices: (document['devices'] as Played[]).map((device) => ({ ...device, ...managementOf(device, backbone, all) })),
  };
}

/** With what and where a device is configured. */
function managementOf(
  { vendor, role }: Played,
  { ports, sshPort, terminalPort }: SmallBackbone,
  all: boolean,
): { readonly managementCredential?: string; readonly managementPort?: number } {
  if (vendor === 'MikroTik') return { managementCredential: 'routers', managementPort: ports.api };
  if (!all) return {};
  if (role === 'terminal') return { managementCredential: 'terminals', managementPort: terminalPort };
  const isPlayed = role === 'switch' && /^(Cisco|Huawei)$/.test(vendor);
  return isPlayed ? { managementCredential: 'switches', managementPort: sshPort } : {};
}
