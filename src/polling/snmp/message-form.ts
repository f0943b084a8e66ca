import type { CredentialSecret } from '../../domain/device.ts';
import { ArungError } from '../../domain/errors.ts';
import { Shared } from '../shared.ts';
import { CommunityForm } from './community-form.ts';
import type { MessageForm } from './request.ts';
import { UserForm } from './user-form.ts';

const communities = new Shared<CommunityForm>();

/** The message form that a credential asks for. Throws an ArungError that says what the credential lacks. */
export function messageForm(deviceName: string, secret: CredentialSecret | null): MessageForm {
  if (secret === null) {
    throw new ArungError(
      'invalid',
      `${deviceName} has no credential: give it one of kind snmp-v3, snmp-v2c or snmp-v1 in the inventory.`,
      { code: 'polling.no-credential', arguments: { device: deviceName } },
    );
  }
  if (secret.kind === 'snmp-v1') return communityForm('v1', secret.community);
  if (secret.kind === 'snmp-v2c') return communityForm('v2c', secret.community);
  if (secret.kind === 'snmp-v3') return new UserForm(secret);
  throw new ArungError(
    'invalid',
    `${deviceName} is polled by SNMP, but its credential is of kind ${secret.kind}: give it one of kind snmp-v3, snmp-v2c or snmp-v1.`,
    { code: 'polling.wrong-credential', arguments: { device: deviceName, kind: secret.kind } },
  );
}

/** It remembers nothing of a device: one for all that have the same community. */
function communityForm(version: 'v1' | 'v2c', community: string): CommunityForm {
  return communities.get(`${version} ${community}`, () => new CommunityForm(version, community));
}
