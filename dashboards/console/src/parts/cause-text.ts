import type { CauseView } from '../../../../src/live/messages.ts';
import { ownUplinkId } from '../../../../src/domain/own-uplink.ts';
import { t } from '../lib/i18n.svelte.ts';
import { spokenLink } from './place-names.ts';

/** What broke, short, for a column: `tautan palattae--kahu`, `perangkat rtr-tondong-01`. */
export function causeText(cause: CauseView | null): string {
  if (cause === null) return '–';
  switch (cause.kind) {
    case 'link':
      return t('cause.link', { name: spokenLink(cause.id, cause.name) });
    case 'agent':
      return t('cause.agent', { name: cause.name });
    case 'controller':
      return t(cause.id === ownUplinkId ? 'cause.uplink' : 'cause.controller');
    default:
      return cause.name;
  }
}

/** `Hampir pasti` for 0.9 and so on. */
export function certaintyWord(certainty: number): string {
  const percent = Math.round(certainty * 100);
  if (percent >= 99) return t('certainty.99');
  if (percent >= 90) return t('certainty.90');
  if (percent >= 70) return t('certainty.70');
  return percent >= 50 ? t('certainty.50') : t('certainty.0');
}
