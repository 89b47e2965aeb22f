/**
 * fANOVA: the share of the variance of a random forest's prediction over the whole search space that each parameter explains alone, and
 * each pair beyond its two parameters.
 *
 * Hutter, Hoos and Leyton-Brown, "An efficient approach for assessing hyperparameter importance", ICML 2014. Follows
 * `optuna/importance/_fanova/` (5.0): the same forest, one column per choice, values not their logarithms. It differs in that
 * the seed is fixed, in how marginals are summed (see `math/tree-anova.ts`), and in pairs, which Optuna does not have.
 */
import { TreeAnova } from '../math/tree-anova.ts';
import { checkOptions } from '../options.ts';
import { silence, type Evaluation, type ImportanceEvaluator } from './evaluator.ts';
import {
  collectForestData,
  forestOptions,
  growForest,
  overTrees,
  type ForestData,
  type ForestOptions,
} from './forest.ts';
import type { ImportanceData } from './importance-data.ts';

export type FanovaOptions = ForestOptions;
export const fanovaOptions = forestOptions;

export class FanovaEvaluator implements ImportanceEvaluator {
  readonly name = 'fanova';
  readonly #options: Required<ForestOptions>;

  /** @throws InvalidArgumentError for an unknown option or a value that breaks its rule. */
  constructor(options: FanovaOptions = {}) {
    this.#options = checkOptions('FanovaEvaluator', fanovaOptions, options);
  }

  async evaluate(data: ImportanceData, params: readonly string[] | null): Promise<Evaluation> {
    const forest = collectForestData('FanovaEvaluator', data, params);
    const shares = await this.#sharesByTree(
      forest,
      forest.names.map((_, i) => [i]),
    );
    if (shares.length === 0) return silence(ALL_ALIKE, forest.notes);
    const constants = forest.constants.map((name) => overTrees([name], [0]));
    const varying = forest.names.map((name, i) =>
      overTrees(
        [name],
        shares.map((tree) => tree[i] as number),
      ),
    );
    return { importances: [...varying, ...constants], reason: null, notes: forest.notes };
  }

  /** For every two parameters the share that they explain together, less what each explains alone. */
  async evaluatePairs(data: ImportanceData, params: readonly string[] | null): Promise<Evaluation> {
    const forest = collectForestData('FanovaEvaluator', data, params);
    const singles = forest.names.map((_, i) => i);
    const pairs = singles.flatMap((a) => singles.slice(a + 1).map((b) => [a, b] as const));
    if (pairs.length === 0)
      return silence('A pair needs two parameters with more than one value.', forest.notes);
    const shares = await this.#sharesByTree(forest, [...singles.map((i) => [i]), ...pairs]);
    if (shares.length === 0) return silence(ALL_ALIKE, forest.notes);
    const importances = pairs.map(([a, b], i) =>
      overTrees(
        [forest.names[a] as string, forest.names[b] as string],
        shares.map(
          (tree) =>
            (tree[singles.length + i] as number) - (tree[a] as number) - (tree[b] as number),
        ),
      ),
    );
    return { importances, reason: null, notes: forest.notes };
  }

  /** For each tree that predicts different values: the share of its variance that each group of parameters explains. */
  async #sharesByTree(
    forest: ForestData,
    groups: readonly (readonly number[])[],
  ): Promise<Float64Array[]> {
    const columns = groups.map((group) => group.flatMap((param) => forest.encoded[param] ?? []));
    const shares: Float64Array[] = [];
    if (forest.names.length === 0) return shares;
    for await (const { tree } of growForest(forest, this.#options)) {
      const anova = new TreeAnova(tree, forest.box);
      if (anova.variance > 0)
        shares.push(
          Float64Array.from(columns, (group) => anova.marginalVariance(group) / anova.variance),
        );
    }
    return shares;
  }
}

const ALL_ALIKE = 'Nothing can be explained: the forest predicts the same result everywhere.';
