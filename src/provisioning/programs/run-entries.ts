import type {
  ProgramCounts,
  ProgramEntry,
  ProgramMessage,
  ProgramStep,
  ProgramStepKind,
  ProgramStepState,
} from '../../domain/program-run.ts';
import { isBag, textOf, type EngineEvent, type StepMetadata, type StepState } from './engine-event.ts';
import { changesFound, changesOfStep, noChanges, type PropertyChanges } from './property-changes.ts';
import type { TextCleaner } from './program-text.ts';

/** An entry and its place among those of its run: the same place again is the same thing, further on. */
export interface PlacedEntry {
  readonly place: number;
  readonly entry: ProgramEntry;
}

export const entryBounds = { entries: 4_000, characters: 4_000_000, message: 8_000, name: 200, status: 300 } as const;

/** Pulumi's own, which change nothing outside of its state: the stack itself, and how its providers are set up. */
const ownTypes = /^pulumi:(pulumi:Stack$|providers:)/;

/** Which op of the engine is which kind of step. Those of a replacement come several for one resource. */
const kinds = new Map<string, ProgramStepKind>(
  Object.entries({
    create: 'create',
    update: 'update',
    delete: 'delete',
    replace: 'replace',
    'create-replacement': 'replace',
    'delete-replaced': 'replace',
    'discard-replaced': 'replace',
    import: 'import',
    'import-replacement': 'replace',
    read: 'read',
    'read-replacement': 'replace',
    refresh: 'refresh',
  } as const),
);

/**
 * How grave what was said is. What is for debugging is left out: the engine masks no secret in it, and sends it whenever
 * it hands on its events.
 */
const severities = new Map<string, ProgramMessage['severity']>([
  ['info', 'info'],
  ['info#err', 'info'],
  ['warning', 'warning'],
  ['error', 'error'],
]);

interface Known {
  readonly place: number;
  step: ProgramStep;
  /** Operations of it that have begun and not ended. */
  open: number;
  characters: number;
}

/**
 * Makes of the engine's events what a person reads: one step for each resource that does not stay as it is, and what was
 * said. Bounded: what is more is counted and left out.
 */
export class RunEntries {
  readonly #isPreview: boolean;
  readonly #clean: TextCleaner;
  readonly #steps = new Map<string, Known>();
  readonly #changed = new Map<number, ProgramEntry>();
  /** Resources that are looked at just now. */
  readonly #looked = new Set<string>();
  #places = 0;
  #characters = 0;
  #left = 0;
  #same = 0;

  constructor(options: { readonly isPreview: boolean; readonly clean: TextCleaner }) {
    this.#isPreview = options.isPreview;
    this.#clean = options.clean;
  }

  /** How many entries were left out because there were too many. */
  get left(): number {
    return this.#left;
  }

  get counts(): ProgramCounts {
    const counts = { create: 0, update: 0, replace: 0, delete: 0, other: 0, same: this.#same, failed: 0 };
    for (const { step } of this.#steps.values()) {
      if (step.state === 'failed') counts.failed++;
      if (step.kind === 'import' || step.kind === 'read' || step.kind === 'refresh') counts.other++;
      else counts[step.kind]++;
    }
    return counts;
  }

  /** What has come or changed since this was last asked. */
  takeChanged(): readonly PlacedEntry[] {
    const changed = [...this.#changed].map(([place, entry]) => ({ place, entry }));
    this.#changed.clear();
    return changed;
  }

  take(event: EngineEvent): void {
    if (isBag(event.resourcePreEvent)) this.#begun(event.resourcePreEvent.metadata);
    else if (isBag(event.resOutputsEvent)) this.#ended(event.resOutputsEvent.metadata);
    else if (isBag(event.resOpFailedEvent)) this.#failed(event.resOpFailedEvent.metadata);
    else if (isBag(event.diagnosticEvent)) this.#said(event.diagnosticEvent);
    else if (isBag(event.stdoutEvent)) this.say('info', textOf(event.stdoutEvent.message));
    else if (isBag(event.summaryEvent)) {
      const { resourceChanges } = event.summaryEvent;
      const same = isBag(resourceChanges) ? resourceChanges['same'] : 0;
      this.#same = typeof same === 'number' && Number.isInteger(same) && same >= 0 ? same : 0;
    }
  }

  /** Keeps what was said, by whoever said it. */
  say(severity: ProgramMessage['severity'], said: string, resource: string | null = null): void {
    const text = this.#clean(said, entryBounds.message).trim();
    if (text === '') return;
    this.#put(this.#places, { entry: 'message', severity, resource, text }, text.length);
  }

  #said({ urn, prefix, message, severity, ephemeral }: NonNullable<EngineEvent['diagnosticEvent']>): void {
    const name = textOf(urn) === '' ? null : this.#nameOf(textOf(urn));
    if (ephemeral === true) {
      const known = this.#steps.get(textOf(urn));
      const [first = ''] = this.#clean(textOf(message), entryBounds.status).trim().split('\n');
      if (known?.step.state === 'running') this.#set(known, { ...known.step, status: first === '' ? null : first });
      return;
    }
    const grave = severities.get(textOf(severity));
    if (grave === undefined) return;
    this.say(grave, textOf(prefix).replace(/^\s*(?:<\{%[^%]*%\}>)?(?:error|warning):\s*/, '') + textOf(message), name);
  }

  #begun(metadata: StepMetadata | undefined): void {
    const [known, kind] = [this.#steps.get(textOf(metadata?.urn)), kinds.get(textOf(metadata?.op))];
    if (metadata === undefined || kind === undefined || !isShown(metadata)) return;
    // That it is looked at is no change yet: its end says, as `same`, `update` or `delete`, what was found.
    if (kind === 'refresh') {
      this.#looked.add(textOf(metadata.urn));
      return;
    }
    const state: ProgramStepState = this.#isPreview ? 'planned' : 'running';
    const found = this.#changesOf(metadata, kind);
    const step: ProgramStep = {
      entry: 'step',
      kind: known?.step.kind === 'replace' ? 'replace' : kind,
      state,
      type: this.#clean(textOf(metadata.type).split(':').at(-1) ?? '', entryBounds.name),
      name: this.#nameOf(textOf(metadata.urn)),
      // Of a replacement, its first operation may know less than a later one.
      ...(known !== undefined && found.changes.length === 0
        ? { changes: known.step.changes, left: known.step.left }
        : found),
      status: null,
    };
    const one = known ?? this.#new(textOf(metadata.urn), step);
    if (one === null) return;
    one.open++;
    this.#set(one, step);
  }

  #ended(metadata: StepMetadata | undefined): void {
    if (metadata === undefined || !isShown(metadata)) return;
    if (this.#looked.delete(textOf(metadata.urn))) {
      this.#refreshed(metadata);
      return;
    }
    const known = this.#steps.get(textOf(metadata.urn));
    if (known === undefined) return;
    known.open = Math.max(0, known.open - 1);
    if (this.#isPreview || known.open > 0 || known.step.state === 'failed') return;
    this.#set(known, { ...known.step, state: 'done', status: null });
  }

  #failed(metadata: StepMetadata | undefined): void {
    const known = this.#steps.get(textOf(metadata?.urn));
    if (known !== undefined) this.#set(known, { ...known.step, state: 'failed', status: null });
  }

