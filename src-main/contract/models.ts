import { z } from 'zod';
import { defineCall } from './define.ts';
import type {
  ClassificationReport,
  ClassificationScore,
  ColumnImportance,
  Interval,
  RegressionReport,
  RegressionScore,
} from './evaluation.ts';
import { studyKeySchema, type StudyKey } from './library.ts';

/** What a network may be trained on. */
export const trainingRows = ['train', 'trainAndValidation'] as const;
export type TrainingRows = (typeof trainingRows)[number];

/** A layer of a network, from the rows' features to the outputs. */
export interface LayerSummary {
  readonly kind: 'embedding' | 'convolution' | 'hidden' | 'output';
  /** Of an embedding the column, of a convolution its window. */
  readonly name: string | null;
  readonly nInputs: number;
  readonly nUnits: number;
  readonly activation: string | null;
  readonly norm: string | null;
  readonly dropout: number;
  readonly skip: string | null;
  readonly nParameters: number;
}

/** Measured in every epoch; accuracies are null for regression. */
export interface TrainingHistory {
  readonly trainLoss: readonly number[];
  readonly valLoss: readonly number[];
  readonly trainAccuracy: readonly number[] | null;
  readonly valAccuracy: readonly number[] | null;
}

/** A trial among the best whose network is, or was, kept. */
export interface CheckpointSummary {
  readonly trialNumber: number;
  readonly values: readonly number[];
  /** Null: its file is gone. */
  readonly sizeBytes: number | null;
}

/** Networks trained with the parameters of the best trials, or of one, after the search; those of one trial are alike but for what is random. */
export interface RetrainedModel {
  readonly id: string;
  readonly createdAtMs: number;
  /** The best first, at least one. */
  readonly trialNumbers: readonly number[];
  readonly rows: TrainingRows;
  readonly members: readonly {
    readonly hash: string;
    readonly sizeBytes: number;
    /** Epochs that its weights have seen. */
    readonly nEpochs: number;
    /** The metric on the validation rows; null where it was trained on these too. */
    readonly value: number | null;
  }[];
  /** Over the members' values; null where there are none. */
  readonly mean: number | null;
  readonly deviation: number | null;
}

/** How the best trials are trained again where nothing else is asked for. */
export interface RetrainDefaults {
  readonly nTrials: number;
  readonly rows: TrainingRows;
}

/** How many networks of each of so many trials, where nothing else is asked for: about ten in all, but one to five of each. */
export function seedsFor(nTrials: number): number {
  return Math.min(5, Math.ceil(10 / nTrials));
}

/** The best trials run again with other random numbers, the best mean first. */
export interface RepeatedTrials {
  readonly createdAtMs: number;
  readonly metric: string;
  readonly trials: readonly {
    readonly trialNumber: number;
    /** Of the search. */
    readonly firstValue: number;
    readonly values: readonly number[];
    readonly mean: number;
    readonly deviation: number;
  }[];
}

/** The value of the best trial and how far it can be trusted. */
export interface Noise {
  readonly metric: string;
  readonly value: number;
  readonly tiedTrials: readonly number[];
  readonly nRows: number;
  /** Of a share of rows such as accuracy: the smallest step it can make. */
  readonly step: number | null;
  /** Of the true value: by the validation rows, or by how far the folds are apart; null where neither tells it, or the network is not kept. */
  readonly interval: Interval | null;
  readonly isIntervalOfFolds: boolean;
}

const modelChoiceSchema = z.union([
  z.strictObject({ type: z.literal('trial'), trialNumber: z.number().int().nonnegative() }),
  /** The best trials' networks together. */
  z.strictObject({ type: z.literal('ensemble'), size: z.number().int().min(2).max(100) }),
  /** All members together. */
  z.strictObject({ type: z.literal('retrained'), id: z.string().min(1) }),
]);
export type ModelChoice = z.infer<typeof modelChoiceSchema>;

/** A score that a test has: of classification or of regression. */
export type ScoreMetric = 'accuracy' | ClassificationScore | RegressionScore;

/** A look at the test rows. */
export interface TestResult {
  readonly atMs: number;
  readonly choice: ModelChoice;
  /** Counted from 0: only the first look is unbiased. */
  readonly look: number;
  readonly nRows: number;
  /** Classification; else null. */
  readonly classification: ClassificationReport | null;
  /** Regression, per target; else null. */
  readonly regression: readonly RegressionReport[] | null;
  /** What each member alone, and the columns, are measured by. Absent in tests of earlier versions: accuracy, or the coefficient of determination. */
  readonly scoreMetric?: ScoreMetric;
  /** Of each member alone. */
  readonly memberScores: readonly number[];
  readonly importance: readonly ColumnImportance[];
}

export interface ModelJob {
  readonly key: StudyKey;
  readonly kind: 'retrain' | 'repeat' | 'test' | 'predict';
  readonly state: 'running' | 'done' | 'cancelled' | 'failed';
  /** Networks trained, steps of a test, or rows predicted. */
  readonly nDone: number;
  /** 0 while that is not known, as before a table is read. */
  readonly nTotal: number;
  readonly startedAtMs: number;
  readonly error: { readonly code: string; readonly message: string } | null;
}

