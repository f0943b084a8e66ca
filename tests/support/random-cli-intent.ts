import * as fc from 'fast-check';
import type { IntentDocument, IntentFragment } from '../../src/domain/intent.ts';
import { fragment } from './device-bench.ts';
import { cliDocument, switches } from './switch-bench.ts';

const word = fc.stringMatching(/^[A-Z][A-Z0-9-]{0,11}$/);
const text = fc.stringMatching(/^[a-z][a-z0-9 .-]{0,20}[a-z]$/).map((one) => one.replace(/ {2,}/g, ' '));
const address = fc.tuple(fc.integer({ min: 1, max: 250 }), fc.integer({ min: 1, max: 250 })).map(([a, b]) => `10.90.${a}.${b}`); // prettier-ignore
const lines = (one: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.uniqueArray(one, { minLength: 1, maxLength: 3 }).map((all) => all.join('\n')); // prettier-ignore
const vlan = fc.integer({ min: 2, max: 60 }).map(String);
const yesNo = fc.constantFrom('yes', 'no');

/** TP-Link's, for which no switch of the small network is left. */
export const jetStream = 'tp-link';

type Values = Readonly<Record<string, fc.Arbitrary<string>>>;
/** What is changed at random: ports that lead to nobody, and settings that cut nothing off. */
const sections: Readonly<Record<string, readonly (readonly [subject: string, values: Values])[]>> = {
  [switches.vrp]: [
    ['global', { 'ntp-service.unicast-server': lines(address), 'vlan.batch': lines(vlan).map((all) => `99\n${all}`), sysname: word, 'info-center.loghost': lines(address) }], // prettier-ignore
    ['interface GigabitEthernet0/0/5', { description: text, shutdown: yesNo, 'port.link-type': fc.constantFrom('access', 'trunk') }], // prettier-ignore
    ['interface GigabitEthernet0/0/6', { description: text, 'port.link-type': fc.constant('trunk'), 'port.trunk.allow-pass.vlan': lines(vlan) }], // prettier-ignore
    ['aaa', { 'local-user.tamu': word.map((secret) => `password irreversible-cipher ${secret}\nservice-type ssh`) }],
    ['acl number 3100', { rule: fc.constant('5 permit ip source 10.0.0.0 0.255.255.255'), description: text }],
    ['interface Vlanif10', { description: text, 'ip.address': address.map((one) => `${one} 24`) }],
  ],
  [switches.business]: [
    ['global', { 'sntp.server': lines(address), hostname: word, 'logging.host': lines(address), 'snmp-server.location': text }], // prettier-ignore
    ['vlan database', { vlan: lines(vlan).map((all) => `99\n${all}`) }],
    ['interface GigabitEthernet5', { description: text, shutdown: yesNo, 'switchport.mode': fc.constantFrom('access', 'trunk') }], // prettier-ignore
    ['interface GigabitEthernet6', { 'switchport.trunk.allowed.vlan': vlan, speed: fc.constantFrom('100', '1000') }],
    ['interface vlan 10', { name: word, 'ip.address': address.map((one) => `${one} 255.255.255.0`) }],
  ],
  [switches.ios]: [
    ['global', { 'ntp.server': lines(address), hostname: word, 'logging.host': lines(address), 'username.tamu': word.map((secret) => `privilege 1 secret ${secret}`) }], // prettier-ignore
    ['vlan 30', { name: word }],
    ['interface GigabitEthernet1/0/5', { description: text, shutdown: yesNo, 'switchport.access.vlan': vlan }],
    ['interface Vlan30', { description: text, 'ip.address': address.map((one) => `${one} 255.255.255.0`) }],
    ['line vty 0 4', { 'transport.input': fc.constantFrom('ssh', 'all'), 'exec-timeout': fc.constant('5 0') }],
    ['archive', { path: fc.constant('flash:arsip'), maximum: fc.constantFrom('3', '9') }],
  ],
  [switches.noName]: [
    ['global', { hostname: word, 'logging.host': lines(address), 'snmp-server.location': text }], // prettier-ignore
    ['vlan 30', { name: word }],
    ['interface GigabitEthernet1/0/5', { description: text, shutdown: yesNo, 'switchport.access.vlan': vlan }],
    ['interface Vlan30', { description: text, 'ip.address': address.map((one) => `${one} 255.255.255.0`) }],
  ],
  [jetStream]: [
    ['global', { hostname: word, 'logging.host.index': address.map((one) => `1 ${one} 6\n3 ${one} 4`), location: text, 'user.name.tamu': word.map((secret) => `privilege user secret 0 ${secret}`) }], // prettier-ignore
    ['vlan 30', { name: word }],
    ['interface gigabitEthernet 1/0/5', { description: text, shutdown: yesNo, 'switchport.pvid': fc.constantFrom('10', '99') }], // prettier-ignore
    ['interface gigabitEthernet 1/0/6', { 'switchport.general.allowed.vlan': fc.constantFrom('10 tagged', '10 untagged\n99 tagged', '10,99 untagged', '30 tagged') }], // prettier-ignore
    ['interface vlan 10', { description: text, 'ip.address': address.map((one) => `${one} 255.255.255.0`) }],
  ],
};

function fragmentOf([subject, values]: readonly [string, Values], key: string): fc.Arbitrary<IntentFragment> {
  const names = Object.keys(values);
  return fc
    .subarray(names, { minLength: 1 })
    .chain((chosen) => fc.record(Object.fromEntries(chosen.map((name) => [name, values[name] ?? fc.constant('')]))))
    .map((made) => fragment(key, subject, made));
}

/** Documents that change some sections of a switch at random. */
export function cliDocuments(device: string): fc.Arbitrary<IntentDocument> {
  const all = sections[device] ?? [];
  return fc
    .subarray([...all.keys()], { minLength: 1, maxLength: 4 })
    .chain((chosen) =>
      fc.tuple(...chosen.flatMap((at) => all.slice(at, at + 1).map((one) => fragmentOf(one, `f${at}`)))),
    )
    .map((fragments) => cliDocument(...fragments));
}
