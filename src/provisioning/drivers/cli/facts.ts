import type { ConfigurationFacts } from '../../../domain/compliance.ts';
import type { Dialect } from './dialect.ts';
import { ciscoBusiness } from './dialects/cisco-business.ts';
import { ciscoIos } from './dialects/cisco-ios.ts';
import { h3cComware } from './dialects/h3c-comware.ts';
import { huaweiVrp } from './dialects/huawei-vrp.ts';
import { tpLink } from './dialects/tp-link.ts';
import { globalSection, nesting, parseSections, type Sections } from './sections.ts';

/** What rules ask of a switch, read out of its running configuration; what it does not tell is null. */
export function factsOf(text: string): ConfigurationFacts {
  const dialect = dialectOf(text);
  // These say most of it in words of their own.
  if (dialect === null || dialect === h3cComware || dialect === tpLink) return nothingKnown;
  const sections = parseSections(text, dialect);
  return dialect === huaweiVrp ? vrpFacts(sections) : ciscoFacts(sections, dialect === ciscoBusiness);
}

const nothingKnown: ConfigurationFacts = {
  telnet: null,
  snmpCommunities: null,
  ntp: null,
  openManagement: null,
  loggingTo: null,
  users: null,
  defaultUser: '',
  firmware: null,
};

/** A configuration does not say whose it is: words that only one maker's have do. */
export function dialectOf(text: string): Dialect | null {
  if (/^ version \d+\.\d/m.test(text) && /^ ?sysname \S/m.test(text)) return h3cComware;
  if (/^sysname \S/m.test(text)) return huaweiVrp;
  if (!/^hostname \S/m.test(text)) return null;
  if (/^(!(TL-)?[A-Z]{1,3}\d{3,5}|user name \S|interface (ten-)?gigabitEthernet \d)/m.test(text)) return tpLink;
  return /^(vlan database|config-file-header)/m.test(text) ? ciscoBusiness : ciscoIos;
}

function ciscoFacts(sections: Sections, isBusiness: boolean): ConfigurationFacts {
  const top = sections.get(globalSection) ?? [];
  const terminals = sectionsOf(sections, /^line vty/);
  const web = ['ip http server', 'ip http secure-server'].filter((line) => top.includes(line));
  const isWebOpen = web.length > 0 && !top.some((line) => line.startsWith('ip http access-class '));
  const webNames = web.map((line) => (line === 'ip http server' ? 'http' : 'https'));
  return {
    // IOS's default has changed with its versions: where nothing is said, nothing is known.
    telnet: isBusiness ? top.includes('ip telnet server') : takes(terminals, 'transport input', 'telnet'),
    snmpCommunities: secondWords(top, /^snmp-server community (\S+)/),
    ntp: top.some((line) => /^s?ntp server /.test(line)),
    openManagement: isBusiness
      ? top.some((line) => line.startsWith('management access-class '))
        ? []
        : [...(top.includes('ip ssh server') ? ['ssh'] : []), ...(top.includes('ip telnet server') ? ['telnet'] : [])]
      : terminals.length === 0
        ? null
        : [...openOf(terminals, 'transport input', /^access-class \S+ in/), ...(isWebOpen ? webNames : [])],
    loggingTo: secondWords(top, /^logging (?:host )?(\d+\.\d+\.\d+\.\d+|\S*:\S+)/),
    users: secondWords(top, /^username (\S+)/),
    // Of the small business line; an IOS comes without one.
    defaultUser: 'cisco',
    // `version 15.2` of IOS is not all of it: SNMP tells.
    firmware: null,
  };
}

function vrpFacts(sections: Sections): ConfigurationFacts {
  const top = sections.get(globalSection) ?? [];
  const terminals = sectionsOf(sections, /^user-interface vty/);
  const communities = secondWords(top, /^snmp-agent community (?:read|write) (.+)/);
  const isOff = top.some((line) => line.startsWith('undo telnet server enable'));
  const isOn = top.some((line) => line.startsWith('telnet server enable'));
  return {
    telnet: isOff ? false : isOn ? (takes(terminals, 'protocol inbound', 'telnet') ?? true) : null,
    // A name in cipher tells nothing.
    snmpCommunities: communities.some((one) => one.startsWith('cipher ')) ? null : communities.map((one) => one.split(' ')[0] ?? ''), // prettier-ignore
    ntp: top.some((line) => /^ntp(-service)? (unicast-server|server) /.test(line)),
    openManagement: terminals.length === 0 ? null : openOf(terminals, 'protocol inbound', /^acl \S+ inbound/),
    loggingTo: secondWords(top, /^info-center loghost (\S+)/),
    users: [...new Set([...sections.entries()].flatMap(([, lines]) => secondWords(lines, /^local-user (\S+)/)))],
    defaultUser: 'admin',
    firmware: null,
  };
}

/** Lines of each section of a kind, those that open another within it among them (`acl 2000 inbound`). */
function sectionsOf(sections: Sections, head: RegExp): readonly (readonly string[])[] {
  const found = new Map<string, string[]>();
  for (const [subject, lines] of sections) {
    if (!head.test(subject)) continue;
    const end = subject.indexOf(nesting);
    const outer = end === -1 ? subject : subject.slice(0, end);
    const own = found.get(outer) ?? [];
    found.set(outer, own);
    for (const line of end === -1 ? lines : [subject.slice(end + nesting.length)]) own.push(line);
  }
  return [...found.values()];
}

/** Whether any of these terminals lets a protocol in; null where none says what it takes. */
function takes(terminals: readonly (readonly string[])[], words: string, protocol: string): boolean | null {
  const said = terminals.flatMap((lines) => lines.filter((line) => line.startsWith(`${words} `)));
  if (said.length === 0) return null;
  return said.some((line) => line.slice(words.length + 1).split(' ').some((one) => one === protocol || one === 'all')); // prettier-ignore
}

/** Protocols by which terminals that keep out nobody can be reached. */
function openOf(terminals: readonly (readonly string[])[], words: string, guard: RegExp): readonly string[] {
  const open = terminals.filter((lines) => !lines.some((line) => guard.test(line)));
  const names = open.flatMap((lines) => {
    const said = lines.find((line) => line.startsWith(`${words} `))?.slice(words.length + 1).split(' '); // prettier-ignore
    return (said ?? ['vty']).filter((one) => one !== 'none');
  });
  return [...new Set(names)];
}

function secondWords(lines: readonly string[], pattern: RegExp): readonly string[] {
  return [...new Set(lines.flatMap((line) => pattern.exec(line)?.[1] ?? []))];
}
