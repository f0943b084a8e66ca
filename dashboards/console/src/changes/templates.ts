import type { SourcedFragmentView, TemplateDeviceView } from '../../../../src/api/template-schemas.ts';
import { templateOwner } from '../../../../src/domain/template.ts';
import { t, textOf } from '../lib/i18n.svelte.ts';
import { placeText } from './variables.ts';

/** The sign beside what a device has of a template: shape first, colour second. */
export const glyphOfDevice = {
  right: 'up',
  pending: 'info',
  stale: 'warning',
  unmanaged: 'off',
  refused: 'critical',
} as const satisfies Record<TemplateDeviceView['state'], string>;

/** Who says something of a device, as people know them. */
export function ownerText(owner: string): string {
  return owner === templateOwner ? t('templates.title') : owner;
}

type Source = SourcedFragmentView['hides'][number];

/** `dasar-router (Kecamatan Kahu)`. */
export function sourceText({ template, place }: Source): string {
  return `${template} (${placeText(place)})`;
}

/** `jam: pulumi bone/kahu`. */
export function hiddenText({ key, owner, by }: TemplateDeviceView['hidden'][number]): string {
  return `${key}: ${by === null ? (owner ?? '') : sourceText(by)}`;
}

/** `+ jam, log; ~ dns; − lama`. */
export function differenceText({ added, changed, removed }: TemplateDeviceView): string {
  const said = [
    ['+', added],
    ['~', changed],
    ['−', removed],
  ] as const;
  const parts = said.flatMap(([sign, keys]) => (keys.length === 0 ? [] : [`${sign} ${keys.join(', ')}`]));
  return parts.length === 0 ? '–' : parts.join('; ');
}

/** What people call the devices of a driver; its own name where nobody has one. */
export function driverText(driver: string): string {
  return textOf(`templates.driver.${driver}`, {}) ?? driver;
}

/** Devices that staging again would change. */
export function isStageable({ state }: TemplateDeviceView): boolean {
  return state === 'stale' || state === 'unmanaged';
}

/** The largest number of devices that are staged in one request. */
export const stagedAtOnce = 1_000;

export function placesText(places: readonly Source['place'][], elsewhere: number): string {
  const named = places.map(placeText);
  if (elsewhere > 0) named.push(t('templates.elsewhere', { count: elsewhere }));
  return named.length === 0 ? t('templates.nowhere') : named.join(', ');
}
