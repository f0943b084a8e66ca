import { pbkdf2 as pbkdf2Callback, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { MqttCredential } from './credentials.ts';
import { agentTopic, telegrafTopics, telegrafTopicsOf, terminalTopic, type Principal } from './topics.ts';

const pbkdf2 = promisify(pbkdf2Callback);
/** The passwords are random, so the number need not slow a guesser; each sign-in costs the broker about a millisecond. */
const iterations = 1_000;
const saltBytes = 12;
const hashBytes = 64;

export interface MosquittoFiles {
  /** For `password_file`. */
  readonly passwords: string;
  /** For `acl_file`. */
  readonly acl: string;
  /** User names that cannot stand in these files; these terminals or agents cannot sign in. */
  readonly leftOut: readonly string[];
}

/**
 * The password file and the access list of Mosquitto 2 (mosquitto.conf(5), mosquitto_passwd(1): `$7$` is PBKDF2 with
 * SHA-512): the same rules as the embedded broker has, one user after the other, each for its own topics alone.
 */
export async function mosquittoFiles(logins: ReadonlyMap<string, MqttCredential>): Promise<MosquittoFiles> {
  const passwords: string[] = [];
  const acl: string[] = [];
  const leftOut: string[] = [];
  for (const [user, { principal, password }] of logins) {
    if (!canStand(user) || password === '') {
      leftOut.push(user);
      continue;
    }
    passwords.push(`${user}:${await hashed(password)}`);
    acl.push(`user ${user}`, ...rules(principal).map((rule) => `topic ${rule}`), '');
  }
  return { passwords: `${passwords.join('\n')}\n`, acl: acl.join('\n'), leftOut };
}

/** As `mayPublish` and `maySubscribe` of `topics.ts`, in Mosquitto's words. */
function rules(principal: Principal): readonly string[] {
  switch (principal.kind) {
    case 'controller':
      return ['readwrite arung/v1/#', `read ${telegrafTopics}`];
    case 'terminal':
      return [
        `write ${terminalTopic(principal.serial, 'status')}`,
        `write ${terminalTopic(principal.serial, 'response')}`,
        `read ${terminalTopic(principal.serial, 'request')}`,
      ];
    case 'agent':
      return [
        `write ${agentTopic(principal.agent, 'state')}`,
        `write ${agentTopic(principal.agent, 'points')}`,
        `write ${agentTopic(principal.agent, 'events')}`,
        `read ${agentTopic(principal.agent, 'plan')}`,
        `write ${telegrafTopicsOf(principal.agent)}`,
      ];
  }
}

/** A line of these files ends a name at its colon, its line break or its blank at an end; `#` begins a comment. */
function canStand(user: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return user !== '' && user === user.trim() && !user.startsWith('#') && !/[:\u0000-\u001f\u007f]/.test(user);
}

async function hashed(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const hash = await pbkdf2(password, salt, iterations, hashBytes, 'sha512');
  return `$7$${iterations}$${salt.toString('base64')}$${hash.toString('base64')}`;
}
