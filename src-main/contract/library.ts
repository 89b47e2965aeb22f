import { z } from 'zod';
import type { StudyDirection } from '../tuner/study/direction.ts';
import type { TrialState } from '../tuner/trial/frozen-trial.ts';
import { defineCall } from './define.ts';
import type { RunStatus } from './runs.ts';

/** An open study file. `storageId` is stable for a path as long as the program runs. */
export interface StorageSummary {
  readonly storageId: string;
  readonly path: string;
  readonly name: string;
  readonly isReadOnly: boolean;
  readonly sizeBytes: number;
  /** The library's own file, which cannot be closed. */
  readonly isDefault: boolean;
  /** Why its studies cannot be shown, if so. */
  readonly error: { code: string; message: string } | null;
}

/** What identifies a study everywhere in the contract. */
export const studyKeySchema = z.strictObject({
  storageId: z.string(),
  studyId: z.number().int().positive(),
});
export type StudyKey = z.infer<typeof studyKeySchema>;

export interface ObjectiveSummary {
  /** Of the complete, feasible trials; null while there is none. */
  readonly bestValue: number | null;
  /** Best value so far after each complete trial, thinned to at most 64 points. */
  readonly sparkline: readonly number[];
}

export interface StudySummary {
  readonly key: StudyKey;
  readonly studyName: string;
  readonly directions: readonly StudyDirection[];
  readonly metricNames: readonly string[] | null;
  readonly counts: Readonly<Record<TrialState, number>>;
  /** Of single-objective studies with a complete, feasible trial. */
  readonly best: {
    readonly trialNumber: number;
    readonly value: number;
    readonly nTied: number;
  } | null;
  /** Trials that no other one dominates; null for one objective. */
  readonly nFront: number | null;
  /** Of each objective alone. */
  readonly objectives: readonly ObjectiveSummary[];
  readonly createdAtMs: number | null;
  readonly lastActivityMs: number | null;
  readonly tags: readonly string[];
  /** Whether Parzen knows how to run it: it has a spec. */
  readonly isRunnable: boolean;
  readonly run: RunStatus | null;
}

export interface LibrarySnapshot {
  readonly storages: readonly StorageSummary[];
  readonly studies: readonly StudySummary[];
}

/** What a file dialog is opened for. */
const dialogPurpose = z.enum([
  'study-file',
  'study-copy',
  'table',
  'spec',
  'objective',
  'csv-export',
  'folder',
]);

export const libraryCalls = {
  'library.get': defineCall<LibrarySnapshot>()(z.strictObject({})),
  /** Opens an Optuna SQLite file. A file of an older schema fails with `STORAGE_NEEDS_MIGRATION` unless `migrate` is true (a backup is made beside it). */
  'library.openFile': defineCall<StorageSummary>()(
    z.strictObject({
      path: z.string().min(1),
      migrate: z.boolean().optional(),
      create: z.boolean().optional(),
    }),
  ),
  'library.closeFile': defineCall<void>()(z.strictObject({ storageId: z.string() })),
  /**
   * Moves the library's own file, with what lies beside it under its name, into another folder, and remembers that. Where the folder has a
   * library already it fails with `LIBRARY_EXISTS`, unless `useExisting`: then that one becomes the library and the old one stays where it
   * is, open like any other file. Fails with `RUN_ACTIVE` while a study in it runs.
   */
  'library.moveTo': defineCall<StorageSummary>()(
    z.strictObject({ folder: z.string().min(1), useExisting: z.boolean().optional() }),
  ),
  'library.recentFiles': defineCall<readonly string[]>()(z.strictObject({})),
  /** Asks the user for a path in a native dialog; null when cancelled. Only where `SystemInfo.hasNativeDialogs`. */
  'library.pickPath': defineCall<string | null>()(
    z.strictObject({ purpose: dialogPurpose, defaultName: z.string().optional() }),
  ),
};

export interface LibraryEvents {
  /** Something in `library.get` changed: files, studies, counts. At most a few a second. */
  'library.changed': Record<string, never>;
}
