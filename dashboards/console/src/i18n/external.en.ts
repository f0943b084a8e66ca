import type { externalId } from './external.id.ts';
import type { Translation } from './translation.ts';

/** What a Telegraf measures: proposals for the inventory, and its values on the page of a device. */
export const externalEn = {
  'page.proposals': 'Proposals',
  'proposal.open': 'Open',
  'proposal.ignored': 'Ignored',
  'proposal.empty': 'Nothing is proposed',
  'proposal.empty-text': 'What a Telegraf measures and the inventory does not have appears here.',
  'proposal.what': 'What',
  'proposal.from': 'Handed in by',
  'proposal.measures': 'Measurements',
  'proposal.interval': 'Interval',
  'proposal.seen': 'Seen last',
  'proposal.accept': 'Accept',
  'proposal.ignore': 'Ignore',
  'proposal.restore': 'Propose again',
  'proposal.accept-title': 'Accept {name}',
  'proposal.accepted': '{name} is in the inventory.',
  'proposal.as-new': 'A new device',
  'proposal.as-known': 'A device that is there',
  'proposal.known': 'Name of the device',
  'proposal.site': 'Code of the site',
  'external.title': 'From Telegraf',
  'inventory.proposals': 'Proposals from Telegraf',
  'error.proposal.not-found': 'There is no such proposal in your regions: it may have been accepted already.',
} as const satisfies Translation<typeof externalId>;
