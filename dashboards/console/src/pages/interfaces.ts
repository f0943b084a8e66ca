import type { InterfaceView } from '../../../../src/api/views.ts';

const collator = new Intl.Collator('en', { numeric: true });

/** What carries a link first, then by name as people count: ether2 before ether10. */
export function interfaceOrder(a: InterfaceView, b: InterfaceView): number {
  return Number(b.link !== null) - Number(a.link !== null) || collator.compare(a.name, b.name);
}

/** What a device's page opens with: a broken link, else the busiest link, else the busiest interface. */
export function openingInterface(interfaces: readonly InterfaceView[]): InterfaceView | null {
  const busy = (one: InterfaceView): number => Math.max(one.inBps ?? 0, one.outBps ?? 0) / (one.speedBps ?? 1e9);
  const linked = interfaces.filter((one) => one.link !== null);
  const broken = linked.find((one) => one.operStatus === 'down');
  const among = linked.length > 0 ? linked : interfaces;
  return broken ?? [...among].sort((a, b) => busy(b) - busy(a))[0] ?? null;
}

/** What a speed is used of, in percent; null where either is not known. */
export function usedPercent(bps: number | null, speedBps: number | null): number | null {
  return bps === null || speedBps === null ? null : (bps / speedBps) * 100;
}
