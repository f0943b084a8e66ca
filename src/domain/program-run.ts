import { Type, type Static } from 'typebox';
import { PropertyChange } from './configuration-step.ts';
import type { BlastRadius, Said } from './rollout.ts';

/** What a run does with a stack. A stack is destroyed by the CLI alone. */
export const programOperations = ['preview', 'up', 'refresh'] as const;
export type ProgramOperation = (typeof programOperations)[number];

/**
 * `cancelling`: it was told to end, and ends cleanly. `failed`: Pulumi ended it, and `problem` says why. `cancelled`: it
 * ended before its time because somebody said so. `broken-off`: the controller died in the middle of it.
 */
export const programRunStates = ['running', 'cancelling', 'done', 'failed', 'cancelled', 'broken-off'] as const;
export type ProgramRunState = (typeof programRunStates)[number];

export function isProgramRunOver(state: ProgramRunState): boolean {
  return state !== 'running' && state !== 'cancelling';
}

/** What becomes of a resource; `refresh`: the state follows what was found. */
export const programStepKinds = ['create', 'update', 'replace', 'delete', 'import', 'read', 'refresh'] as const;
export type ProgramStepKind = (typeof programStepKinds)[number];
export const programStepStates = ['planned', 'running', 'done', 'failed'] as const;
export type ProgramStepState = (typeof programStepStates)[number];

/** A property of a resource: as a step of a configuration has it, and whether its value is known before `up`. */
export const ProgramChange = Type.Object({
  ...PropertyChange.properties,
  computed: Type.Boolean({ description: 'Known once `up` has made it.' }),
});
export type ProgramChange = Readonly<Static<typeof ProgramChange>>;

/** One resource of the program that does not stay as it is. All its texts are those of a program: hostile. */
export const ProgramStep = Type.Object({
  entry: Type.Literal('step'),
  kind: Type.Unsafe<ProgramStepKind>(Type.Enum([...programStepKinds])),
  state: Type.Unsafe<ProgramStepState>(Type.Enum([...programStepStates])),
  type: Type.String({ examples: ['RouterosItem'] }),
  name: Type.String({ examples: ['lan'] }),
  changes: Type.Array(ProgramChange),
  left: Type.Integer({ description: 'How many more properties change than `changes` holds.' }),
  status: Type.Union([Type.String(), Type.Null()], { description: 'What it is at, while it goes on.' }),
});
export type ProgramStep = Readonly<Omit<Static<typeof ProgramStep>, 'changes'>> & {
  readonly changes: readonly ProgramChange[];
};

/** What Pulumi, the provider or the program said. */
export const ProgramMessage = Type.Object({
  entry: Type.Literal('message'),
  severity: Type.Unsafe<'info' | 'warning' | 'error'>(Type.Enum(['info', 'warning', 'error'])),
  resource: Type.Union([Type.String(), Type.Null()]),
  text: Type.String(),
});
export type ProgramMessage = Readonly<Static<typeof ProgramMessage>>;

export type ProgramEntry = ProgramStep | ProgramMessage;

/** How many resources a run changes, by what becomes of them. */
export const ProgramCounts = Type.Object({
  create: Type.Integer(),
  update: Type.Integer(),
  replace: Type.Integer(),
  delete: Type.Integer(),
  other: Type.Integer({ description: 'Imported, read, or found to be otherwise.' }),
  same: Type.Integer({ description: 'Resources that stay as they are.' }),
  failed: Type.Integer(),
});
export type ProgramCounts = Readonly<Static<typeof ProgramCounts>>;

/** What one Rollout of a program would do, as a reader of the whole network sees it. */
export interface ProgramRollout {
  readonly waves: readonly {
    /** Names. */
    readonly devices: readonly string[];
    readonly worst: BlastRadius & { readonly sitesElsewhere: number };
  }[];
  /** Why it would be refused; null when it would not. */
  readonly refusal: Said | null;
}