export interface RetrainCandidate {
  readonly trialNumber: number;
  readonly values: readonly number[];
  /** For how many epochs it is trained where no rows are left to stop by; null: that is not known. */
  readonly nEpochs: number | null;
}

export interface ModelsOverview {
  /** Where networks are kept; null: nowhere, as the study is in memory or cannot be written. */
  readonly folder: string | null;
  /** Of all files in it, those of other studies of the file too. */
  readonly sizeBytes: number;
  readonly limit: number;
  /** The best first. */
  readonly checkpoints: readonly CheckpointSummary[];
  /** The newest first. */
  readonly retrained: readonly RetrainedModel[];
  readonly repeated: RepeatedTrials | null;
  /** The newest first. */
  readonly tests: readonly TestResult[];
  /** Attributes of the study that should hold one of these and hold something else. */
  readonly unreadable: readonly string[];
  readonly nTestRows: number | null;
  readonly network: readonly LayerSummary[] | null;
  readonly history: TrainingHistory | null;
  /** The trial that `network` and `history` are of. */
  readonly trialNumber: number | null;
  readonly noise: Noise | null;
  /** Trials worth training again, the best first: the Pareto front by the first objective, or of one objective the twenty best. */
  readonly candidates: readonly RetrainCandidate[];
  /** Null: the study trains no networks. */
  readonly retrain: RetrainDefaults | null;
  readonly job: ModelJob | null;
}

/** Forms that networks can be saved in. */
export const exportFormats = ['node', 'pytorch', 'onnx', 'tfjs', 'safetensors'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportedFile {
  readonly name: string;
  readonly content: Uint8Array;
}

/** What networks answer for the rows of a table. */
export interface Predictions {
  readonly nRows: number;
  /** Those of the table, then those of the answers. */
  readonly columns: readonly string[];
  readonly nOwnColumns: number;
  /** The first of them. */
  readonly rows: readonly (readonly (string | number)[])[];
  /** All of them, with a header. */
  readonly csv: string;
  /** What was not as in training, such as categories that no training row has. */
  readonly notes: readonly string[];
}

const key = { key: studyKeySchema };
const trialNumber = z.number().int().nonnegative();
const nTrials = z.number().int().min(1).max(100);
const nSeeds = z.number().int().min(1).max(100);

export const modelsCalls = {
  'models.get': defineCall<ModelsOverview>()(z.strictObject(key)),
  /** Starts training the best trials' parameters anew; `model.changed` tells how it goes. Fails with `RUN_ACTIVE` while the study runs. */
  'models.retrain': defineCall<ModelJob>()(
    z.strictObject({
      ...key,
      /** One trial in place of the best ones. */
      trialNumber: trialNumber.optional(),
      /** How many of the best. @default as `RetrainDefaults` say, as are the rows */
      nTrials: nTrials.optional(),
      rows: z.enum(trainingRows).optional(),
      /** Networks of each trial. @default `seedsFor` them */
      nSeeds: nSeeds.optional(),
    }),
  ),
  /** Starts running the best trials again, each with several seeds. Fails with `OBJECTIVE_NOT_TRUSTED` as `runs.start` does. */
  'models.repeat': defineCall<ModelJob>()(
    z.strictObject({
      ...key,
      nTrials: nTrials.optional(),
      nSeeds: nSeeds.optional(),
      /** The user agrees to run the study's own program. */
      trust: z.boolean().optional(),
    }),
  ),
  /** Looks at the test rows; `model.changed` tells how it goes. Fails with `SECOND_LOOK` when somebody has before, unless that is confirmed. */
  'models.test': defineCall<TestResult>()(
    z.strictObject({
      ...key,
      choice: modelChoiceSchema,
      confirmSecondLook: z.boolean().optional(),
    }),
  ),
  'models.cancel': defineCall<void>()(z.strictObject(key)),
  /** Deletes files that no study of the file needs; with `all` this study's networks too. */
  'models.clean': defineCall<{ nFiles: number; sizeBytes: number }>()(
    z.strictObject({ ...key, all: z.boolean().optional() }),
  ),
  /** Files that predict elsewhere. */
  'models.export': defineCall<readonly ExportedFile[]>()(
    z.strictObject({ ...key, choice: modelChoiceSchema, format: z.enum(exportFormats) }),
  ),
  /** Predictions for a table, given by its path or as it is; `model.changed` tells how it goes. */
  'models.predict': defineCall<Predictions>()(
    z.strictObject({
      ...key,
      choice: modelChoiceSchema,
      table: z.union([
        z.strictObject({ path: z.string().min(1) }),
        z.strictObject({ name: z.string().min(1), content: z.instanceof(Uint8Array) }),
      ]),
      /** Put an apostrophe before text cells of the CSV that a spreadsheet would run as a formula. @default false */
      guardFormulas: z.boolean().optional(),
    }),
  ),
};

export interface ModelsEvents {
  /** A job began, went on or ended, or the study's networks changed. */
  'model.changed': { readonly key: StudyKey; readonly job: ModelJob | null };
}
