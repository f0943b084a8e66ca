export const pollingEn = {
  'error.polling.answers': '{device} answers in {ms} ms.',
  'error.polling.not-polled':
    'This device is not polled by SNMP from here. Give it a management address and the protocol snmp in the inventory.',
  'error.polling.address':
    'The management address of {device} is “{address}”, which is no IPv4 or IPv6 address. Mend it in the inventory.',
  'error.polling.no-credential':
    '{device} has no credential. Give it one of kind snmp-v3, snmp-v2c or snmp-v1 in the inventory.',
  'error.polling.wrong-credential':
    '{device} is polled by SNMP, but its credential is of kind {kind}. Give it one of kind snmp-v3, snmp-v2c or snmp-v1.',
  'error.polling.silent': '{device} ({place}) has not answered the last {misses} probes. Test poll finds out why.',
  'error.polling.send-failed':
    'Requests to {device} ({place}) cannot be sent ({reason}). Check the route from this machine to it.',
  'error.polling.stranger':
    '{device} ({place}) answers from another address, {stranger}. Set the source address of its SNMP agent to the management address, or change the address in the inventory.',
  'error.polling.timeout':
    '{device} ({place}) did not answer {tries} tries. Check that UDP {port} is open to this machine and that the credential is right.',
  'error.polling.not-authorized':
    '{device} ({place}) lets this SNMP user read nothing. Give its group a read view at the security level of the credential.',
  'error.polling.identify-deadline': 'Identifying {device} took longer than {seconds} s. It is tried again later.',
  'error.polling.plan-failed':
    'The poll plan of {device} could not be made ({reason}). It is tried again later; the log of the controller says more.',
  'error.polling.v3-unknown-user':
    '{device} ({place}) does not know this SNMPv3 user. Check its name, and that it was made on the device.',
  'error.polling.v3-wrong-digest':
    '{device} ({place}) refuses the authentication key of the SNMPv3 user. Check the key and the authentication protocol.',
  'error.polling.v3-decryption-error':
    '{device} ({place}) could not decrypt the request. Check the privacy key and its protocol (aes192c and aes256c lengthen a key in the other way).',
  'error.polling.v3-unsupported-level':
    '{device} ({place}) does not offer this security level to this SNMPv3 user. Compare level and protocols with those on the device.',
  'error.polling.v3-not-in-time-window':
    '{device} ({place}) takes our requests for old ones, whatever time we use: the boots or the clock of its SNMPv3 engine are stuck. Restart its SNMP agent.',
  'error.polling.v3-unknown-engine':
    '{device} ({place}) does not know the SNMPv3 engine id that it calls its own. Restart its SNMP agent, or give it an engine id.',
  'error.polling.v3-unknown-context':
    '{device} ({place}) has no default SNMPv3 context. Allow the user the empty context.',
  'error.polling.v3-refused': '{device} ({place}) refuses SNMPv3 requests for no reason that is known.',
  'error.polling.v3-silent':
    '{device} ({place}) answers SNMPv3 discovery, but nothing that this user asks. Check the privacy key and protocol, and that this machine may read.',
  'error.polling.wrong-privacy-key':
    '{device} ({place}) takes the authentication key, but not the privacy key. Check that key and the privacy protocol.',
  'error.polling.other-version':
    '{device} ({place}) answers SNMP {version} only. Give it a credential of kind snmp-{version}.',
  'error.polling.wrong-community':
    '{device} ({place}) runs SNMP, but does not answer this community. Check the community, and that the address of this machine may read.',
  'error.polling.refused': '{device} ({place}) refuses: nothing listens on UDP {port}. Turn SNMP on, or mend the port.',
  'error.polling.no-route':
    'There is no way to {device} ({place}) from here ({reason}). Check routes and firewall of this machine.',
  'error.polling.snmp-silent':
    '{device} ({place}) lives, but SNMP on UDP {port} is silent. Check that SNMP is on, its list of allowed addresses, the credential, and firewalls on UDP {port}.',
  'error.polling.nothing-back':
    'Nothing comes back from {device} ({place}) after {tries} tries. Check power and uplink, the address, and firewalls on UDP {port}.',
} as const;
