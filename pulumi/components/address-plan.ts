/** How the networks of a village follow from its code: whoever reads an address knows where it is. */
export interface VillagePlan {
  /** The router's address in the network of the office, with its length, and what is given out there. */
  readonly office: { readonly address: string; readonly dhcp: string };
  /** The same for attendance terminals and cameras, which never meet the office's computers. */
  readonly devices: { readonly address: string; readonly dhcp: string };
}

/**
 * Kelurahan (1xxx) with the number of a desa (2xxx) of their kecamatan, in all that Kepmendagri 300.2.2-2138/2025 has: they
 * have the network so many above the desa's. No kecamatan has as many villages.
 */
const besideADesa = new Set(['12.08.07.1008', '81.03.01.1002', '81.08.01.1001', '91.05.15.1001']);
const above = 128;

/**
 * `73.08.10.2003`, the third village of the tenth kecamatan, has 10.110.3.0/24: its lower half is the office's, its upper
 * half the devices'. Holds for a kabupaten of up to 99 kecamatan with 255 villages each: within one no two villages share a
 * network. Those of another kabupaten have the same ones again.
 * @param code Kemendagri code of a village or kelurahan (Kepmendagri 300.2.2-2138/2025): two, two, two and four digits.
 */
export function villagePlan(code: string): VillagePlan {
  const found = /^\d{2}\.\d{2}\.(\d{2})\.[12](\d{3})$/.exec(code);
  const [district, village] = [Number(found?.[1]), Number(found?.[2])];
  if (found === null || district < 1 || village < 1 || village > 255) {
    throw new Error(
      `${code} is no code of a village that the address plan has a place for: it looks like 73.08.10.2003.`,
    );
  }
  const network = `10.${100 + district}.${besideADesa.has(code) ? above + village : village}`;
  return {
    office: { address: `${network}.1/25`, dhcp: `${network}.20-${network}.119` },
    devices: { address: `${network}.129/25`, dhcp: `${network}.140-${network}.239` },
  };
}
