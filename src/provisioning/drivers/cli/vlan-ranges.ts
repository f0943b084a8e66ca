/** The highest number of a VLAN (IEEE 802.1Q). */
const lastVlan = 4_094;

/** The numbers of a list as Cisco and TP-Link write it: `10,20-22`. */
export function vlansListed(list: string): readonly number[] {
  return vlansOf(
    list.split(',').map((part): [number, number] => {
      const [from = 0, to = from] = part.split('-').map(Number);
      return [from, to];
    }),
  );
}

/** The numbers of ranges, each once and rising: a device may say the same range a thousand times. */
export function vlansOf(ranges: Iterable<readonly [from: number, to: number]>): readonly number[] {
  const rising = [...ranges].filter(([from]) => from >= 0).sort(([a], [b]) => a - b);
  const vlans: number[] = [];
  let next = 0;
  for (const [from, to] of rising) {
    for (let vlan = Math.max(from, next); vlan <= Math.min(to, lastVlan); vlan += 1) vlans.push(vlan);
    next = Math.max(next, Math.min(to, lastVlan) + 1);
  }
  return vlans;
}
