import { z } from 'zod';
import type { StudyDirection } from '../tuner/study/direction.ts';
import type { ImprovementHistory } from '../tuner/terminators/improvement-history.ts';
import { defineCall } from './define.ts';
import { studyKeySchema, type StudyKey } from './library.ts';

/** Something the user may choose, with the options of its form: a sampler, pruner, stop rule or importance evaluator. */
export interface RegistryEntry {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** As src-main/tuner/options.ts declares them. */
  readonly options: readonly unknown[];
}

export interface Registries {
  readonly samplers: readonly RegistryEntry[];
  readonly pruners: readonly RegistryEntry[];
  /** Rules by which a study ends. */
  readonly terminators: readonly RegistryEntry[];
  readonly importanceEvaluators: readonly RegistryEntry[];
}

export interface ImportanceResult {
  /** Name of the evaluator that was used. */
  readonly evaluator: string;
  /** Highest first, adding up to 1; empty where the trials cannot tell. */
  readonly importances: readonly {
    readonly param: string;
    readonly importance: number;
    /** Spread over the trees of a forest; null where there is none. */
    readonly deviation: number | null;
  }[];
  /** Why `importances` is empty, as a sentence; else null. */
  readonly reason: string | null;
  readonly notes: readonly string[];
  /** Trials that were taken into account. */
  readonly nTrials: number;
}

export interface ReplayResult {
  readonly nCut: number;
  /** Trials that were pruned when they ran and now would have gone on, nobody knows how. */
  readonly nUnknown: number;
  readonly nReports: number;
  readonly nReportsSaved: number;
  readonly savedShare: number;
  readonly savedMs: number;
  readonly objectives: readonly {
    readonly direction: StudyDirection;
    readonly before: { readonly number: number; readonly value: number } | null;
    readonly after: { readonly number: number; readonly value: number } | null;
    readonly isBestCut: boolean;
  }[];
  /** Per finished trial: its number, and the step of its last report where it would have been cut, else -1. */
  readonly trialNumbers: Int32Array;
  readonly cutAtSteps: Int32Array;
}

const algorithm = z.strictObject({
  type: z.string().min(1),
  options: z.record(z.string(), z.unknown()).optional(),
});

export const analysisCalls = {
  'analysis.registries': defineCall<Registries>()(z.strictObject({})),
  /** Which parameters matter for an objective; with several and none named, for being on the Pareto front. */
  'analysis.importance': defineCall<ImportanceResult>()(
    z.strictObject({
      key: studyKeySchema,
      /** @default ped-anova */
      evaluator: algorithm.optional(),
      objective: z.number().int().nonnegative().optional(),
    }),
  ),
  /**
   * How the improvement still to be expected fell, by a stop rule that estimates one, after at most 100 of the complete trials. Hidden ones
   * count, as for the rule itself. Tells `analysis.progress`, and ends early when it is aborted.
   */
  'analysis.improvement': defineCall<ImprovementHistory>()(
    z.strictObject({ key: studyKeySchema, terminator: algorithm }),
  ),
  /** What another pruner would have saved and cost, from the recorded curves. */
  'analysis.replayPruner': defineCall<ReplayResult>()(
    z.strictObject({
      key: studyKeySchema,
      pruner: algorithm,
      objective: z.number().int().nonnegative().optional(),
    }),
  ),
};

export interface AnalysisEvents {
  /** How many estimates of the improvement of a study are made. */
  'analysis.progress': {
    readonly key: StudyKey;
    readonly nDone: number;
    readonly nTotal: number;
  };
}
