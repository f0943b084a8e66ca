import { mask } from '../masking.ts';

/** A secret in a line of a configuration. */
export interface LineSecret {
  /** What stands before it, without the number of its form. */
  readonly head: string;
  readonly secret: string;
  readonly tail: string;
  /** The device shows another text than was set: a hash, or a cipher of its own. */
  readonly isHidden: boolean;
}

/** As Cisco (types 5 to 9, $15$) and Huawei (%^%#, $1a$ …) begin what they hid. */
const hiddenText = /^(\$\w{1,3}\$|%\^%#|%@%@|%#%#|@%@%)/;

/** Words that a secret stands behind, in lines of any maker. */
export const secretWords = [
  'secret',
  'password',
  'passphrase',
  'key-string',
  'authentication-key',
  'server-key',
  'pre-shared-key',
  'wpa-psk',
  'md5',
  'sha',
  'ascii',
  'community',
] as const;

const patterns: readonly RegExp[] = [
  // Of a user of Comware: password simple rahasia, shown as password hash $h$6$…
  /^(password)\s+(simple|hash)\s+(\S+)(.*)$/,
  // snmp-server host 10.0.0.1 version 2c public
  /^(snmp-server host \S+(?: (?:traps|informs))?(?: version (?:1|2c|3 \w+))?)()\s+(?!version\b|traps\b|informs\b)(\S+)(.*)$/,
  /^(snmp-agent community (?:read|write))()\s+(?!cipher\b)(\S+)(.*)$/,
  /^(.*\b(?:irreversible-cipher|cipher|simple|securityname))()\s+(?!cipher\b)(\S+)(.*)$/,
  new RegExp(`^(.*\\b(?:${secretWords.join('|')}|key(?! chain)))\\s+(?:(encrypted|[0-9])\\s+)?(\\S+)(.*)$`),
];

/** The secret that a line of any maker holds; null where none is known. Rather one too many than one too few. */
export function secretIn(line: string): LineSecret | null {
  for (const pattern of patterns) {
    const [, head = '', form = '', secret = '', tail = ''] = pattern.exec(line) ?? [];
    if (secret === '') continue;
    return { head, secret, tail, isHidden: /^([4-9]|encrypted)$/.test(form) || hiddenText.test(secret) };
  }
  return null;
}

/** Words that begin lines with secrets, and lines without; what of them a property says is not known from its name. */
const broad =
  /^(enable|snmp-server|snmp-agent|tacacs-server|tacacs|radius-server|radius|neighbor|ntp|key|crypto|ppp|aaa|ip ospf|wpa-psk)$/;

/** Whether a property of these words has lines with secrets, as far as the words tell. */
export function mayHoldSecret(words: string): boolean {
  return /^(username|local-user)( |$)/.test(words) || broad.test(words) || secretIn(`${words} x`) !== null;
}

/** The line with its secret masked. */
export function maskedLine(line: string): string {
  const words = line.trimStart();
  const found = secretIn(words);
  if (found === null) return line;
  return `${' '.repeat(line.length - words.length)}${found.head} ${mask}${found.tail}`;
}
