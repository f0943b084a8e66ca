import type { DeviceNetworks } from '../../domain/device-networks.ts';
import type { ManagementProtocol } from '../../domain/device.ts';
import { isRegionCode, parentOfCode } from '../../domain/region.ts';
import { problemOf, type ServiceCheck } from '../../domain/service-check.ts';
import { isTimeZone } from '../../domain/time-zone.ts';
import { unreachableBecause } from '../devices.ts';
import { lists, type Fields, type ListName } from './lists.ts';
import type { Outcome } from './outcome.ts';
import { nearest, type Problems } from './problems.ts';
import type { Row } from './rows.ts';

/** Everything that a thing names must be there, in the inventory or in the file. */
export function checkReferences(row: Row, value: Fields, outcome: Outcome, problems: Problems): void {
  const refer = (field: string, to: ListName, optional = false) => {
    const names = Array.isArray(value[field]) ? value[field].map(String) : [String(value[field] ?? '')];
    for (const name of names) {
      if ((optional && name === '') || outcome.has(to, name)) continue;
      // Looking for what was meant is slow: not for more than a person reads.
      const meant = problems.full ? null : nearest(name, outcome.keys(to));
      const hint =
        to === 'regions' && isRegionCode(name)
          ? ' Import its regency first, or mend the code.'
          : meant === null
            ? ''
            : ` Did you mean ${meant}?`;
      problems.add({
        code: 'does-not-exist',
        list: row.list,
        place: row.place(field),
        field,
        arguments: { value: name, what: lists[to].noun, meant: meant ?? '' },
        says: `${name === '' ? `No ${lists[to].noun} is named` : `${name} does not exist`}.${hint}`,
      });
    }
  };
  switch (row.list) {
    case 'sites':
      refer('region', 'regions');
      refer('calendar', 'calendars', true);
      refer('contacts', 'contacts');
      break;
    case 'devices':
      refer('site', 'sites');
      refer('credential', 'credentials', true);
      refer('managementCredential', 'credentials', true);
      break;
    case 'interfaces':
      refer('device', 'devices');
      break;
    case 'links':
      refer('a', 'interfaces');
      refer('b', 'interfaces');
      refer('sharedRisks', 'sharedRisks');
      break;
    case 'sharedRisks':
      refer('sites', 'sites');
      break;
    case 'services':
      refer('site', 'sites');
      refer('device', 'devices', true);
      break;
    case 'agents':
      refer('attachedTo', 'devices');
      break;
    default:
      break;
  }
}

/** What the schema of a list cannot say. */
export function checkMeaning(
  row: Row,
  value: Fields,
  about: { isNew: boolean; outcome: Outcome; problems: Problems; networks: DeviceNetworks | null },
): void {
  const { isNew, outcome, problems, networks } = about;
  const tell = (code: string, field: string, says: string, args: Record<string, string> = {}) =>
    problems.add({ code, list: row.list, place: row.place(field), field, says, arguments: args });
  switch (row.list) {
    case 'regions': {
      const code = String(value['code']);
      if (!isRegionCode(code)) return tell('bad-region-code', 'code', `${code} is no region code.`, { value: code });
      if (!isNew) return;
      const parent = parentOfCode(code);
      if (value['name'] === undefined || (parent !== null && !outcome.has('regions', parent))) {
        tell('does-not-exist', 'code', `${code} does not exist. Import its regency first, or mend the code.`, {
          value: code,
          what: 'region',
          meant: '',
        });
      }
      return;
    }
    case 'calendars': {
      const zone = String(value['timeZone']);
      if (!isTimeZone(zone)) {
        tell('bad-time-zone', 'timeZone', `${zone} is no time zone: write for instance Asia/Makassar.`, {
          value: zone,
        });
      }
      return;
    }
    case 'sites':
      if ((value['latitude'] === null) !== (value['longitude'] === null)) {
        const field = value['latitude'] === null ? 'latitude' : 'longitude';
        tell('half-position', field, 'A position needs both latitude and longitude, or neither.');
      }
      return;
    case 'devices': {
      const address = String(value['address']);
      // The schema has seen that the protocol is one of the three.
      const protocol = value['protocol'] as ManagementProtocol;
      const wrong = unreachableBecause({ protocol, address, serial: String(value['serial']) }, networks);
      if (wrong !== null) tell(wrong.code.replace('device.', ''), wrong.field, wrong.message, { value: address });
      return;
    }
    case 'services': {
      // What the list's schema has let through.
      const checks = (value['checks'] ?? []) as readonly ServiceCheck[];
      const problem = checks.map((one) => problemOf(one, String(value['url'] ?? ''))).find((one) => one !== null);
      if (problem !== undefined && problem !== null)
        tell('check-incomplete', 'checks', problem.message, { field: problem.field });
      const device = String(value['device'] ?? '');
      if (device !== '' && outcome.get('devices', device)['site'] !== value['site']) {
        tell('device-elsewhere', 'device', `${device} does not stand at the site of the service.`, { value: device });
      }
      return;
    }
    default:
      return;
  }
}
