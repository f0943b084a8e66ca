import { calledSecret, mask, withoutUsers } from '../masking.ts';

/** A word behind which a secret stands. */
interface Introducing {
  /** The word, in small letters. */
  readonly word: RegExp;
  /** What follows it where none does. */
  readonly unless?: RegExp;
  /** Lines in which it is a word like others, without their `no`. */
  readonly notIn?: RegExp;
  /** Also in what a person wrote: a description, a name. */
  readonly inTexts?: true;
}

/** The name of another algorithm, or of a chain of keys: a choice and no key. */
const algorithms = /^((hmac-)?(md5|sha([-_]?\d+){0,2})|key-?chain)(\s|$)/;
/** What `authentication` is followed by where it chooses a way. */
const waysToProve =
  /^(login|enable|default|local|group|radius|tacacs\+?|none|line|null|mode|md5|message-digest|key-?chain|order|priority|port-control|host-mode|event|periodic|timer|open|violation|control-direction|linksec|display|command|pre-share|rsa-sig|rsa-encr|ecdsa-sig|remote|pap|chap|ms-chap\S*|eap|lan-access|portal|super|\d+\.\d+\.\d+\.\d+)(\s|$)/;
const sshLines = /^(ip )?ssh |^(ssl|stelnet|sftp) |^ip http secure-/;

/** In lines of any maker. The first of them in a line counts: all that follows may be secret. */
const introducing: readonly Introducing[] = [
  {
    word: /^(\w[\w-]*[-_])?(pass(word|wd|phrase|-phrase)|pwd|secret)$/,
    unless: /^(policy|complexity\S*|strength-check|recovery|encryption|min-length|aging|history)(\s|$)/,
    inTexts: true,
  },
  {
    word: /^(?!.*(trusted|public|host|rsa|dsa|ecc)-key$)([\w-]*-)?key(-string)?$/,
    unless: /^(chain|key-?chain)(\s|$)/,
    notIn: /^(s?ntp (server|peer) |crypto key |ssh )/,
  },
  { word: /^(wpa\d?-)?psk$/, inTexts: true },
  // Of a user of SNMPv3 of TP-Link: cmode MD5 cpwd … emode DES epwd …
  { word: /^[ce]pwd$/ },
  { word: /^community$/, unless: /^complexity-check(\s|$)/, notIn: /^(set|match|apply|if-match) /, inTexts: true },
  { word: /^((irreversible-)?cipher|simple|plain|securityname)$/, notIn: sshLines },
  { word: /^(hash|hex|ascii)$/, unless: algorithms, notIn: /^(option |dhcp |.*load-balanc)/ },
  { word: /^(hmac-)?(md5|sha)[\w-]*$/, unless: algorithms, notIn: /^(integrity|prf|hash|group|ip ssh|ssh|ssl) / },
  // What may be read and written is not asked of who knows a key.
  {
    word: /^priv(acy-mode)?$/,
    unless: /^(read|write|notify|access|context|match)(\s|$)|^(3des|des(56|-?168)?|aes([- ]?(128|192|256))?)$/,
  },
  {
    word: /^authentication$/,
    unless: waysToProve,
    notIn: /^(aaa|login|ppp|dot1x|mab|ip http|ip ssh|snmp-(server|agent) (enable|trap)) /,
  },
  {
    word: /^authentication$/,
    unless: /^(mode|md5|key-?chain)(\s|$)/,
    notIn: /^(?!standby |vrrp |glbp |ip nhrp |ip rip )/,
  },
  { word: /^(token|idtoken|pin|puk|cak)$/ },
  // OSPF for IPv6: authentication ipsec spi 256 sha1 …
  { word: /^spi$/ },
];

/** Lines that begin so go on with a secret, whatever its name. */
const beginnings =
  /^(snmp-server host \S+|snmp-agent community (read|write)|event manager environment \S+|create snmp (host|community)|rmon event \d+|snmp mib community-map|kerberos srvtab entry)(?=\s+\S)/i;

/** What a person wrote in words of their own. */
const texts =
  /^(description|name|remark|alias|hostname|sysname|banner|header|prompt|(\d+ |rule \d+ |access-list \S+ )(remark|comment)|snmp-server (contact|location)|snmp-agent sys-info)\s/i;

/** As Cisco (types 5 to 9, $15$) and Huawei (%^%#, $1a$ …) begin what they hid, wherever it stands. */
const hidden = /^["']?(\$\w{1,3}\$|%\^%#|%@%@|%#%#|@%@%)/;

/**
 * The line as anybody may see it: behind the first word that may stand before a secret nothing of it is left. For views
 * alone; where lines are compared, `secretIn` says which word is the secret.
 */
export function maskedLine(line: string): string {
  const end = shownEnd(line);
  const shown = withoutUsers(line.slice(0, end ?? line.length));
  if (end === null || line.slice(end).trim() === mask) return shown + line.slice(end ?? line.length);
  return `${shown}${/[:=]$/.test(shown) || shown.trim() === '' ? '' : ' '}${mask}`;
}

/** Whether anything of the line is masked in views. */
export function holdsSecret(line: string): boolean {
  return maskedLine(line) !== line;
}

/** The words of a line that stand before all that is masked. */
export function shownWords(line: string): string {
  return line.slice(0, shownEnd(line) ?? line.length).trimEnd();
}

/** What of a line a device may repeat in an error and nobody may see: its words behind the first that introduces a secret. */
export function hiddenWords(line: string): readonly string[] {
  const shown = new Set(maskedLine(line).split(/\s+/));
  return line.split(/\s+/).filter((word) => !shown.has(word) && !isQualifier.test(word));
}

/** Words between a secret and what introduces it, or behind it. */
const isQualifier =
  /^(\d{1,2}|0x|level|role|encrypted|cipher|simple|plain|hash|hex|ascii|text|string|version|v?[123]c?|r[ow]|priv|auth|md5|sha\d*|aes|des|udp-domain|params|privilege)$/i;

/** Where that begins which is masked to the end; null where nothing is. */
function shownEnd(line: string): number | null {
  const start = line.length - line.trimStart().length;
  const words = line.slice(start).replace(/^(no|undo) +/, '');
  const offset = line.length - words.length;
  const beginning = beginnings.exec(words);
  if (beginning !== null) return offset + beginning[0].length;
  const isText = texts.test(words);
  const lower = words.toLowerCase();
  for (const { 0: found, index } of words.matchAll(/\S+/g)) {
    const end = index + found.length;
    if (hidden.test(found)) return offset + (index === 0 ? 0 : words.slice(0, index).trimEnd().length);
    const named = calledSecret.exec(found);
    if (named !== null) {
      const at = index + named.index + named[0].length;
      if (words.slice(at).trim() !== '') return offset + at;
    }
    const rest = lower.slice(end).trim();
    if (rest === '') continue;
    const word = lower.slice(index, end).replace(/^["'({[]+/, '');
    if (introducing.some((one) => introduces(one, { word, rest, line: lower, isText }))) return offset + end;
  }
  return null;
}

function introduces(
  { word, unless, notIn, inTexts }: Introducing,
  at: { readonly word: string; readonly rest: string; readonly line: string; readonly isText: boolean },
): boolean {
  if (!word.test(at.word) || (at.isText && inTexts !== true)) return false;
  return unless?.test(at.rest) !== true && notIn?.test(at.line) !== true;
}
