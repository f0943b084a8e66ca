import type { IntentDocument, IntentFragment } from '../../../domain/intent.ts';
import type { ConfigurationStep } from '../driver.ts';
import type { ZkConfiguration } from './configuration.ts';
import { settings } from './settings.ts';

/** One thing to set on a terminal; `step` is what of it may be shown. */
export type ZkAction = { readonly step: ConfigurationStep } & (
  | { readonly kind: 'option'; readonly option: string; readonly value: string; readonly before: string | null }
  /** The clock goes to the time of this zone. */
  | { readonly kind: 'clock'; readonly zoneMs: number; readonly mostMs: number }
);

/** Seconds by which a clock may be off where a document names a zone alone. */
const usualDrift = '5';

/**
 * What brings a terminal to a document, in the order in which it is done: the clock, then settings, the comm key last. What is
 * no longer listed stays as it is: a setting has no default that one could go back to.
 */
export function planActions(configuration: ZkConfiguration, document: IntentDocument): readonly ZkAction[] {
  const bySubject = new Map(document.fragments.map((fragment) => [fragment.subject, fragment]));
  const clock = clockAction(configuration, bySubject.get('time'));
  const options = settings.flatMap(({ subject, property, option, secret }): ZkAction[] => {
    const fragment = bySubject.get(subject);
    const value = fragment?.values[property];
    if (fragment === undefined || value === undefined) return [];
    const before = configuration.option(option);
    if (before === value) return [];
    const isSecret = secret || fragment.secret.includes(property);
    const change = { property, secret: isSecret, before: isSecret ? null : before, after: isSecret ? null : value };
    return [{ kind: 'option', option, value, before, step: stepOf(fragment, property, change) }];
  });
  return clock === null ? options : [clock, ...options];
}

function clockAction(configuration: ZkConfiguration, fragment: IntentFragment | undefined): ZkAction | null {
  const zone = fragment?.values['zone'];
  if (fragment === undefined || zone === undefined) return null;
  const zoneMs = zoneMsOf(zone);
  const mostMs = Number(fragment.values['drift'] ?? usualDrift) * 1_000;
  const offMs = driftMs(configuration, zoneMs);
  if (Math.abs(offMs) <= mostMs) return null;
  const sign = offMs < 0 ? '−' : '+';
  const change = { property: 'drift', secret: false, before: `${sign}${Math.round(Math.abs(offMs) / 1_000)} s`, after: `≤ ${mostMs / 1_000} s` }; // prettier-ignore
  return { kind: 'clock', zoneMs, mostMs, step: stepOf(fragment, 'clock', change) };
}

/** How far ahead of the right time a clock is; it shows whole seconds. */
export function driftMs({ wallMs, readAt }: ZkConfiguration, zoneMs: number): number {
  return wallMs - Math.floor((readAt + zoneMs) / 1_000) * 1_000;
}

/** `+08:00`, milliseconds. */
export function zoneMsOf(zone: string): number {
  const [, sign = '+', hours = '0', minutes = '0'] = /^([+-])(\d\d):(\d\d)$/.exec(zone) ?? [];
  return (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60_000 : 60_000);
}

function stepOf(
  { key, subject }: IntentFragment,
  name: string,
  change: ConfigurationStep['changes'][number],
): ConfigurationStep {
  // prettier-ignore
  return { kind: 'set', subject, fragment: key, name, adopts: false, changes: [change] };
}
