import { Type, type Static, type TSchema } from 'typebox';
import { ConfigurationStep } from '../domain/configuration-step.ts';
import { intentBounds, type IntentDocument } from '../domain/intent.ts';
import {
  BlastRadius,
  changePhases,
  deviceRunStates,
  rolloutStates,
  Said,
  type ChangePhase,
  type DeviceRunState,
  type RolloutState,
} from '../domain/rollout.ts';
import type { SeenBlast } from '../provisioning/rollouts/reach.ts';
import type { RolloutDevice } from '../provisioning/rollouts/rollout-record.ts';
import type { SeenRecord, SeenRollout } from '../provisioning/rollouts/rollouts.ts';
import type { IntentState } from '../provisioning/intent/intent-reader.ts';

const maybe = <T extends TSchema>(type: T) => Type.Union([type, Type.Null()]);
const Moment = Type.String({ format: 'date-time', examples: ['2026-11-30T03:10:00.000Z'] });

export const versionExample = '3f6c0b1d9e2a47c58b7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b';
export const Version = Type.String({ pattern: '^[0-9a-f]{64}$', examples: [versionExample] });

const fragmentFields = {
  subject: Type.String({ maxLength: 128, examples: ['/ip/address'] }),
  values: Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: intentBounds.valueCharacters })),
  secret: Type.Optional(
    Type.Array(Type.String({ maxLength: 64 }), {
      maxItems: 100,
      description: 'Names of values that nobody may see, beside those that the driver knows to be secret.',
    }),
  ),
};
const driver = Type.String({ minLength: 1, maxLength: 40, examples: ['routeros'] });
const exampleFragment = {
  subject: '/ip/address',
  values: { address: '10.73.8.1/24', interface: 'bridge' },
  secret: [],
};

/** A document as it comes in: what its words mean is for its driver to check. */
export const DocumentInput = Type.Object(
  {
    driver,
    fragments: Type.Array(
      Type.Object(
        {
          key: Type.String({ maxLength: 64, examples: ['lan'], description: 'Stable within the device.' }),
          ...fragmentFields,
        },
        { additionalProperties: false },
      ),
      { maxItems: intentBounds.fragments },
    ),
  },
  { additionalProperties: false, examples: [{ driver: 'routeros', fragments: [{ key: 'lan', ...exampleFragment }] }] },
);
export type DocumentInput = Static<typeof DocumentInput>;

export function documentOf(input: DocumentInput): IntentDocument {
  return { driver: input.driver, fragments: input.fragments.map((one) => ({ ...one, secret: one.secret ?? [] })) };
}

/** One fragment that an owner stages by itself. */
export const FragmentInput = Type.Object(
  {
    driver,
    ...fragmentFields,
    order: Type.Optional(
      Type.Integer({
        minimum: -1_000_000,
        maximum: 1_000_000,
        description:
          'Place among the fragments of the device: smaller first; 0 when not given, as those of whole documents.',
      }),
    ),
  },
  { additionalProperties: false, examples: [{ driver: 'routeros', ...exampleFragment }] },
);

/** Who says something of a device's intent. */
export const Owner = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: '^[^\\u0000]*$',
  examples: ['pulumi bone/kahu'],
});
/** Of who does not say who it is. */
export const usualOwner = 'api';

/** What names an owner's part: tells nothing of what it holds. */
export const contentExample = '9b1c0d2e3f4a5b6c7d8e9f0a1b2c3d4e5f60718293a4b5c6d7e8f9012a3b4c5d';
export const Content = Type.String({ pattern: '^[0-9a-f]{64}$', examples: [contentExample] });

export const StagedView = Type.Object({
  version: Type.Union([Version, Type.Null()], {
    description: 'What the device should be, by all owners together; null in a dry run of what holds secrets.',
  }),
  changed: Type.Boolean({ description: 'In a dry run true of all that holds secrets.' }),
  content: Type.Union([Content, Type.Null()], {
    description: 'Names what this owner says; null in a dry run of what holds secrets.',
  }),
});

/** Of what stages: to see whether it would be taken. */
export const DryRun = Type.Optional(
  Type.Boolean({ description: 'Says what it would give, or why it would be refused, and keeps nothing.' }),
);

export const DocumentView = Type.Object({
  driver: Type.String(),
  fragments: Type.Array(
    Type.Object({
      key: Type.String(),
      subject: Type.String(),
      values: Type.Record(Type.String(), Type.String()),
      secret: Type.Array(Type.String(), { description: 'Names of values that are not shown.' }),
    }),
  ),
});

export const IntentView = Type.Object({
  deviceId: Type.String(),
  device: Type.String({ examples: ['rtr-kahu-01'] }),
  siteId: Type.String(),
  site: Type.String(),
  region: Type.String(),
  staged: maybe(Type.Object({ version: Version, at: Moment, by: Type.String(), managedBy: Type.String() })),
  confirmed: maybe(Type.Object({ version: Version, at: Moment })),
  drift: Type.Array(ConfigurationStep, {
    description: 'What would bring the device back to what was confirmed: what a hand has changed since.',
  }),
  lookedAt: maybe(Moment),
  lookError: maybe(Said),
  stale: Type.Array(Type.String(), {
    description: 'Variables that are others by now: staged again, it would be another version.',
  }),
  staleTemplates: Type.Array(Type.String(), {
    description: 'Templates that say something else of it by now, or say nothing any more.',
  }),
});
export type IntentView = Static<typeof IntentView>;

