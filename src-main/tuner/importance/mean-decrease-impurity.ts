/**
 * Mean decrease impurity: the share of the squared error that a random forest's splits on a parameter take away while it learns.
 *
 * Louppe, Wehenkel, Sutera and Geurts, "Understanding variable importances in forests of randomized trees", NIPS 2013. Follows
 * `optuna/importance/_mean_decrease_impurity.py` (5.0) and scikit-learn's `feature_importances_`. It differs in that the seed is fixed.
 */
import { checkOptions } from '../options.ts';
import { silence, type Evaluation, type ImportanceEvaluator } from './evaluator.ts';
import {
  collectForestData,
  forestOptions,
  growForest,
  overTrees,
  type ForestOptions,
} from './forest.ts';
import type { ImportanceData } from './importance-data.ts';

export type MeanDecreaseImpurityOptions = ForestOptions;
export const meanDecreaseImpurityOptions = forestOptions;

export class MeanDecreaseImpurityEvaluator implements ImportanceEvaluator {
  readonly name = 'mean-decrease-impurity';
  readonly #options: Required<ForestOptions>;

  /** @throws InvalidArgumentError for an unknown option or a value that breaks its rule. */
  constructor(options: MeanDecreaseImpurityOptions = {}) {
    this.#options = checkOptions(
      'MeanDecreaseImpurityEvaluator',
      meanDecreaseImpurityOptions,
      options,
    );
  }

  async evaluate(data: ImportanceData, params: readonly string[] | null): Promise<Evaluation> {
    const forest = collectForestData('MeanDecreaseImpurityEvaluator', data, params);
    const shares: Float64Array[] = [];
    for await (const { gains } of growForest(forest, this.#options)) {
      const total = gains.reduce((sum, gain) => sum + gain, 0);
      if (total > 0)
        shares.push(
          Float64Array.from(forest.encoded, (columns) =>
            columns.reduce((sum, column) => sum + (gains[column] as number) / total, 0),
          ),
        );
    }
    if (shares.length === 0)
      return silence('Nothing can be explained: no split lowers the error.', forest.notes);
    const varying = forest.names.map((name, i) =>
      overTrees(
        [name],
        shares.map((tree) => tree[i] as number),
      ),
    );
    const constants = forest.constants.map((name) => overTrees([name], [0]));
    return { importances: [...varying, ...constants], reason: null, notes: forest.notes };
  }
}
