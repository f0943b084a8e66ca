import type { Demo } from './demo.ts';

/** An agent at a site of its own with a login of its own, and the one device that it reads; gives the device's id. */
export async function addRemoteAgent(
  demo: Demo,
  agent: { readonly name: string; readonly secret: string; readonly address: string },
): Promise<string> {
  const { name, secret, address } = agent;
  const made = async (method: string, path: string, body: unknown): Promise<{ id: string }> => {
    const answer = await demo.call(method, `/api/v1${path}`, body);
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { id: string };
  };
  const login = { name: `mqtt-${name}`, kind: 'mqtt', user: name, secret };
  const credential = await made('POST', '/credentials', login);
  const { id: agentId } = await made('POST', '/agents', { name, credentialId: credential.id });
  const site = { code: name, name: `Situs ${name}`, kind: 'agency', network: 'smart-office', rolloutStatus: 'active' };
  await made('POST', '/inventory/import', {
    format: 'arung-inventory/1',
    sites: [{ ...site, region: '73.08.21.1001' }],
    devices: [{ name: `srv-${name}`, site: name, role: 'server', protocol: 'snmp', address }],
  });
  const device = await made('PATCH', `/devices/srv-${name}`, { agentId });
  await made('PATCH', `/agents/${agentId}`, { attachedTo: [device.id] });
  return device.id;
}
