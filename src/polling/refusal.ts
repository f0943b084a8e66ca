import { ArungError } from '../domain/errors.ts';
import type { Peer } from './peer.ts';
import type { Refusal } from './snmp/request.ts';

/** Code and sentence, behind the device's name: what an SNMPv3 engine does not like, and what to mend. */
const words = {
  'unknown-user': [
    'polling.v3-unknown-user',
    'does not know the SNMPv3 user: check the user name, and that it was made on the device.',
  ],
  'wrong-digest': [
    'polling.v3-wrong-digest',
    'refuses the authentication key of the SNMPv3 user: check the key and the authentication protocol.',
  ],
  'decryption-error': [
    'polling.v3-decryption-error',
    'could not decrypt the request: check the privacy key and the privacy protocol (aes192c and aes256c are the other way to lengthen a key).',
  ],
  'unsupported-level': [
    'polling.v3-unsupported-level',
    'does not offer the security level of the credential to this SNMPv3 user: compare level and protocols with those on the device.',
  ],
  'not-in-time-window': [
    'polling.v3-not-in-time-window',
    'takes our requests for old ones, whatever time we take from it: its SNMPv3 engine boots or clock are stuck; restart its SNMP agent.',
  ],
  'unknown-engine': [
    'polling.v3-unknown-engine',
    'does not know the SNMPv3 engine id that it calls its own: restart its SNMP agent, or give it an engine id.',
  ],
  'unknown-context': ['polling.v3-unknown-context', 'has no default SNMPv3 context: allow the user the empty context.'],
  'unknown-report': ['polling.v3-refused', 'refuses SNMPv3 requests with a report that says no known reason.'],
  silent: [
    'polling.v3-silent',
    'answers SNMPv3 discovery, but nothing that this user asks: check the privacy key and protocol, and that this machine may read.',
  ],
} as const satisfies Readonly<Record<Refusal, readonly [code: string, sentence: string]>>;

export interface PollProblem {
  /** Stable name of the sentence; a console says it in the reader's language with `arguments`. */
  readonly code: string;
  readonly arguments: Readonly<Record<string, string | number>>;
  readonly message: string;
}

export function problemOfRefusal({ name, place }: Pick<Peer, 'name' | 'place'>, refusal: Refusal): PollProblem {
  const [code, sentence] = words[refusal];
  return { code, arguments: { device: name, place }, message: `${name} (${place}) ${sentence}` };
}

export function refusalError(peer: Peer, refusal: Refusal): ArungError {
  const { message, ...named } = problemOfRefusal(peer, refusal);
  return new ArungError('unavailable', message, named);
}
