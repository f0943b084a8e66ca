import { Type, type Static } from 'typebox';

/** A sentence to be made in the reader's language: the stable name of an error and what goes into it. */
export const Said = Type.Object({
  code: Type.String({ examples: ['router.unreachable'] }),
  /** In English, for who reads the API by hand. */
  message: Type.String(),
  arguments: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
});
export type Said = Readonly<Static<typeof Said>>;

/**
 * `queued`: waits for another that could touch the same path. `stopping`: begins no device any more, and lets those
 * under way end. `done`: every device is what it should be. `stopped`: it ended before that, and `reason` says why.
 */
export const rolloutStates = ['queued', 'running', 'paused', 'stopping', 'done', 'stopped'] as const;
export type RolloutState = (typeof rolloutStates)[number];

/** It goes on, or waits. */
export const openRolloutStates: readonly RolloutState[] = rolloutStates.filter(
  (state) => state !== 'done' && state !== 'stopped',
);

export function isRolloutOver({ state }: { readonly state: RolloutState }): boolean {
  return !openRolloutStates.includes(state);
}

/**
 * How far one device is. `reverting`: it is, or will be, brought back by the rollback that it keeps itself. `refused`: it
 * took none of it, and nothing of it stayed. `unreachable`: it did not answer before anything was changed. `reverted`: it
 * is as it was before. `lost`: its rollback is long due and it does not answer. `skipped`: the rollout ended before its
 * turn.
 */
export const deviceRunStates = [
  'waiting',
  'checking',
  'arming',
  'applying',
  'confirming',
  'reverting',
  'confirmed',
  'unchanged',
  'refused',
  'unreachable',
  'reverted',
  'lost',
  'skipped',
] as const;
export type DeviceRunState = (typeof deviceRunStates)[number];

/**
 * A change of several devices that carry one way goes in phases over all of them: what can stand beside what is there, what
 * chooses between old and new, what goes.
 */
export const changePhases = ['add', 'switch', 'remove'] as const;
export type ChangePhase = (typeof changePhases)[number];

/** Nothing more happens to a device in these. */
export const endedRunStates: ReadonlySet<DeviceRunState> = new Set([
  'confirmed',
  'unchanged',
  'refused',
  'unreachable',
  'reverted',
  'lost',
  'skipped',
]);

/** The device is what it should be. */
export const rightRunStates: ReadonlySet<DeviceRunState> = new Set(['confirmed', 'unchanged']);

/** Something was, or may have been, changed on the device in these: it needs an end. */
export const touchedRunStates: ReadonlySet<DeviceRunState> = new Set(['arming', 'applying', 'confirming', 'reverting']);

/** How many devices of a rollout, or of a wave of it, are how far. */
export interface RolloutCounts {
  readonly devices: number;
  /** Nothing more happens to these. The three below are among them; the others did not take their change, or did not keep it. */
  readonly ended: number;
  readonly right: number;
  readonly unreachable: number;
  readonly skipped: number;
}

/** What is dark in the worst case: the devices under change go silent, and all that lies behind them. */
export const BlastRadius = Type.Object({
  devices: Type.Integer({ description: 'How many, those under change among them.' }),
  sites: Type.Array(Type.String(), { description: 'Codes of the sites that no gateway reaches any more.' }),
  terminals: Type.Integer({ description: 'How many attendance terminals.' }),
  services: Type.Array(Type.String(), { description: 'Codes of the services that run on what is dark.' }),
  servicesMissed: Type.Array(Type.String(), { description: 'Codes of the services that a dark site uses.' }),
  cutsController: Type.Boolean({
    description: 'Every device that an agent is plugged into is dark: the controller reaches nothing any more.',
  }),
});
export type BlastRadius = {
  readonly [Name in keyof Static<typeof BlastRadius>]: Static<typeof BlastRadius>[Name] extends string[]
    ? readonly string[]
    : Static<typeof BlastRadius>[Name];
};

/** What was not well already when a rollout began. */
export interface HealthBefore {
  /** Devices that were not up. */
  readonly devices: readonly string[];
  /** Services that were not up. */
  readonly services: readonly string[];
  /** Errors and discards a second that were counted near its devices above the bounds for links, by interface and column. */
  readonly errors?: Readonly<Record<string, number>>;
}
