import { z } from 'zod';
import type { Attrs } from '../tuner/trial/frozen-trial.ts';
import { defineCall } from './define.ts';
import { studyKeySchema, type StudyKey, type StudySummary } from './library.ts';
import type { TrialAnnotations } from './trials.ts';

export interface StudyDetail {
  readonly summary: StudySummary;
  readonly userAttrs: Attrs;
  readonly systemAttrs: Attrs;
  /** The study's spec as it was when the study was created, plain data; null for studies that Parzen did not create. */
  readonly spec: Readonly<Record<string, unknown>> | null;
  readonly seed: number | null;
  readonly annotations: TrialAnnotations;
}

/** A spec that ships with the program. */
export interface BuiltInStudy {
  readonly name: string;
  readonly title: string;
  readonly description: string;
}

const studySource = z.union([z.string().min(1), z.record(z.string(), z.unknown())]);
const studyName = z.string().min(1).max(512);

export const studiesCalls = {
  'studies.get': defineCall<StudyDetail>()(z.strictObject({ key: studyKeySchema })),
  'studies.builtIn': defineCall<readonly BuiltInStudy[]>()(z.strictObject({})),
  /** Creates a study from a built-in spec's name, a spec file's path, or a spec. Does not run it. */
  'studies.create': defineCall<StudyKey>()(
    z.strictObject({
      spec: studySource,
      /** @default the library's own file */
      storageId: z.string().optional(),
      /** @default the spec's name, with a number where that is taken */
      studyName: studyName.optional(),
      seed: z.number().int().nonnegative().optional(),
      /** Begin with the trials of this study that the spec's search space could have suggested too. */
      trialsFrom: studyKeySchema.optional(),
    }),
  ),
  /**
   * How many finished trials of a study another one with this spec could begin with. Fails with `TRIALS_NOT_COMPARABLE` where more than
   * ranges and choices differs, so that values of the one say nothing about the other.
   */
  'studies.countTaken': defineCall<{ readonly nTaken: number; readonly nLeft: number }>()(
    z.strictObject({ spec: studySource, trialsFrom: studyKeySchema }),
  ),
  /**
   * Gives a study that another program made an objective of the user's own (a spec with `run`, or its path), so that it goes on here. Fails with
   * `OBJECTIVE_DOES_NOT_FIT` where directions differ or the study trains networks.
   */
  'studies.giveObjective': defineCall<void>()(
    z.strictObject({ key: studyKeySchema, spec: studySource }),
  ),
  'studies.rename': defineCall<void>()(z.strictObject({ key: studyKeySchema, studyName })),
  /** Into the same file or another open one, with what people said of its trials and with its networks. */
  'studies.copy': defineCall<StudyKey>()(
    z.strictObject({
      key: studyKeySchema,
      studyName,
      /** @default the study's own file */
      toStorageId: z.string().optional(),
    }),
  ),
  /** Fails with `RUN_ACTIVE` while it runs. It can be taken back for some minutes, as long as the program runs. */
  'studies.delete': defineCall<void>()(z.strictObject({ key: studyKeySchema })),
  /** Puts a deleted study back as it was. Fails with `UNDO_EXPIRED` when it is gone for good. */
  'studies.restore': defineCall<void>()(z.strictObject({ key: studyKeySchema })),
  'studies.setUserAttr': defineCall<void>()(
    z.strictObject({ key: studyKeySchema, name: z.string().min(1).max(512), value: z.json() }),
  ),
  /** The CSV of Optuna's `trials_dataframe`, UTF-8. Written to `path` (null is returned) or, without one, given back. */
  'studies.exportCsv': defineCall<string | null>()(
    z.strictObject({
      key: studyKeySchema,
      path: z.string().min(1).optional(),
      /** Put an apostrophe before text cells that a spreadsheet would run as a formula. @default false */
      guardFormulas: z.boolean().optional(),
    }),
  ),
};

export interface StudiesEvents {
  /** Name or attributes of a study changed. */
  'study.changed': { readonly key: StudyKey };
  'study.deleted': { readonly key: StudyKey };
}
