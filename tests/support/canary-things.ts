import { channelKinds } from '../../src/alerting/channels/channels.ts';
import { credentialKinds } from '../../src/domain/device.ts';
import type { Canaries } from './canaries.ts';

/** Things of the API whose fields take secrets: credentials and channels of every kind, and secret variables. */
export interface CanaryThing {
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Settings with which each kind of channel can be made; nobody listens at their addresses. */
const settings: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  inbox: {},
  whatsapp: {
    phoneNumberId: '106540352242922',
    template: { id: 'arung_insiden', en: 'arung_incident' },
    buttons: 3,
    apiVersion: 'v23.0',
    apiRoot: 'http://127.0.0.1:9',
  },
  telegram: { apiRoot: 'http://127.0.0.1:9' },
  email: { host: '127.0.0.1', port: 9, security: 'none', from: 'Arung <arung@bone.example>', user: 'arung' },
  'web-push': { contact: 'mailto:jaringan@bone.example', publicKey: 'B'.repeat(87) },
  'sms-routeros': { url: 'http://127.0.0.1:9', port: 'lte1', user: 'arung' },
  'sms-http': { method: 'GET', url: 'http://127.0.0.1:9/send?to={to}&text={text}&key={secret}' },
  webhook: { url: 'http://127.0.0.1:9/arung' },
  alertmanager: { url: 'http://127.0.0.1:9', user: 'arung' },
  syslog: { host: '127.0.0.1', port: 9, transport: 'tcp' },
};

/** Throws where a kind of channel is not known here. */
export function canaryThings(canaries: Canaries): readonly CanaryThing[] {
  const credentials = credentialKinds.map((kind) => ({
    method: 'POST' as const,
    path: '/credentials',
    body: { name: `uji-${kind}`, kind, user: 'uji', secret: credentialSecret(kind, canaries) },
  }));
  const channels = channelKinds
    .filter(({ secrets }) => Object.keys(secrets.properties).length > 0)
    .map(({ kind, secrets }) => {
      if (settings[kind] === undefined) throw new Error(`Say in canary-things.ts how a channel of ${kind} is made.`);
      const names = Object.keys(secrets.properties);
      const planted = names.map((name) => [name, channelSecret(`channel ${kind} ${name}`, secrets.properties[name], canaries)]); // prettier-ignore
      const body = { name: `uji-${kind}`, kind, settings: settings[kind], secrets: Object.fromEntries(planted) };
      return { method: 'POST' as const, path: '/channels', body };
    });
  const variable = {
    method: 'PUT' as const,
    path: '/variables',
    body: { scope: 'network', name: 'sandi', value: canaries.text('variable'), secret: true },
  };
  return [...credentials, ...channels, variable];
}

/** An address that a channel of the kind would take. */
export function addressFor(kind: string): string {
  const example = channelKinds.find((one) => one.kind === kind)?.address.example ?? '';
  // Nothing leaves this machine.
  return example.replace(/https:\/\/[^/"]+/, 'https://127.0.0.1:9');
}

function credentialSecret(kind: string, canaries: Canaries): unknown {
  if (kind === 'zkteco') return canaries.digits('credential zkteco', '918273');
  if (kind !== 'snmp-v3') return canaries.text(`credential ${kind}`);
  const [authKey, privKey] = [canaries.text('credential snmp-v3 auth'), canaries.text('credential snmp-v3 priv')];
  return { level: 'authPriv', authProtocol: 'sha256', authKey, privProtocol: 'aes128', privKey };
}

function channelSecret(name: string, schema: unknown, canaries: Canaries): string {
  const { pattern } = schema as { readonly pattern?: string };
  const text = canaries.text(name);
  if (pattern === undefined || new RegExp(pattern).test(text)) return text;
  const shaped = [`123456789:${text}`, text.replaceAll('-', '_').padEnd(43, 'x').slice(0, 43)];
  const found = shaped.find((one) => new RegExp(pattern).test(one));
  if (found === undefined) throw new Error(`Say in canary-things.ts what ${name} looks like.`);
  return canaries.shaped(name, found);
}
