/**
 * What the evaluators with a random forest share: their options, which parameters and trials they can take, and the forest.
 */
import { createBreather } from '../breather.ts';
import { isSingle, type Distribution } from '../distributions.ts';
import { InvalidArgumentError } from '../errors.ts';
import {
  ForestGrower,
  encodedColumns,
  type ForestColumn,
  type GrownTree,
} from '../math/regression-forest.ts';
import { createRng } from '../math/rng.ts';
import type { Box } from '../math/tree-anova.ts';
import type { OptionSpec } from '../options.ts';
import type { Importance } from './evaluator.ts';
import type { ImportanceColumn, ImportanceData } from './importance-data.ts';

export interface ForestOptions {
  /** @default 64 */
  nTrees?: number;
  /** Levels of a tree below its root. @default 64 */
  maxDepth?: number;
  /** The same seed gives the same forest. @default 0 */
  seed?: number;
}

export const forestOptions: readonly OptionSpec[] = [
  {
    type: 'number',
    name: 'nTrees',
    title: 'Trees',
    description: 'More trees give steadier numbers and take longer.',
    isInteger: true,
    min: 1,
    max: 10_000,
    default: 64,
  },
  {
    type: 'number',
    name: 'maxDepth',
    title: 'Depth',
    description: 'Levels of a tree below its root.',
    isInteger: true,
    min: 1,
    max: 1000,
    default: 64,
  },
  {
    type: 'number',
    name: 'seed',
    title: 'Seed',
    description: 'The same seed gives the same forest.',
    isInteger: true,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    default: 0,
  },
];

/** The trials a forest learns from, with the parameters that vary. */
export interface ForestData {
  /** Parameters assessed, with more than one possible value. */
  readonly names: readonly string[];
  /** Parameters assessed that have one possible value: nothing can depend on them. */
  readonly constants: readonly string[];
  readonly columns: readonly ForestColumn[];
  /** By parameter of `names`. */
  readonly encoded: readonly (readonly number[])[];
  readonly box: Box;
  readonly targets: Float64Array;
  readonly notes: readonly string[];
}

/**
 * Without `params`: those that all trials have, always with the same distribution. With them: the trials that have all of them.
 * Values are taken as they are, not their logarithms, as Optuna does (`transform_log=False`).
 *
 * @throws InvalidArgumentError when no trial has all of `params`, one of them changes its distribution, or there are several targets.
 */
export function collectForestData(
  evaluator: string,
  data: ImportanceData,
  params: readonly string[] | null,
): ForestData {
  if (data.nTargets > 1)
    throw new InvalidArgumentError(
      `${evaluator} takes one target, but the study has ${data.nTargets} objectives. Choose one of them.`,
    );
  const rows = params === null ? allRows(data) : rowsWith(data, params);
  const assessed = params ?? [...data.params.keys()].filter((name) => isInAll(data, name));
  const leftOut =
    params === null ? [...data.params.keys()].filter((name) => !assessed.includes(name)) : [];
  const distributionOf = (name: string): Distribution => {
    const { distributionIds, distributions } = data.params.get(name) as ImportanceColumn;
    return distributions[distributionIds[rows[0] as number] as number] as Distribution;
  };
  const names = assessed.filter((name) => !isSingle(distributionOf(name)));
  const columns = names.map((name): ForestColumn => {
    const distribution = distributionOf(name);
    const column = data.params.get(name) as ImportanceColumn;
    const values = Float64Array.from(rows, (row) => column.values[row] as number);
    return distribution.type === 'categorical'
      ? { type: 'choices', values, nChoices: distribution.choices.length }
      : { type: 'numbers', values };
  });
  return {
    names,
    constants: assessed.filter((name) => !names.includes(name)),
    columns,
    encoded: encodedColumns(columns),
    box: boxOf(names.map(distributionOf)),
    targets: Float64Array.from(rows, (row) => data.losses[row] as number),
    notes:
      leftOut.length === 0
        ? []
        : [
            `Left out, as not all trials have them with the same distribution: ${leftOut.join(', ')}. PED-ANOVA assesses such parameters too.`,
          ],
  };
}

/** Grows the trees one by one; other work of the process goes on in between. */
export async function* growForest(
  { columns, targets }: ForestData,
  { nTrees, maxDepth, seed }: Required<ForestOptions>,
): AsyncGenerator<GrownTree> {
  const grower = new ForestGrower(columns, targets, { maxDepth });
  const breathe = createBreather();
  for (let i = 0; i < nTrees; i++) {
    yield grower.grow(createRng(seed, 'importance forest', i));
    await breathe();
  }
}

/** Mean and standard deviation of what the trees say. */
export function overTrees(params: readonly string[], shares: readonly number[]): Importance {
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length;
  return { params, importance: Math.max(0, mean), deviation: Math.sqrt(variance) };
}

function allRows({ nTrials }: ImportanceData): number[] {
  return Array.from({ length: nTrials }, (_, row) => row);
}

function isInAll({ params }: ImportanceData, name: string): boolean {
  const ids = params.get(name)?.distributionIds;
  return ids !== undefined && ids.every((id) => id >= 0 && id === ids[0]);
}

function rowsWith(data: ImportanceData, names: readonly string[]): number[] {
  const rows = allRows(data).filter((row) =>
    names.every((name) => (data.params.get(name)?.distributionIds[row] ?? -1) >= 0),
  );
  const [first] = rows;
  if (first === undefined)
    throw new InvalidArgumentError(
      `At least one complete trial must have all of ${names.join(', ')}, but none has.`,
    );
  for (const name of names) {
    const ids = data.params.get(name)?.distributionIds;
    if (rows.some((row) => ids?.[row] !== ids?.[first]))
      throw new InvalidArgumentError(
        `"${name}" must have the same distribution in all trials to be assessed by a forest, but it changes. Use PED-ANOVA.`,
      );
  }
  return rows;
}

function boxOf(distributions: readonly Distribution[]): Box {
  const lows: number[] = [];
  const highs: number[] = [];
  for (const distribution of distributions) {
    if (distribution.type === 'categorical') {
      for (let i = 0; i < distribution.choices.length; i++) {
        lows.push(0);
        highs.push(1);
      }
    } else {
      lows.push(distribution.low);
      highs.push(distribution.high);
    }
  }
  return { lows, highs };
}
