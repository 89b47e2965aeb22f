import type { ImportanceData } from './importance-data.ts';

/** How much a parameter, or several together, have to do with the result. */
export interface Importance {
  /** One name, or those of a pair. */
  readonly params: readonly string[];
  /** At least 0. What it is a share of is the evaluator's to say; after normalization they add up to 1. */
  readonly importance: number;
  /** How far single trees of a forest disagree (standard deviation); null where there is nothing to disagree. */
  readonly deviation: number | null;
}

/** What an evaluator found. */
export interface Evaluation {
  /** In any order; empty where nothing can be said. */
  readonly importances: readonly Importance[];
  /** Why `importances` is empty, as a sentence; else null. */
  readonly reason: string | null;
  /** What a reader should know: parameters left out, few trials behind the numbers. */
  readonly notes: readonly string[];
}

/** Tells how important parameters are, from finished trials. */
export interface ImportanceEvaluator {
  /** The name in the registry. */
  readonly name: string;
  /**
   * @param params Parameters to assess. Null: all the evaluator can. An empty list gives an empty result.
   * @throws InvalidArgumentError when a parameter of `params` is in no trial that could be used, or the evaluator
   *   cannot take several targets at once.
   */
  evaluate(data: ImportanceData, params: readonly string[] | null): Promise<Evaluation>;
  /** The importance that pairs of parameters have beyond that of each alone. Not all evaluators know it. */
  evaluatePairs?(data: ImportanceData, params: readonly string[] | null): Promise<Evaluation>;
}

export function silence(reason: string, notes: readonly string[] = []): Evaluation {
  return { importances: [], reason, notes };
}
