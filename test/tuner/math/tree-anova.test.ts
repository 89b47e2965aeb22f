import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodedColumns,
  ForestGrower,
  type ForestColumn,
  type RegressionTree,
} from '../../../src-main/tuner/math/regression-forest.ts';
import { createRng } from '../../../src-main/tuner/math/rng.ts';
import { TreeAnova, type Box } from '../../../src-main/tuner/math/tree-anova.ts';
import { readReferenceJson } from '../../helpers/reference.ts';

interface ReferenceTree {
  children_left: number[];
  children_right: number[];
  feature: number[];
  threshold: number[];
  value: number[];
  tree_variance: number;
  marginal_variance: Record<string, number>;
}

interface ReferenceForest {
  param_order: string[];
  bounds: [number, number][];
  column_to_encoded_columns: number[][];
  trees: ReferenceTree[];
  importance_mean_std: Record<string, [number, number]>;
}

const { FLAT30: forest } = readReferenceJson<{ FLAT30: ReferenceForest }>(
  'optuna-5.0/fanova_trees.json',
);
const forestBox: Box = {
  lows: forest.bounds.map(([low]) => low),
  highs: forest.bounds.map(([, high]) => high),
};

function toTree(tree: ReferenceTree): RegressionTree {
  return {
    nNodes: tree.feature.length,
    columns: Int32Array.from(tree.feature),
    thresholds: Float64Array.from(tree.threshold),
    left: Int32Array.from(tree.children_left),
    right: Int32Array.from(tree.children_right),
    values: Float64Array.from(tree.value),
  };
}

/** Of all boxes that the cuts of the columns make, by visiting the tree for each: what the class does not do. */
function variancesByEnumeration(
  tree: RegressionTree,
  { lows, highs }: Box,
): (group: number[]) => number {
  const edges = Array.from(lows, (low, column) => {
    const cuts = new Set<number>();
    for (let node = 0; node < tree.nNodes; node++)
      if (tree.columns[node] === column) cuts.add(tree.thresholds[node] as number);
    return [low, ...[...cuts].sort((a, b) => a - b), highs[column] as number];
  });
  const predict = (point: readonly number[]): number => {
    let node = 0;
    for (;;) {
      const column = tree.columns[node] as number;
      if (column < 0) return tree.values[node] as number;
      const isLeft = (point[column] as number) <= (tree.thresholds[node] as number);
      node = (isLeft ? tree.left : tree.right)[node] as number;
    }
  };
  const cells = (columns: readonly number[]): { point: number[]; volume: number }[] =>
    columns.reduce<{ point: number[]; volume: number }[]>(
      (all, column) => {
        const places = edges[column] as number[];
        const length = (highs[column] as number) - (lows[column] as number);
        return all.flatMap(({ point, volume }) =>
          places.slice(1).map((edge, i) => {
            const next = [...point];
            next[column] = (edge + (places[i] as number)) / 2;
            return { point: next, volume: (volume * (edge - (places[i] as number))) / length };
          }),
        );
      },
      [{ point: [], volume: 1 }],
    );
  const mean = (values: readonly { value: number; volume: number }[]): number =>
    values.reduce((sum, { value, volume }) => sum + value * volume, 0);
  return (group) => {
    const others = edges.map((_, column) => column).filter((column) => !group.includes(column));
    const rest = cells(others);
    const marginals = cells(group).map(({ point, volume }) => ({
      volume,
      value: mean(
        rest.map((other) => ({
          volume: other.volume,
          value: predict(edges.map((_, column) => other.point[column] ?? point[column] ?? NaN)),
        })),
      ),
    }));
    const centre = mean(marginals);
    return mean(marginals.map(({ value, volume }) => ({ value: (value - centre) ** 2, volume })));
  };
}

describe('TreeAnova', () => {
  it('gives the variances that Optuna computes for the same trees', () => {
    for (const reference of forest.trees) {
      const anova = new TreeAnova(toTree(reference), forestBox);
      expect(anova.variance / reference.tree_variance).toBeCloseTo(1, 12);
      forest.param_order.forEach((name, i) =>
        expect(
          anova.marginalVariance(forest.column_to_encoded_columns[i] as number[]) / anova.variance,
        ).toBeCloseTo((reference.marginal_variance[name] as number) / reference.tree_variance, 12),
      );
    }
  });

  it('gives the importances of the forest as means over its trees', () => {
    const anovas = forest.trees.map((tree) => new TreeAnova(toTree(tree), forestBox));
    forest.param_order.forEach((name, i) => {
      const shares = anovas.map(
        (anova) =>
          anova.marginalVariance(forest.column_to_encoded_columns[i] as number[]) / anova.variance,
      );
      const [mean] = forest.importance_mean_std[name] as [number, number];
      expect(shares.reduce((sum, share) => sum + share, 0) / shares.length).toBeCloseTo(mean, 12);
    });
  });

  it('agrees with the enumeration of all boxes, for one column and for two', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 30 }),
        fc.integer({ min: 2, max: 9 }),
        (seed, n) => {
          const rng = createRng(seed);
          const columns: ForestColumn[] = [
            {
              type: 'numbers',
              values: Float64Array.from({ length: n }, () => rng.uniform() * 3 - 1),
            },
            {
              type: 'choices',
              values: Float64Array.from({ length: n }, () => rng.integer(3)),
              nChoices: 3,
            },
            { type: 'numbers', values: Float64Array.from({ length: n }, () => rng.integer(4)) },
            {
              type: 'choices',
              values: Float64Array.from({ length: n }, () => rng.integer(2)),
              nChoices: 2,
            },
          ];
          const box = { lows: [-1, 0, 0, 0, 0, 0, 0], highs: [2, 1, 1, 1, 3, 1, 1] };
          const targets = Float64Array.from({ length: n }, () => rng.normal());
          const { tree } = new ForestGrower(columns, targets, { maxDepth: 64 }).grow(rng);
          const anova = new TreeAnova(tree, box);
          const expected = variancesByEnumeration(tree, box);
          const groups = encodedColumns(columns);
          for (const [i, a] of groups.entries()) {
            expect(anova.marginalVariance(a)).toBeCloseTo(expected(a), 10);
            for (const b of groups.slice(i + 1))
              expect(anova.marginalVariance([...a, ...b])).toBeCloseTo(expected([...a, ...b]), 10);
          }
          expect(anova.variance).toBeCloseTo(expected([0, 1, 2, 3, 4, 5, 6]), 10);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('finds no variance in a tree that is one leaf', () => {
    const leaf: RegressionTree = {
      nNodes: 1,
      columns: Int32Array.of(-1),
      thresholds: Float64Array.of(0),
      left: Int32Array.of(0),
      right: Int32Array.of(0),
      values: Float64Array.of(7),
    };
    const anova = new TreeAnova(leaf, { lows: [0], highs: [1] });
    expect(anova.variance).toBe(0);
    expect(anova.marginalVariance([0])).toBe(0);
  });

  it('stays finite where the range of a column is beyond what a double holds', () => {
    const n = 40;
    const rng = createRng(3);
    const values = Float64Array.from({ length: n }, () => (rng.uniform() * 2 - 1) * 1.7e308);
    const targets = values.map((value) => (value > 0 ? 1 : 0));
    const grower = new ForestGrower([{ type: 'numbers', values }], targets, { maxDepth: 64 });
    const anova = new TreeAnova(grower.grow(rng).tree, { lows: [-1.7e308], highs: [1.7e308] });
    expect(anova.marginalVariance([0]) / anova.variance).toBeCloseTo(1, 10);
  });
});
