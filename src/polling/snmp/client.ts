import type { PollTarget } from '../../domain/plan.ts';
import { ArungError } from '../../domain/errors.ts';
import type { PollingEngine } from '../engine.ts';
import { Exchange, type Answer } from '../exchange.ts';
import type { Peer } from '../peer.ts';
import { refusalError } from '../refusal.ts';
import { encodeOid, oidBefore, Tag } from './ber.ts';
import { ErrorStatus } from './response.ts';
import { readVarbinds, type Varbind } from './varbinds.ts';
import type { BulkRange, Refusal, RequestPacket, RequestType } from './request.ts';
import { isException, Walks, type PduAnswer } from './walks.ts';

/** One question that waits for its answer. */
class Question extends Exchange {
  readonly answer: Promise<PduAnswer | null>;
  refusal: Refusal | null = null;
  #resolve: (answer: PduAnswer | null) => void = () => undefined;
  #decoded: PduAnswer | null = null;

  constructor(options: { readonly engine: PollingEngine; readonly peer: Peer; readonly request: RequestPacket }) {
    super(options);
    this.answer = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  override refused(): void {
    this.refusal = this.peer.form.refusal;
    this.#resolve(null);
  }

  decode({ buffer, reader }: Answer): boolean {
    const varbinds = readVarbinds(buffer, reader.varbindsFrom, reader.varbindsTo);
    if (varbinds === null) return false;
    const bytes = reader.varbindsTo - reader.varbindsFrom;
    this.#decoded = { errorStatus: reader.errorStatus, errorIndex: reader.errorIndex, varbinds, bytes };
    return true;
  }

  answered(): void {
    this.#resolve(this.#decoded);
  }

  failed(): void {
    this.#resolve(null);
  }
}

const getAtATime = 24;

/**
 * Reads single values and subtrees, for identification. It shares sockets, pace, windows and what was learned of a
 * device with the polls; unlike them it makes objects, since it runs rarely.
 */
export class SnmpClient {
  readonly #engine: PollingEngine;
  readonly #walks = new WeakMap<Peer, Walks>();

  constructor(engine: PollingEngine) {
    this.#engine = engine;
  }

  /**
   * The values of these OIDs. What the device does not have is absent. Rejects with an ArungError (`polling.timeout`)
   * when it does not answer.
   */
  async get(target: PollTarget, oids: readonly string[]): Promise<ReadonlyMap<string, Varbind>> {
    const peer = this.#engine.peer(target);
    const found = new Map<string, Varbind>();
    const queue: (readonly string[])[] = [];
    for (let i = 0; i < oids.length; i += getAtATime) queue.push(oids.slice(i, i + getAtATime));
    for (let part = queue.shift(); part !== undefined; part = queue.shift()) {
      if (part.length === 0) continue;
      if (part.length > peer.size.varbinds) {
        queue.unshift(...halves(part));
        continue;
      }
      const answer = await this.#ask(target, peer, Tag.get, part);
      if (answer.errorStatus === ErrorStatus.noError) {
        for (const varbind of answer.varbinds) {
          if (!isException(varbind.tag)) found.set(varbind.oid, varbind);
        }
      } else if (answer.errorStatus === ErrorStatus.tooBig && part.length > 1) {
        peer.size.tooBig({ bytes: 0, varbinds: part.length }, this.#engine.clock.monotonic());
        queue.unshift(...halves(part));
      } else if (part.length > 1) {
        // noSuchName and genErr name the first variable that they did not like; the others may well be had.
        if (answer.errorStatus === ErrorStatus.noSuchName && (await this.#byNext(target, peer, part, found))) continue;
        const index = answer.errorIndex - 1;
        if (index >= 0 && index < part.length) queue.unshift(part.filter((_, i) => i !== index));
        else queue.unshift(...part.map((oid) => [oid]));
      }
    }
    return found;
  }

  /**
   * Adds those of `part` that a GETNEXT from before each comes to; whether it came to any. SNMPv1 gives no value when it
   * lacks one, and names one at a time.
   */
  async #byNext(
    target: PollTarget,
    peer: Peer,
    part: readonly string[],
    found: Map<string, Varbind>,
  ): Promise<boolean> {
    const answer = await this.#ask(target, peer, Tag.getNext, part.map(oidBefore));
    if (answer.errorStatus !== ErrorStatus.noError) return false;
    const wanted = new Set(part);
    const ours = answer.varbinds.filter(({ oid, tag }) => wanted.has(oid) && !isException(tag));
    for (const varbind of ours) found.set(varbind.oid, varbind);
    return ours.length > 0;
  }

  /**
   * The rows below `root` in order, at most `maxRows`, by GETBULK (GETNEXT for v1 or where GETBULK fails); walks of one
   * device that are asked for at the same time share their requests. A device whose OIDs do not grow ends the walk.
   * Rejects with an ArungError (`polling.timeout`) when it does not answer.
   */
  walk(target: PollTarget, root: string, { maxRows }: { readonly maxRows: number }): Promise<readonly Varbind[]> {
    const peer = this.#engine.peer(target);
    let walks = this.#walks.get(peer);
    if (walks === undefined) {
      walks = new Walks(peer, (type, oids, bulk) => this.#ask(target, peer, type, oids, bulk));
      this.#walks.set(peer, walks);
    }
    return walks.read(root, maxRows);
  }

  async #ask(
    target: PollTarget,
    peer: Peer,
    type: RequestType,
    oids: readonly string[],
    bulk?: BulkRange,
  ): Promise<PduAnswer> {
    const request = peer.form.encode(type, oids.map(encodeOid), type === Tag.getBulk ? bulk : undefined);
    const question = new Question({ engine: this.#engine, peer, request });
    this.#engine.begin(question);
    const answer = await question.answer;
    if (answer?.errorStatus === ErrorStatus.authorizationError) throw notAuthorized(target, peer);
    if (answer !== null) return answer;
    if (question.refusal !== null) throw refusalError(peer, question.refusal);
    throw timeoutError(target, peer, this.#engine.options.tries);
  }
}

/** RFC 3415: the user is known, and its group may read nothing at this security level. */
function notAuthorized(target: PollTarget, peer: Peer): ArungError {
  return new ArungError(
    'unavailable',
    `${target.name} (${peer.place}) lets this SNMP user read nothing: give its group a read view at the security level of the credential.`,
    { code: 'polling.not-authorized', arguments: { device: target.name, place: peer.place } },
  );
}

export function timeoutError(target: PollTarget, peer: Peer, tries: number): ArungError {
  const problem = peer.lastSendError;
  if (problem !== null) {
    const reason = problem.code ?? problem.message;
    return new ArungError(
      'unavailable',
      `SNMP to ${target.name} (${peer.place}) could not be sent (${reason}): check the route to it from this machine.`,
      { code: 'polling.send-failed', arguments: { device: target.name, place: peer.place, reason }, cause: problem },
    );
  }
  return new ArungError(
    'unavailable',
    `SNMP to ${target.name} (${peer.place}) timed out after ${tries} tries: check that UDP ${peer.port} is open to this machine and that the credential is right.`,
    { code: 'polling.timeout', arguments: { device: target.name, place: peer.place, port: String(peer.port), tries } },
  );
}

function halves(part: readonly string[]): readonly (readonly string[])[] {
  const middle = Math.ceil(part.length / 2);
  return [part.slice(0, middle), part.slice(middle)];
}
