/** A value as it came off the wire. Octet strings stay bytes: whether they are text is the reader's business. */
export type SnmpValue =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'octets'; readonly value: Uint8Array }
  | { readonly kind: 'oid'; readonly value: string };

export interface SnmpRow {
  /** Dotted, without leading dot. */
  readonly oid: string;
  readonly value: SnmpValue;
}

/**
 * What identification needs of SNMP, bound to one device. What the device does not have is absent from the answer;
 * a device that does not answer at all rejects with an `ArungError`.
 */
export interface SnmpReader {
  get(oids: readonly string[]): Promise<ReadonlyMap<string, SnmpValue>>;
  /** The subtree below `root`, in order, at most `maxRows` rows. */
  walk(root: string, maxRows: number): Promise<readonly SnmpRow[]>;
}
