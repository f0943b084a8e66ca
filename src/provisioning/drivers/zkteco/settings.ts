import type { ErrorDetail } from '../../../domain/errors.ts';
import { checkIntentDocument, intentFault, throwIfFaulty, type IntentDocument, type IntentFragment } from '../../../domain/intent.ts'; // prettier-ignore

/** What a property of a document is on the terminal. */
export interface ZkSetting {
  readonly subject: string;
  readonly property: string;
  /** The terminal's name for it. */
  readonly option: string;
  readonly pattern: RegExp;
  /** What the pattern wants, for a person. */
  readonly hint: string;
  /** Never told in clear: shown, logged, backed up. */
  readonly secret: boolean;
}

const ipv4 = /^(\d{1,3}\.){3}\d{1,3}$/;

/**
 * Settings by name. The names are the terminals' own, by pyzk (`get_network_params`), zk-protocol (sections/terminal.md) and
 * zklib (`ComKey`); not every model has every one of them.
 */
export const settings: readonly ZkSetting[] = [
  { subject: 'server', property: 'address', option: 'WebServerIP', pattern: /^[A-Za-z0-9.-]{1,80}$/, hint: '10.73.0.10', secret: false }, // prettier-ignore
  { subject: 'server', property: 'port', option: 'WebServerPort', pattern: /^\d{1,5}$/, hint: '8081', secret: false },
  { subject: 'time', property: 'ntp', option: 'NTPServer', pattern: /^[A-Za-z0-9.-]{1,80}$/, hint: '10.73.0.1', secret: false }, // prettier-ignore
  { subject: 'network', property: 'mask', option: 'NetMask', pattern: ipv4, hint: '255.255.255.0', secret: false },
  { subject: 'network', property: 'gateway', option: 'GATEIPAddress', pattern: ipv4, hint: '10.73.8.1', secret: false },
  { subject: 'network', property: 'address', option: 'IPAddress', pattern: ipv4, hint: '10.73.8.20', secret: false },
  { subject: 'comm', property: 'device-id', option: 'DeviceID', pattern: /^([1-9]|[1-9]\d|1\d\d|2[0-4]\d|25[0-4])$/, hint: '1 – 254', secret: false }, // prettier-ignore
  // Last: whoever comes next needs it.
  { subject: 'comm', property: 'key', option: 'ComKey', pattern: /^\d{1,6}$/, hint: '0 – 999999', secret: true },
];

/** Of the clock, which is no setting: its zone, and by how many seconds it may be off. */
export const clockProperties: Readonly<Record<string, { readonly pattern: RegExp; readonly hint: string }>> = {
  zone: { pattern: /^[+-](0\d|1[0-4]):[0-5]\d$/, hint: '+08:00' },
  drift: { pattern: /^([2-9]|[1-9]\d{1,3})$/, hint: '5' },
};

/** Said where a change may cut the way to the terminal: it cannot go back by itself. */
const force = 'force';

export function settingOf(subject: string, property: string): ZkSetting | null {
  return settings.find((one) => one.subject === subject && one.property === property) ?? null;
}

/** Throws `intent.invalid` with everything that no terminal would take. */
export function checkDocument(document: IntentDocument): void {
  checkIntentDocument(document);
  const faults = document.fragments.flatMap(fragmentFaults);
  document.fragments.forEach((fragment, at) => {
    const earlier = document.fragments.slice(0, at).find(({ subject }) => subject === fragment.subject);
    if (earlier === undefined) return;
    const message = `${fragment.key}: ${earlier.key} is also about ${fragment.subject}: keep one of them.`;
    faults.push(intentFault({ reason: 'same-entry', message, at, fragment: fragment.key, hint: earlier.key }));
  });
  throwIfFaulty(faults);
}

function fragmentFaults({ key, subject, values }: IntentFragment, at: number): ErrorDetail[] {
  if (!['time', 'server', 'comm', 'network'].includes(subject)) {
    const message = `${key}: a terminal has no ${subject}: choose time, server, comm or network.`;
    return [intentFault({ reason: 'subject', message, at, fragment: key })];
  }
  const faults = Object.entries(values).flatMap(([property, value]) => {
    if (subject === 'network' && property === force) return [];
    const clock = subject === 'time' ? clockProperties[property] : undefined;
    const { pattern, hint } = clock ?? settingOf(subject, property) ?? {};
    if (pattern === undefined || hint === undefined) {
      const message = `${key}: ${subject} has no ${property}.`;
      return [intentFault({ reason: 'property-name', message, at, fragment: key, property })];
    }
    if (pattern.test(value)) return [];
    const message = `${key}: ${property} must look like ${hint}.`;
    return [intentFault({ reason: 'value-kind', message, at, fragment: key, property, hint })];
  });
  if (subject === 'time' && values['zone'] === undefined && values['drift'] !== undefined)
    faults.push(needed(key, at, 'zone'));
  // It cannot go back by itself: whoever wants to change its network says that somebody will be there.
  if (subject === 'network' && values[force] !== 'yes') faults.push(needed(key, at, force));
  return faults;
}

function needed(key: string, at: number, property: string): ErrorDetail {
  const message = property === force ? `${key}: a terminal cannot go back by itself when its network is wrong: say force = yes.` : `${key}: ${property} is needed.`; // prettier-ignore
  return intentFault({ reason: 'property-needed', message, at, fragment: key, property });
}
