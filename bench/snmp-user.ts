/** The SNMPv3 user of `snmp-poll-v3`; its keys open nothing else. */
export const benchSecret = {
  kind: 'snmp-v3',
  user: 'bench',
  level: 'authPriv',
  authProtocol: 'sha256',
  authKey: 'bench-authentication',
  privProtocol: 'aes128',
  privKey: 'bench-encryption',
} as const;
