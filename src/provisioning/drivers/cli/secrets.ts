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

/** Words that the secret of a line stands right behind. */
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

/**
 * The word of a line of any maker that is its secret, to compare lines by; null where none is known. What of a line may be
 * shown, `maskedLine` says.
 */
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
  return /^(username|user name|local-user)( |$)/.test(words) || broad.test(words) || secretIn(`${words} x`) !== null;
}
