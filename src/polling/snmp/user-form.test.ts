import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answer } from '../../../agents/simulator/snmp/agent.ts';
import { Mib, scalar } from '../../../agents/simulator/snmp/mib.ts';
import { UsmEngine } from '../../../agents/simulator/snmp/usm.ts';
import { encodeOid, Tag } from './ber.ts';
import { ResponseReader } from './response.ts';
import { UserForm } from './user-form.ts';

const keys = { authProtocol: 'sha256', authKey: 'kunci-satu', privProtocol: 'aes128', privKey: 'kunci-dua' } as const;
const secret = { kind: 'snmp-v3', user: 'arung', level: 'authPriv', ...keys } as const;
const mib = new Mib<null>([scalar([1, 3, 6, 1, 2, 1, 1, 3], 'timeTicks', () => 4711)]);
const counters = { answered: 0, badCommunity: 0, reports: 0, malformed: 0, tooBig: 0, variables: 0 };

/** The simulator's engine, of which it is known that Debian's tools believe it, with a clock that the test sets. */
class Device {
  boots = 3;
  timeS = 1_000;
  readonly #engine: UsmEngine;

  constructor(id = '8000000001') {
    const clock = { boots: () => this.boots, timeS: () => this.timeS };
    this.#engine = new UsmEngine({ id: Buffer.from(id, 'hex'), user: { ...secret, name: secret.user }, clock });
  }

  answer(request: Buffer): Buffer {
    const identity = { device: null, mib, community: null, usm: this.#engine, maxMessageBytes: 1_472 };
    return answer(identity, request, counters) ?? Buffer.alloc(0);
  }
}

/** One request after another, as the engine makes them, to one device. */
class Asker {
  readonly form = new UserForm(secret);
  readonly reader = new ResponseReader();
  readonly #packet = this.form.encode(Tag.get, [encodeOid('1.3.6.1.2.1.1.3.0')]);
  nowMs = 0;
  #id = 0x01000000;

  request(): Buffer {
    this.#id += 1;
    return Buffer.from(this.form.prepare(this.#packet, this.#id, this.nowMs));
  }

  accept(datagram: Buffer): string {
    const opened = this.reader.open(datagram);
    return opened === 'ok' ? this.form.accept(datagram, this.reader, this.nowMs) : opened;
  }

  ask(device: Device): string {
    return this.accept(device.answer(this.request()));
  }
}

function acquainted(device: Device): Asker {
  const asker = new Asker();
  expect([asker.ask(device), asker.ask(device)]).toEqual(['again', 'ok']);
  return asker;
}

describe('an SNMPv3 user', () => {
  it('learns of the engine once, and is answered from then on', () => {
    const device = new Device();
    const asker = acquainted(device);
    expect(asker.ask(device)).toBe('ok');
    expect(asker.reader.requestId).toBeGreaterThan(0x01000000);
  });

  it('never sends the same bytes twice, and its request is in none of them', () => {
    const device = new Device();
    const asker = acquainted(device);
    const [one, other] = [asker.request(), asker.request()];
    expect(one).not.toEqual(other);
    expect(one.includes(encodeOid('1.3.6.1.2.1.1.3.0'))).toBe(false);
  });

  it('believes no answer that was changed on its way', () => {
    const device = new Device();
    const asker = acquainted(device);
    const good = device.answer(asker.request());
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(good);
        changed[at] = (changed[at] ?? 0) ^ flip;
        expect(asker.accept(changed)).not.toBe('ok');
      }),
    );
    expect(asker.accept(good)).toBe('ok');
  });

  it('believes no answer in clear', () => {
    const device = new Device();
    const asker = acquainted(device);
    const spy = new UserForm({ kind: 'snmp-v3', user: secret.user, level: 'noAuthNoPriv' });
    const packet = spy.encode(Tag.get, [encodeOid('1.3.6.1.2.1.1.3.0')]);
    spy.prepare(packet, 0x01000001, 0);
    const report = device.answer(Buffer.from(spy.prepare(packet, 0x01000001, 0)));
    expect(asker.reader.open(report)).toBe('ok');
    expect(spy.accept(report, asker.reader, 0)).toBe('again');
    // The device answers that level with an error, in clear; a forged value would look the same.
    const inClear = device.answer(Buffer.from(spy.prepare(packet, 0x01000002, 0)));
    expect(asker.accept(inClear)).toBe('unauthenticated');
  });

  it('refuses what is older than 150 s, however right its digest is', () => {
    const device = new Device();
    const asker = acquainted(device);
    const old = device.answer(asker.request());
    asker.nowMs += 140_000;
    expect(asker.accept(Buffer.from(old))).toBe('ok');
    asker.nowMs += 20_000;
    expect(asker.accept(Buffer.from(old))).toBe('window');
  });

  it('follows a restart, and one after which the device begins to count anew', () => {
    const device = new Device();
    const asker = acquainted(device);
    device.boots += 1;
    device.timeS = 2;
    expect([asker.ask(device), asker.ask(device)]).toEqual(['again', 'ok']);
    device.boots = 1;
    device.timeS = 1;
    expect([asker.ask(device), asker.ask(device)]).toEqual(['again', 'ok']);
  });

  it('follows a device that was replaced by another', () => {
    const asker = acquainted(new Device());
    const other = new Device('8000000002');
    expect([asker.ask(other), asker.ask(other)]).toEqual(['again', 'ok']);
  });

  it('says after many Reports that it does not get on with the engine', () => {
    const device = new Device();
    const asker = acquainted(device);
    const verdicts = Array.from({ length: 30 }, () => {
      device.boots += 1;
      return asker.ask(device);
    });
    expect(verdicts.at(-1)).toBe('refusal');
    expect(asker.form.refusal).toBe('not-in-time-window');
    expect([asker.ask(device), asker.form.refusal]).toEqual(['ok', null]);
  });

  it('asks who the engine is when nothing comes, and says so when that is all it hears', () => {
    const device = new Device();
    const asker = acquainted(device);
    for (let i = 0; i < 2; i += 1) asker.form.unanswered();
    expect(asker.ask(device)).toBe('again');
    for (let i = 0; i < 2; i += 1) asker.form.unanswered();
    expect(asker.form.refusal).toBe('silent');
    expect([asker.ask(device), asker.ask(device), asker.form.refusal]).toEqual(['again', 'ok', null]);
  });
});
