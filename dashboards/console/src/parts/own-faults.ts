import type { OwnFault } from '../../../../src/domain/own-fault.ts';
import type { BlindnessView } from '../../../../src/domain/own-uplink.ts';
import { moment, number } from '../lib/format.ts';
import { t, textOf } from '../lib/i18n.svelte.ts';
import { live } from '../lib/live.svelte.ts';

/** What Arung itself lacks now, a sentence each; nothing where the connection is lost: that is told before. */
export function ownTroubles(): readonly { readonly key: string; readonly text: string }[] {
  if (live.connection !== 'live') return [];
  return [
    ...(live.blindness === null ? [] : [{ key: 'uplink', text: blindText(live.blindness) }]),
    ...live.faults.map((fault) => ({ key: fault.part, text: faultText(fault) })),
  ];
}

/** What Arung itself lacks and since when, with how much waits for it. */
export function faultText({ part, since, reason, waiting }: OwnFault): string {
  const says = t(reason === 'disk' ? 'fault.disk' : `fault.${part}`, { at: moment(since) });
  return waiting !== null && waiting > 0 ? `${says} ${t('fault.waiting', { n: number(waiting) })}` : says;
}

/** That Arung sees nothing, since when, and what its machine shows of why. */
export function blindText({ since, sign, interface: name }: BlindnessView): string {
  const why = textOf(`fault.blind.${sign}`, name === null ? {} : { interface: name }) ?? t('fault.blind.unclear');
  return `${t('fault.blind', { at: moment(since) })} ${why} ${t('fault.nothing-down')}`;
}
