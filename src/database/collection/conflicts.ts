import { ArungError } from '../../domain/errors.ts';

/**
 * What a constraint of the schema means to the person whose write it stopped. `{value}` is what PostgreSQL names in its
 * detail: `Key (code)=(kec-kahu) already exists.`
 */
interface Meaning<Code extends string = string> {
  readonly code: Code;
  readonly field: string;
  readonly sentence: (value: string) => string;
}

const meanings = {
  regions_code_key: {
    code: 'region.code-taken',
    field: 'code',
    sentence: (value) => `A region with the code ${value} exists already.`,
  },
  sites_code_key: {
    code: 'site.code-taken',
    field: 'code',
    sentence: (value) => `A site with the code ${value} exists already: choose another code, or change that site.`,
  },
  devices_name_key: {
    code: 'device.name-taken',
    field: 'name',
    sentence: (value) => `A device named ${value} exists already: choose another name, or change that device.`,
  },
  devices_address_key: {
    code: 'device.address-taken',
    field: 'address',
    sentence: (value) =>
      `Another device of the same agent has the address and port ${lastParts(value)} already: give this one its own.`,
  },
  devices_serial_key: {
    code: 'device.serial-taken',
    field: 'serial',
    sentence: (value) =>
      `Another terminal has the serial number ${value} already: it names the terminal's topics and must be its own.`,
  },
  interfaces_name_key: {
    code: 'interface.name-taken',
    field: 'name',
    sentence: (value) => `The device has an interface named ${lastParts(value, 1)} already.`,
  },
  links_name_key: {
    code: 'link.name-taken',
    field: 'name',
    sentence: (value) => `A link named ${value} exists already: choose another name, or change that link.`,
  },
  link_ends_interface_key: {
    code: 'link.end-taken',
    field: 'a',
    sentence: () => 'One of the two interfaces carries another link already: an interface carries at most one.',
  },
  calendars_name_key: named('calendar'),
  contacts_name_key: named('contact'),
  credentials_name_key: named('credential'),
  agents_name_key: named('agent'),
  shared_risks_name_key: { ...named('shared risk'), code: 'shared-risk.name-taken' as const },
  services_code_key: {
    code: 'service.code-taken',
    field: 'code',
    sentence: (value) => `A service with the code ${value} exists already: choose another code.`,
  },
  sites_region_id_fkey: reference('site.region-missing', 'regionId', 'region'),
  sites_calendar_id_fkey: reference('site.calendar-missing', 'calendarId', 'calendar'),
  site_contacts_contact_id_fkey: reference('site.contact-missing', 'contactIds', 'contact'),
  devices_site_id_fkey: reference('device.site-missing', 'siteId', 'site'),
  devices_credential_id_fkey: reference('device.credential-missing', 'credentialId', 'credential'),
  devices_management_credential_id_fkey: reference('device.credential-missing', 'managementCredentialId', 'credential'),
  devices_agent_id_fkey: reference('device.agent-missing', 'agentId', 'agent'),
  interfaces_device_id_fkey: reference('interface.device-missing', 'deviceId', 'device'),
  link_ends_interface_id_fkey: reference('link.interface-missing', 'a', 'interface'),
  shared_risk_links_link_fkey: reference('shared-risk.link-missing', 'linkIds', 'link'),
  shared_risk_links_risk_fkey: reference('link.shared-risk-missing', 'sharedRiskIds', 'shared risk'),
  shared_risk_sites_site_fkey: reference('shared-risk.site-missing', 'siteIds', 'site'),
  services_site_id_fkey: reference('service.site-missing', 'siteId', 'site'),
  services_device_id_fkey: reference('service.device-missing', 'deviceId', 'device'),
  teams_name_key: named('team'),
  people_name_key: named('person'),
  people_user_id_key: {
    code: 'person.user-taken',
    field: 'userId',
    sentence: () => 'This user acts for another person already: a user acts for one person.',
  },
  people_team_id_fkey: reference('person.team-missing', 'teamId', 'team'),
  people_user_id_fkey: reference('person.user-missing', 'userId', 'user'),
  person_channels_channel_id_fkey: reference('person.channel-missing', 'channels', 'channel'),
  duties_person_id_fkey: reference('duty.person-missing', 'personId', 'person'),
  maintenance_device_id_fkey: reference('maintenance.device-missing', 'deviceId', 'device'),
  maintenance_site_id_fkey: reference('maintenance.site-missing', 'siteId', 'site'),
  maintenance_region_id_fkey: reference('maintenance.region-missing', 'regionId', 'region'),
} as const satisfies Readonly<Record<string, Meaning>>;

type KnownMeaning = Meaning<(typeof meanings)[keyof typeof meanings]['code']>;

function named<What extends string>(what: What): Meaning<`${What}.name-taken`> {
  return {
    code: `${what}.name-taken`,
    field: 'name',
    sentence: (value) => `A ${what} named ${value} exists already: choose another name, or change that ${what}.`,
  };
}

function reference<Code extends string>(code: Code, field: string, what: string): Meaning<Code> {
  return { code, field, sentence: (value) => `There is no ${what} with the id ${value}.` };
}

/** The last parts of a key of several columns; the first are ids that mean nothing to a person. */
function lastParts(value: string, count = 2): string {
  return value.split(', ').slice(-count).join(', ');
}

/** Turns a violated constraint into the sentence for it; anything else comes back as it is. */
export function explainDatabaseError(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return error;
  const constraint = 'constraint' in error && typeof error.constraint === 'string' ? error.constraint : '';
  const detail = 'detail' in error && typeof error.detail === 'string' ? error.detail : '';
  const value = /=\((.*?)\) (?:already exists|is not present|is still referenced)/s.exec(detail)?.[1] ?? '';
  const meaning = (meanings as Readonly<Record<string, KnownMeaning>>)[constraint];
  if (error.code === '23505' && meaning !== undefined) return told('conflict', meaning, value, error);
  if (error.code === '23503') {
    const table = /is still referenced from table "(\w+)"/.exec(detail)?.[1];
    if (table !== undefined) {
      return new ArungError('conflict', `It is still in use by ${usedBy(table)}: remove or change those first.`, {
        code: 'inventory.in-use',
        arguments: { by: table },
        cause: error,
      });
    }
    if (meaning !== undefined) return told('invalid', meaning, value, error);
  }
  if (error.code === '22021' || error.code === '22P05') {
    return new ArungError('invalid', 'The text holds a character that cannot be kept (NUL): remove it.', {
      code: 'request.bad-text',
      cause: error,
    });
  }
  if (error.code === '40001' || error.code === '40P01') {
    return new ArungError('conflict', 'Somebody else changed the same thing at the same moment: try again.', {
      code: 'inventory.concurrent',
      cause: error,
    });
  }
  return error;
}

function told(kind: 'conflict' | 'invalid', meaning: KnownMeaning, value: string, cause: Error): ArungError {
  const message = meaning.sentence(value);
  return new ArungError(kind, message, {
    code: meaning.code,
    arguments: { value },
    details: [{ message, code: meaning.code, field: meaning.field, arguments: { value } }],
    cause,
  });
}

function usedBy(table: string): string {
  const words: Readonly<Record<string, string>> = {
    sites: 'sites',
    site_contacts: 'sites',
    devices: 'devices',
    link_ends: 'links',
    services: 'services',
    person_channels: 'people',
  };
  return words[table] ?? table.replaceAll('_', ' ');
}
