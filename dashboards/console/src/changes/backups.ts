import type { DifferenceSummary, TextDifference } from '../../../../src/domain/text-difference.ts';
import type { Said } from '../../../../src/domain/rollout.ts';

/** `GET /device-backups`. Times in ISO 8601. */
export interface BackupView {
  readonly id: string;
  readonly deviceId: string;
  readonly device: string;
  readonly site: string;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly lines: number;
  readonly bytes: number;
  readonly changes: DifferenceSummary | null;
}

export interface BackupRow extends BackupView {
  readonly found: readonly { readonly line: number; readonly text: string }[];
}

/** `GET /device-backups/failures`. */
export interface FailedLookView {
  readonly deviceId: string;
  readonly device: string;
  readonly site: string;
  readonly lookedAt: string;
  readonly error: Said;
}

/** A version of a device's configuration, or of its intent, as the history lists it. */
export interface HistoryEntry {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly by: string | null;
  readonly lines: number | null;
  readonly changes: DifferenceSummary | null;
}

export interface Compared {
  readonly difference: TextDifference;
}