export const BlastView = Type.Object({
  ...BlastRadius.properties,
  sitesElsewhere: Type.Integer({ description: 'How many more sites would be dark, outside your regions.' }),
});

export type BlastView = Static<typeof BlastView>;

const RolloutState = Type.Unsafe<RolloutState>(Type.Enum([...rolloutStates]));
const record = {
  id: Type.String(),
  number: Type.Integer({ examples: [12] }),
  state: RolloutState,
  reason: maybe(Said),
  batch: Type.Integer(),
  pauseS: Type.Integer(),
  rollbackS: Type.Integer(),
  onlyInMaintenance: Type.Boolean(),
  forcedReason: maybe(Type.String()),
  requestedBy: Type.String(),
  createdAt: Moment,
  startedAt: maybe(Moment),
  endedAt: maybe(Moment),
  waves: maybe(Type.Array(BlastView, { description: 'Worst case of each wave; null until it is known what differs.' })),
  phases: Type.Array(Type.Unsafe<ChangePhase>(Type.Enum([...changePhases])), {
    description:
      'Where several devices carry one way: what can stand beside what is there is added to all of them, then they switch, then the old goes. Empty where it goes in one.',
  }),
  phase: Type.Integer({ description: 'Which of `phases` goes on, from 0.' }),
  revision: Type.Integer({ description: 'Grows with every change: for `after`.' }),
};

export const RolloutSummary = Type.Object({
  ...record,
  devices: Type.Integer({ description: 'In your regions.' }),
  ended: Type.Integer({ description: 'Of these, how many have ended.' }),
  right: Type.Integer({ description: 'Of those that have ended, how many are what they should be.' }),
  unreachable: Type.Integer({ description: 'How many were not reached: nothing was changed on them.' }),
  skipped: Type.Integer({ description: 'How many had no turn before it ended.' }),
});

export type RolloutSummary = Static<typeof RolloutSummary>;

export const RolloutDeviceView = Type.Object({
  deviceId: Type.String(),
  device: Type.String({ examples: ['rtr-kahu-01'] }),
  siteId: Type.String(),
  site: Type.String(),
  region: Type.String(),
  version: Version,
  wave: Type.Integer({ description: 'From 1; 0 until it is known whether it differs, and when it does not.' }),
  phaseVersions: Type.Array(maybe(Version), {
    description:
      'Of each phase the version that it is brought to, null where it stays as it is; empty where its change has no other end.',
  }),
  managementAddress: maybe(
    Type.String({ description: 'Where it is managed afterwards; null where it stays, and until that is known.' }),
  ),
  state: Type.Unsafe<DeviceRunState>(Type.Enum([...deviceRunStates])),
  steps: Type.Array(ConfigurationStep),
  armedUntil: maybe(Moment),
  error: maybe(Said),
  startedAt: maybe(Moment),
  endedAt: maybe(Moment),
});
export type RolloutDeviceView = Static<typeof RolloutDeviceView>;

export const RolloutView = Type.Object({
  ...record,
  devices: Type.Array(RolloutDeviceView),
});
export type RolloutView = Static<typeof RolloutView>;

function iso(at: number): string;
function iso(at: number | null): string | null;
function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

/** Variables and templates that changed since it was staged. */
interface Stale {
  readonly stale?: readonly string[] | undefined;
  readonly staleTemplates?: readonly string[] | undefined;
}

export function intentView(state: IntentState, { stale = [], staleTemplates = [] }: Stale = {}): IntentView {
  const { staged, confirmed } = state;
  return {
    deviceId: state.deviceId,
    device: state.deviceName,
    siteId: state.siteId,
    site: state.siteName,
    region: state.regionCode,
    staged: staged === null ? null : { ...staged, at: iso(staged.at) },
    confirmed: confirmed === null ? null : { ...confirmed, at: iso(confirmed.at) },
    drift: state.drift.map(stepView),
    lookedAt: iso(state.lookedAt),
    lookError: state.lookError,
    stale: [...stale],
    staleTemplates: [...staleTemplates],
  };
}

/** The schema's arrays can be written to; ours cannot. */
export function stepView({ changes, ...step }: ConfigurationStep): Static<typeof ConfigurationStep> {
  return { ...step, changes: [...changes] };
}

export function blastView(blast: SeenBlast): Static<typeof BlastView> {
  const { sites, services, servicesMissed } = blast;
  return { ...blast, sites: [...sites], services: [...services], servicesMissed: [...servicesMissed] };
}

export function recordView(rollout: SeenRecord) {
  const { before: _before, waves, phases, createdAt, startedAt, endedAt, ...rest } = rollout;
  return {
    ...rest,
    createdAt: iso(createdAt),
    startedAt: iso(startedAt),
    endedAt: iso(endedAt),
    phases: [...phases],
    waves: waves === null ? null : waves.map(blastView),
  };
}

export function rolloutView(rollout: SeenRollout): RolloutView {
  const { devices, ...kept } = rollout;
  return { ...recordView(kept), devices: devices.map(rolloutDeviceView) };
}

export function rolloutDeviceView(seen: RolloutDevice): RolloutDeviceView {
  const { deviceName, siteName, regionCode, steps, phaseVersions, armedUntil, startedAt, endedAt, ...device } = seen;
  return {
    ...device,
    device: deviceName,
    site: siteName,
    region: regionCode,
    steps: steps.map(stepView),
    phaseVersions: [...phaseVersions],
    armedUntil: iso(armedUntil),
    startedAt: iso(startedAt),
    endedAt: iso(endedAt),
  };
}
