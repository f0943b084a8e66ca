import { Type, type Static } from 'typebox';

/**
 * What a rule asks of a device's configuration. All but `line` are built in, once each: they can be set and switched off.
 * `default-user`: the maker's own user is gone. `management-open`: what configures it is open to some networks only.
 */
export const complianceKinds = [
  'telnet',
  'snmp-community',
  'ntp',
  'firmware',
  'management-open',
  'logging',
  'default-user',
  'line',
] as const;
export type ComplianceKind = (typeof complianceKinds)[number];

const line = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\u0000-\\u001f]*$', description })); // prettier-ignore

export const ComplianceSettings = Type.Object(
  {
    minimum: Type.Optional(
      Type.String({
        pattern: '^\\d{1,5}(\\.\\d{1,5}){0,3}$',
        examples: ['7.15'],
        description: 'Of `firmware`: the oldest version that is right.',
      }),
    ),
    vendor: line('Of `firmware`: the maker whose devices it is about; all without it.'),
    to: line('Of `logging`: the address that must be logged to; any other machine without it.'),
    text: line('Of `line`: the line. `*` stands for any characters, `?` for one; case counts.'),
    must: Type.Optional(Type.Boolean({ description: 'Of `line`: whether it must be there, or must not.' })),
  },
  { additionalProperties: false },
);
export type ComplianceSettings = Readonly<Static<typeof ComplianceSettings>>;

export interface ComplianceRule {
  readonly id: string;
  readonly kind: ComplianceKind;
  /** Empty for what is built in: readers have a name for it. */
  readonly name: string;
  readonly enabled: boolean;
  readonly settings: ComplianceSettings;
}

/** `unknown`: the configuration does not tell. */
export const complianceStates = ['right', 'wrong', 'unknown'] as const;
export type ComplianceState = (typeof complianceStates)[number];

/** What was found, in a few words of the device's own: names of services, a version. Never a secret. */
export interface ComplianceVerdict {
  readonly state: ComplianceState;
  readonly found: readonly string[];
}

/**
 * What a driver reads out of a configuration that it fetched. Null: this kind of configuration does not tell. Holds
 * secrets (communities): it is never shown or kept.
 */
export interface ConfigurationFacts {
  readonly telnet: boolean | null;
  /** Names of the communities that are answered; empty where SNMP v1 and v2c are off. */
  readonly snmpCommunities: readonly string[] | null;
  readonly ntp: boolean | null;
  /** Services that configure it and answer everybody. */
  readonly openManagement: readonly string[] | null;
  /** Machines that messages are sent to. */
  readonly loggingTo: readonly string[] | null;
  /** Names of users that may sign in. */
  readonly users: readonly string[] | null;
  /** The maker's own user, as it comes from the box. */
  readonly defaultUser: string;
  readonly firmware: string | null;
}
