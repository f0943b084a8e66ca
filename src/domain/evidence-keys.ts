/**
 * Everything that can speak for a cause, with the names of what goes into its sentence. Both languages of messages
 * (`alerting/words`) and of the console have a sentence for each. Names (devices, sites) are hostile text; `…At` are
 * milliseconds since the epoch, `…S` seconds, `…Dbm` dBm, `…V` volts. An argument may be null where nobody knows.
 */
export const evidenceArguments = {
  /** The near end of a fibre reports its port down: no light comes in. */
  'link.no-light': ['device', 'interface', 'sinceAt'],
  /** The same of copper and of other media. */
  'link.port-down': ['device', 'interface', 'sinceAt'],
  /** The near end (a radio, a modem) still says up: what failed is the far end, or what lies between. */
  'link.near-up': ['device', 'interface'],
  /** Which end is in the dark. */
  'link.dark-end': ['device', 'site'],
  /** What the port's optical module receives, and what it usually does. */
  'link.optical-power': ['device', 'interface', 'nowDbm', 'usualDbm'],
  /** It does not answer, since when. */
  'device.silent': ['device', 'sinceAt'],
  /** Its neighbour still has light from it: it has power, and hangs. */
  'device.light-seen': ['device', 'neighbour', 'interface'],
  /** So many of its neighbours lost the light from it: it has no power, or is dead. */
  'device.light-gone': ['device', 'neighbours'],
  /** It had begun anew when it was back: it had no power, or was restarted. */
  'device.restarted': ['device', 'uptimeS'],
  /** A UPS there lives on its battery since then. */
  'power.on-battery': ['site', 'sinceAt'],
  'power.voltage': ['device', 'nowV', 'usualV'],
  /** So many sites with no link in common went dark within so many seconds. */
  'power.at-once': ['sites', 'withinS'],
  /** So many devices had been off when they were back: their uptime is shorter than their outage. */
  'power.confirmed': ['devices'],
  /** What the duct, pole or feeder carries: so many of all failed. */
  'risk.covered': ['risk', 'failed', 'all'],
  /** There is another way: nobody is cut off, and nothing is left to fail. */
  'path.redundant': [],
  /** There is no other way to those that are dark. */
  'path.none': [],
  'agent.silent': ['agent', 'sinceAt'],
  /** So many devices are not seen meanwhile: nobody knows how they are. */
  'agent.unseen': ['devices'],
  /** A part of Arung does not work (`database`, `broker`, `metrics`); so much waits for it. */
  'own.part': ['part', 'sinceAt', 'waiting'],
  /** The disk of Arung's own machine takes nothing; so much waits for it. */
  'own.disk': ['sinceAt', 'waiting'],
  /** Nothing answers any more from where Arung stands: the device it is plugged into, and so many. */
  'own.uplink': ['device', 'devices'],
  /** The interface on the way there has no carrier; there is no route; the first hop does not answer. */
  'own.no-carrier': ['interface'],
  'own.no-route': ['address'],
  'own.first-hop': ['address', 'interface'],
  /** A service answers wrongly or not at all; `reason` is a code of `ServiceReason`. */
  'service.failed': ['service', 'reason'],
  /** So many of the sites that use it cannot. */
  'service.lost': ['service', 'lost', 'users'],
  /** The value that a rule fired on, and its bound; `field` as the rule names it. */
  'rule.value': ['rule', 'field', 'value', 'bound'],
  /** A rule fired on absence or change. */
  'rule.holds': ['rule', 'sinceAt'],
  /** A change by this rollout was not confirmed in time, or was not what it should be: the device is as before. */
  'rollout.reverted': ['device', 'rollout'],
  /** It does not answer since, though the time in which it goes back by itself is long over. */
  'rollout.lost': ['device', 'rollout'],
  /** What another program says of its own alert. */
  'foreign.said': ['program', 'summary'],
  /** So sure it is, percent; always the last. */
  certainty: ['percent'],
} as const satisfies Record<string, readonly string[]>;

export type EvidenceKey = keyof typeof evidenceArguments;
export const evidenceKeys = Object.keys(evidenceArguments) as readonly EvidenceKey[];

/**
 * What is written in the log of an incident by Arung and by people, with the names of what goes into the sentence. Who
 * did it is the entry's `actor`; what a person wrote is its text.
 */
export const entryArguments = {
  opened: ['cause'],
  revised: ['from', 'to'],
  spread: ['sites', 'devices'],
  cleared: [],
  returned: ['times'],
  resolved: ['lastedS'],
  merged: ['into'],
  silenced: ['reason'],
  'silence-ended': [],
  told: ['person', 'kind', 'why'],
  /** Nobody is there who could be told. */
  'nobody-to-tell': [],
  'escalation-cancelled': ['reason'],
  taken: ['person'],
  stage: ['stage'],
  'handed-over': ['from', 'to'],
  comment: [],
  photo: [],
  muted: ['minutes', 'reason'],
  /** Planned work of its site, begun from a message. */
  'work-begun': ['site', 'minutes', 'reason'],
} as const satisfies Record<string, readonly string[]>;

export type EntryKey = keyof typeof entryArguments;
export const entryKeys = Object.keys(entryArguments) as readonly EntryKey[];
