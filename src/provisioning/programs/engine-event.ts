/**
 * What of Pulumi's engine events is read here, as the Automation API hands them on (`EngineEvent` of
 * @pulumi/pulumi/automation, apitype in Pulumi's sources). They come from another program: nothing of it is believed
 * before it was looked at.
 */
export interface EngineEvent {
  readonly resourcePreEvent?: { readonly metadata?: StepMetadata };
  readonly resOutputsEvent?: { readonly metadata?: StepMetadata };
  readonly resOpFailedEvent?: { readonly metadata?: StepMetadata };
  readonly diagnosticEvent?: {
    readonly urn?: unknown;
    readonly prefix?: unknown;
    readonly message?: unknown;
    readonly severity?: unknown;
    readonly ephemeral?: unknown;
  };
  readonly stdoutEvent?: { readonly message?: unknown };
  readonly summaryEvent?: { readonly resourceChanges?: unknown };
}

export interface StepMetadata {
  readonly op?: unknown;
  readonly urn?: unknown;
  readonly type?: unknown;
  readonly old?: StepState | null;
  readonly new?: StepState | null;
  readonly diffs?: unknown;
  readonly detailedDiff?: unknown;
}

export interface StepState {
  readonly custom?: unknown;
  readonly inputs?: unknown;
  readonly outputs?: unknown;
}

export type Bag = Readonly<Record<string, unknown>>;

export function isBag(value: unknown): value is Bag {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
