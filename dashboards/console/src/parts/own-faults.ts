import type { OwnFault } from '../../../../src/domain/own-fault.ts';
import { moment, number } from '../lib/format.ts';
import { t } from '../lib/i18n.svelte.ts';

/** What Arung itself lacks and since when, with how much waits for it. */
export function faultText({ part, since, reason, waiting }: OwnFault): string {
  const says = t(reason === 'disk' ? 'fault.disk' : `fault.${part}`, { at: moment(since) });
  return waiting !== null && waiting > 0 ? `${says} ${t('fault.waiting', { n: number(waiting) })}` : says;
}
