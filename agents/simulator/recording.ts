import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { answer } from './snmp/agent.ts';
import type { AgentCounters } from './snmp/agent.ts';
import type { Column, Instance, MibView, Value, ValueType } from './snmp/mib.ts';
import { compareOid } from './snmp/oid.ts';
import type { Oid } from './snmp/oid.ts';
import { UsmEngine } from './snmp/usm.ts';
import type { UsmUser } from './snmp/usm-user.ts';

/** Types of snmpsim's .snmprec by the number of their BER tag; `x` behind it: the value is in hexadecimal. */
const types: Readonly<Record<string, ValueType>> = {
  '2': 'integer',
  '4': 'octets',
  '4x': 'octets',
  '6': 'oid',
  '64': 'ipAddress',
  '65': 'counter32',
  '66': 'gauge32',
  '67': 'timeTicks',
  '70': 'counter64',
};

function valueOf(tag: string, text: string): Value {
  if (tag === '4x') return Buffer.from(text, 'hex');
  if (tag === '4' || tag === '64') return text;
  if (tag === '6') return text.replace(/^\./, '').split('.').map(Number);
  return Number(text);
}

/** A recorded walk of a real device as objects that an agent answers from: always the values of that day. */
export class RecordedMib implements MibView<null> {
  readonly #instances: readonly Instance<null>[];

  /** `content` is a .snmprec file: lines of OID, tag and value; what has another tag is left out. */
  constructor(content: string) {
    const found: Instance<null>[] = [];
    for (const line of content.split('\n')) {
      const [oid = '', tag = '', ...rest] = line.split('|');
      const type = types[tag];
      if (type === undefined || !/^\d+(\.\d+)+$/.test(oid)) continue;
      const value = valueOf(tag, rest.join('|').replace(/\r$/, ''));
      const column: Column<null> = {
        oid: oid.split('.').map(Number),
        type,
        rows: () => ({ suffixes: [] }),
        value: () => value,
      };
      found.push({ column, suffix: [], value });
    }
    this.#instances = found.sort((a, b) => compareOid(a.column.oid, b.column.oid));
  }

  get(_device: null, name: Oid): Instance<null> | 'noSuchInstance' {
    const found = this.#instances[this.#firstAfter(name) - 1];
    return found !== undefined && compareOid(found.column.oid, name) === 0 ? found : 'noSuchInstance';
  }

  next(_device: null, name: Oid, accept: (column: Column<null>) => boolean): Instance<null> | null {
    for (let at = this.#firstAfter(name); at < this.#instances.length; at++) {
      const found = this.#instances[at];
      if (found !== undefined && accept(found.column)) return found;
    }
    return null;
  }

  #firstAfter(name: Oid): number {
    let low = 0;
    let high = this.#instances.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const found = this.#instances[middle];
      if (found !== undefined && compareOid(found.column.oid, name) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** An agent on a loopback address that answers from a recording, in SNMPv1, v2c and v3. */
export class RecordedAgent {
  readonly counters: AgentCounters = {
    answered: 0,
    badCommunity: 0,
    reports: 0,
    malformed: 0,
    tooBig: 0,
    variables: 0,
  };
  readonly #socket: Socket = createSocket('udp4');

  constructor(options: {
    readonly mib: RecordedMib;
    readonly community: string;
    readonly user: UsmUser;
    /** The largest message that it sends. */
    readonly maxMessageBytes?: number;
  }) {
    const startedMs = performance.now();
    const { mib, community, user, maxMessageBytes = 1472 } = options;
    const usm = new UsmEngine({
      id: Buffer.from('80001f8804726563', 'hex'),
      user,
      clock: { boots: () => 1, timeS: () => Math.floor((performance.now() - startedMs) / 1000) },
    });
    const identity = { device: null, mib, community, usm, maxMessageBytes };
    this.#socket.on('message', (datagram, from) => {
      const reply = answer(identity, datagram, this.counters);
      if (reply !== null) this.#socket.send(reply, from.port, from.address);
    });
  }

  /** Listens on 127.0.0.1, by default on a free port; returns the port. */
  async start(port = 0): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#socket.once('error', reject);
      this.#socket.bind(port, '127.0.0.1', resolve);
    });
    return this.#socket.address().port;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }
}