  /** The state follows what was found: that is a step of its own, unless something is done about it later. */
  #refreshed(metadata: StepMetadata): void {
    const urn = textOf(metadata.urn);
    if (this.#steps.has(urn)) return;
    const isGone = textOf(metadata.op) === 'delete' || !isBag(metadata.new);
    const found = isGone ? noChanges : changesFound(metadata, this.#clean);
    if (!isGone && found.changes.length === 0) return;
    const step: ProgramStep = {
      entry: 'step',
      kind: isGone ? 'delete' : 'refresh',
      state: this.#isPreview ? 'planned' : 'done',
      type: this.#clean(textOf(metadata.type).split(':').at(-1) ?? '', entryBounds.name),
      name: this.#nameOf(urn),
      ...found,
      status: null,
    };
    const known = this.#new(urn, step);
    if (known !== null) this.#set(known, step);
  }

  #changesOf(metadata: StepMetadata, kind: ProgramStepKind): PropertyChanges {
    const op = textOf(metadata.op);
    if (op === 'delete') return changesOfStep(metadata, 'delete', this.#clean);
    if (kind === 'create' || kind === 'import' || kind === 'read')
      return changesOfStep(metadata, 'create', this.#clean);
    return changesOfStep(metadata, 'update', this.#clean);
  }

  #new(urn: string, step: ProgramStep): Known | null {
    const known = { place: this.#places, step, open: 0, characters: 0 };
    if (!this.#put(known.place, step, sizeOf(step))) return null;
    known.characters = sizeOf(step);
    this.#steps.set(urn, known);
    return known;
  }

  #set(known: Known, step: ProgramStep): void {
    const size = sizeOf(step);
    // What it grew by may be too much: then it is told without its properties.
    const isTooMuch = size > known.characters && this.#characters + size - known.characters > entryBounds.characters;
    const kept = isTooMuch ? { ...step, changes: [], left: step.left + step.changes.length } : step;
    this.#characters += sizeOf(kept) - known.characters;
    known.characters = sizeOf(kept);
    known.step = kept;
    this.#changed.set(known.place, kept);
  }

  #put(place: number, entry: ProgramEntry, size: number): boolean {
    if (this.#places >= entryBounds.entries || this.#characters + size > entryBounds.characters) {
      this.#left++;
      return false;
    }
    this.#places++;
    this.#characters += size;
    this.#changed.set(place, entry);
    return true;
  }

  /** `urn:pulumi:kahu::arung::arung:index:RouterosItem::lan`: the name may hold what it wants. */
  #nameOf(urn: string): string {
    return this.#clean(urn.split('::').slice(3).join('::'), entryBounds.name);
  }
}

/** Components are made of others, which are shown. */
function isShown({ type, old, new: fresh }: StepMetadata): boolean {
  const isCustom = (state: StepState | null | undefined): boolean => state?.custom === true;
  return !ownTypes.test(textOf(type)) && (isCustom(old) || isCustom(fresh));
}

function sizeOf(entry: ProgramEntry): number {
  return JSON.stringify(entry).length;
}
