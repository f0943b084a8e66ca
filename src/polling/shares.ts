import type { CompiledGroup } from './compiled-group.ts';

/** Means over several variables and shares of others, from the raw values of a poll that is over, into its output. */
export function writeShares(
  { ratios, means, raw, outputs, meaningOf, meanings }: CompiledGroup,
  output: Float64Array,
): void {
  if (raw.length === 0) return;
  const scaleOf = (slot: number): number => meanings[meaningOf[slot] ?? 0]?.scale ?? 1;
  const scaled = (slot: number): number => (raw[slot] ?? Number.NaN) * scaleOf(slot);
  for (const { slot, others } of means) {
    const place = outputs[slot] ?? -1;
    if (place < 0) continue;
    let sum = scaled(slot);
    for (const each of others) sum += scaled(each);
    output[place] = sum / (others.length + 1);
  }
  for (const { slot, other, ofSum, complement, minus } of ratios) {
    const place = outputs[slot] ?? -1;
    if (place < 0) continue;
    let part = scaled(slot);
    for (const each of minus) part -= scaled(each);
    const whole = scaled(other) + (ofSum ? part : 0);
    const percent = (part / whole) * 100;
    const share = complement ? 100 - percent : percent;
    output[place] = share >= 0 && share <= 100 ? share : Number.NaN;
  }
}
