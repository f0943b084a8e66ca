import { Type, type Static, type TSchema } from 'typebox';
import {
  ProgramCounts,
  ProgramMessage,
  programOperations,
  programRunStates,
  ProgramStep,
  type ProgramOperation,
  type ProgramRunState,
} from '../domain/program-run.ts';
import { Said } from '../domain/rollout.ts';
import { stackNamePattern, type Missing } from '../provisioning/programs/program-folder.ts';
import type { SeenPrograms } from '../provisioning/programs/program-runs.ts';
import type { PlacedEntry } from '../provisioning/programs/run-entries.ts';
import type { ProgramRun } from '../provisioning/programs/run-store.ts';
import { blastView, BlastView } from './provisioning-schemas.ts';

const maybe = <T extends TSchema>(type: T) => Type.Union([type, Type.Null()]);
const Moment = Type.String({ format: 'date-time', examples: ['2026-11-30T03:10:00.000Z'] });
export const Stack = Type.String({ pattern: stackNamePattern, examples: ['kahu'] });
export const Operation = Type.Unsafe<ProgramOperation>(Type.Enum([...programOperations]));

const summary = {
  id: Type.String(),
  number: Type.Integer({ examples: [12] }),
  stack: Stack,
  operation: Operation,
  state: Type.Unsafe<ProgramRunState>(Type.Enum([...programRunStates])),
  programHash: maybe(
    Type.String({ description: 'Names the program, its configuration and its state as they were: SHA-256.' }),
  ),
  problem: maybe(Said),
  counts: maybe(ProgramCounts),
  rollouts: Type.Array(Type.Integer(), { description: 'Numbers of the rollouts that it started or joined.' }),
  requestedBy: Type.String(),
  createdAt: Moment,
  endedAt: maybe(Moment),
  holdsLock: Type.Boolean({
    description: 'It ended without giving back the stack’s lock: the next run takes that away.',
  }),
};
export const ProgramRunSummary = Type.Object(summary);
export type ProgramRunSummary = Static<typeof ProgramRunSummary>;

export const ProgramRunView = Type.Object({
  ...summary,
  cliVersion: Type.String({ examples: ['3.274.1'] }),
  waves: Type.Array(
    Type.Object({
      waves: Type.Array(Type.Object({ devices: Type.Array(Type.String()), worst: BlastView })),
      refusal: maybe(Said),
    }),
    { description: 'Of each Rollout of the program: in which waves it would go, and what each could cut at worst.' },
  ),
  leftOut: Type.Integer({ description: 'Entries that were too many to be kept.' }),
  killableAt: maybe({ ...Moment, description: 'It was told to end; from then on it can be killed.' }),
  revision: Type.Integer({ description: 'Grows with every change: for `after`.' }),
});
export type ProgramRunView = Static<typeof ProgramRunView>;

export const PlacedEntryView = Type.Object({
  place: Type.Integer(),
  entry: Type.Union([ProgramStep, ProgramMessage]),
});
export type PlacedEntryView = Static<typeof PlacedEntryView>;

export const ProgramsView = Type.Object({
  missing: maybe(
    Type.Unsafe<Missing>(
      Type.Enum(['folder', 'project', 'packages', 'cli', 'node'], {
        description:
          'What keeps programs from being run here: no folder, no Pulumi.yaml in it, its packages are not installed, no Pulumi on this machine, a Node older than 24.',
      }),
    ),
  ),
  folder: maybe(Type.String({ examples: ['/opt/arung/pulumi'] })),
  project: maybe(Type.String({ examples: ['arung'] })),
  stacks: Type.Array(
    Type.Object({
      name: Stack,
      passphrase: maybe(
        Type.Unsafe<'console' | 'setting'>(
          Type.Enum(['console', 'setting'], { description: 'Where its passphrase comes from; null: nobody told it.' }),
        ),
      ),
      lastRun: maybe(ProgramRunSummary),
      preview: maybe(
        Type.Object({ number: Type.Integer(), until: Moment }, { description: 'The preview that `up` may follow.' }),
      ),
    }),
  ),
});
export type ProgramsView = Static<typeof ProgramsView>;

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

export function summaryView(run: ProgramRun): ProgramRunSummary {
  return {
    id: run.id,
    number: run.number,
    stack: run.stack,
    operation: run.operation,
    state: run.state,
    programHash: run.programHash,
    problem: run.problem,
    counts: run.counts,
    requestedBy: run.requestedBy,
    holdsLock: run.holdsLock,
    rollouts: [...run.rollouts],
    createdAt: new Date(run.createdAt).toISOString(),
    endedAt: iso(run.endedAt),
  };
}

export function runView(run: ProgramRun & { readonly killableAt: number | null }): ProgramRunView {
  const { cliVersion, leftOut, revision, waves, killableAt } = run;
  return {
    ...summaryView(run),
    cliVersion,
    leftOut,
    revision,
    killableAt: iso(killableAt),
    waves: waves.map(({ waves: parts, refusal }) => ({
      waves: parts.map(({ devices, worst }) => ({ devices: [...devices], worst: blastView(worst) })),
      refusal,
    })),
  };
}

export function programsView({ stacks, ...program }: SeenPrograms): ProgramsView {
  return {
    ...program,
    stacks: stacks.map(({ lastRun, preview, ...stack }) => ({
      ...stack,
      lastRun: lastRun === null ? null : summaryView(lastRun),
      preview: preview === null ? null : { number: preview.number, until: new Date(preview.untilMs).toISOString() },
    })),
  };
}

/** The schema's arrays can be written to; ours cannot. */
export function entryView({ place, entry }: PlacedEntry): PlacedEntryView {
  return { place, entry: entry.entry === 'step' ? { ...entry, changes: [...entry.changes] } : entry };
}
