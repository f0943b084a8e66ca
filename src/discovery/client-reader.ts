import type { PollTarget } from '../domain/plan.ts';
import type { SnmpReader, SnmpRow, SnmpValue } from './snmp-reader.ts';

/** A variable as the SNMP client of the polling engine hands it out. */
export interface ClientVarbind {
  readonly oid: string;
  /** Number for INTEGER, Counter, Gauge, TimeTicks; dotted text for OBJECT IDENTIFIER; bytes for the rest. */
  readonly value: number | string | Uint8Array;
}

/** The SNMP client as identification needs it: any target, the sockets and limits of the polls. */
export interface SnmpClientLike {
  get(target: PollTarget, oids: readonly string[]): Promise<ReadonlyMap<string, ClientVarbind>>;
  walk(target: PollTarget, root: string, options: { readonly maxRows: number }): Promise<readonly ClientVarbind[]>;
}

function valueOf({ value }: ClientVarbind): SnmpValue {
  if (typeof value === 'number') return { kind: 'number', value };
  if (typeof value === 'string') return { kind: 'oid', value };
  return { kind: 'octets', value };
}

/** A client bound to one target. */
export class ClientReader implements SnmpReader {
  readonly #client: SnmpClientLike;
  readonly #target: PollTarget;

  constructor(client: SnmpClientLike, target: PollTarget) {
    this.#client = client;
    this.#target = target;
  }

  async get(oids: readonly string[]): Promise<ReadonlyMap<string, SnmpValue>> {
    const answer = await this.#client.get(this.#target, oids);
    const values = new Map<string, SnmpValue>();
    for (const [oid, varbind] of answer) values.set(oid, valueOf(varbind));
    return values;
  }

  async walk(root: string, maxRows: number): Promise<readonly SnmpRow[]> {
    const rows = await this.#client.walk(this.#target, root, { maxRows });
    return rows.map((row) => ({ oid: row.oid, value: valueOf(row) }));
  }
}
