import type { ColumnImportance } from '../../contract/evaluation.ts';
import type { Rng } from '../../tuner/math/rng.ts';
import { shuffle } from '../../tuner/math/rng.ts';

/** The features that a column of the table became. */
export interface FeatureBlock {
  readonly column: string;
  /** Places within a row of features. */
  readonly features: readonly number[];
}

/**
 * What each column is worth to the model (Breiman 2001; Fisher, Rudin and Dominici 2019): a column's values change places at random, all its
 * features together, and what the score loses is what the model took from it. Columns that say the same share what they are worth.
 *
 * @param features nRows x nFeatures, row-major.
 * @param score Of rows with these features; higher is better.
 * @returns The most important first.
 */
export async function permutationImportance(options: {
  readonly features: Float32Array;
  readonly nFeatures: number;
  readonly blocks: readonly FeatureBlock[];
  readonly score: (features: Float32Array) => number | Promise<number>;
  readonly nRepeats: number;
  readonly rng: Rng;
  /** Told after every column. */
  readonly onProgress?: () => void;
}): Promise<ColumnImportance[]> {
  const { features, nFeatures, blocks, score, nRepeats, rng, onProgress } = options;
  const nRows = features.length / nFeatures;
  const order = Int32Array.from({ length: nRows }, (_, row) => row);
  const whole = await score(features);
  const permuted = features.slice();
  const importances: ColumnImportance[] = [];
  for (const block of blocks) {
    const drops: number[] = [];
    for (let repeat = 0; repeat < nRepeats; repeat++) {
      shuffle(order, rng);
      for (const place of block.features)
        for (let row = 0; row < nRows; row++)
          permuted[row * nFeatures + place] = features[
            (order[row] as number) * nFeatures + place
          ] as number;
      drops.push(whole - (await score(permuted)));
    }
    for (const place of block.features)
      for (let i = place; i < features.length; i += nFeatures) permuted[i] = features[i] as number;
    const drop = drops.reduce((sum, value) => sum + value, 0) / nRepeats;
    const variance = drops.reduce((sum, value) => sum + (value - drop) ** 2, 0) / nRepeats;
    importances.push({ column: block.column, drop, deviation: Math.sqrt(variance) });
    onProgress?.();
  }
  return importances.sort((a, b) => b.drop - a.drop);
}
