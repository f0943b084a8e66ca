import type { PlainTextKey } from '../lib/i18n.svelte.ts';

/** What a chart shows, and how often it is read again. */
export const periods = [
  { value: '1h', seconds: 3600, text: 'period.1h', refreshS: 10 },
  { value: '6h', seconds: 6 * 3600, text: 'period.6h', refreshS: 30 },
  { value: '24h', seconds: 86_400, text: 'period.24h', refreshS: 60 },
  { value: '7d', seconds: 7 * 86_400, text: 'period.7d', refreshS: 300 },
  { value: '30d', seconds: 30 * 86_400, text: 'period.30d', refreshS: 600 },
] as const satisfies readonly {
  readonly value: string;
  readonly seconds: number;
  readonly text: PlainTextKey;
  readonly refreshS: number;
}[];

export type Period = (typeof periods)[number];

export function periodOf(value: string | null): Period {
  return periods.find((period) => period.value === value) ?? periods[0];
}
