import { describe, expect, it } from 'vitest';
import { factsOf } from './facts.ts';

const ios = `hostname sw1
username ani privilege 15 secret 9 $9$abc
ip http server
snmp-server community rahasia RO
snmp-server community public RO
ntp server 10.73.0.1
logging host 10.73.0.5
logging 10.73.0.6
line con 0
line vty 0 4
 access-class 10 in
 transport input ssh
line vty 5 15
 transport input telnet ssh
end
`;

const business = `config-file-header
sw2
hostname sw2
vlan database
 vlan 10,99
username cisco password encrypted abc privilege 15
ip ssh server
ip telnet server
sntp server 10.73.0.1
snmp-server community lokal ro
`;

const vrp = `sysname sw3
telnet server enable
aaa
 local-user ani password irreversible-cipher $1c$x
 local-user admin password irreversible-cipher $1c$y
user-interface vty 0 4
 acl 2000 inbound
 protocol inbound ssh
ntp-service unicast-server 10.73.0.1
info-center loghost 10.73.0.5
snmp-agent community read public
`;

describe('what rules ask of a switch', () => {
  it('is read out of IOS', () => {
    expect(factsOf(ios)).toEqual({
      telnet: true,
      snmpCommunities: ['rahasia', 'public'],
      ntp: true,
      openManagement: ['telnet', 'ssh', 'http'],
      loggingTo: ['10.73.0.5', '10.73.0.6'],
      users: ['ani'],
      defaultUser: 'cisco',
      firmware: null,
    });
    const closed = ios.replace(' transport input telnet ssh\n', ' access-class 10 in\n transport input ssh\n');
    expect(factsOf(closed.replace('ip http server\n', ''))).toMatchObject({ telnet: false, openManagement: [] });
    // What a version takes without a word is not known.
    expect(factsOf('hostname sw1\nntp logging\nend\n')).toMatchObject({
      telnet: null,
      openManagement: null,
      ntp: false,
    });
  });

  it('is read out of the small business line', () => {
    expect(factsOf(business)).toMatchObject({
      telnet: true,
      snmpCommunities: ['lokal'],
      ntp: true,
      openManagement: ['ssh', 'telnet'],
      loggingTo: [],
      users: ['cisco'],
    });
    expect(factsOf(business.replace('ip telnet server\n', 'management access-class kantor\n'))).toMatchObject({
      telnet: false,
      openManagement: [],
    });
  });

  it('is read out of VRP', () => {
    expect(factsOf(vrp)).toMatchObject({
      telnet: false,
      snmpCommunities: ['public'],
      ntp: true,
      openManagement: [],
      loggingTo: ['10.73.0.5'],
      users: ['ani', 'admin'],
      defaultUser: 'admin',
    });
    expect(factsOf(vrp.replace('community read public', 'community read cipher %^%#x'))).toMatchObject({
      snmpCommunities: null,
    });
    expect(factsOf(vrp.replace(' acl 2000 inbound\n', '').replace('inbound ssh', 'inbound all'))).toMatchObject({
      telnet: true,
      openManagement: ['all'],
    });
  });

  it('is nothing where nobody knows whose it is', () => {
    // Of TP-Link.
    expect(factsOf('!TL-SG2008\n#\nhostname "sw1"\n#\nuser name admin privilege admin secret 5 $1$x\nend\n')).toMatchObject({ telnet: null, users: null, openManagement: null }); // prettier-ignore
    // Of Comware.
    expect(factsOf(`#\n version 7.1.070, Release 6318P01\n#\n${vrp}`)).toMatchObject({
      telnet: null,
      openManagement: null,
    });
    expect(factsOf('config vlan default delete 1-24\n')).toMatchObject({ telnet: null, users: null, ntp: null });
  });
});
