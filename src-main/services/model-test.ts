import type { TestResult } from '../contract/models.ts';
import type { DataPart, Dataset } from '../training/datasets/dataset.ts';
import { targetsOf } from '../training/data-targets.ts';
import { widthOf } from '../training/datasets/encode.ts';
import { createPredictor, toTargetUnits } from '../training/predict.ts';
import type { SavedModel } from '../training/saved-model.ts';
import { createRng, shuffle, type Rng } from '../tuner/math/rng.ts';
import { classificationReport } from './evaluation/classification.ts';
import { permutationImportance, type FeatureBlock } from './evaluation/permutation-importance.ts';
import { regressionReport } from './evaluation/regression.ts';

/** The importance of columns is measured on at most so many rows, each time for every column. */
const IMPORTANCE_ROWS = 1000;
const IMPORTANCE_REPEATS = 5;

/**
 * How good networks together are on the test rows, and each alone.
 *
 * @param options.onProgress Told after all together, after each network and after each column.
 */
export async function testModels(
  models: readonly SavedModel[],
  dataset: Dataset,
  {
    signal,
    onProgress,
  }: { signal: AbortSignal; onProgress: (nDone: number, nTotal: number) => void },
): Promise<
  Pick<TestResult, 'nRows' | 'classification' | 'regression' | 'memberScores' | 'importance'>
> {
  const { test, nOutputs, nFeatures } = dataset;
  const [first] = models as [SavedModel];
  const together = createPredictor(models);
  const blocks = featureBlocks(first);
  const nTotal = 1 + models.length + blocks.length;
  let nDone = 0;
  const proceed = (): void => onProgress(++nDone, nTotal);
  try {
    const answers = await together.predict(test.features, signal);
    proceed();
    const memberScores: number[] = [];
    for (const model of models) {
      const alone = createPredictor([model]);
      memberScores.push(mainScore(await alone.predict(test.features, signal), test.targets, first));
      alone.dispose();
      proceed();
    }
    const sample = sampleOf(test, createRng('importance', 'rows'));
    const importance = await permutationImportance({
      features: sample.features,
      nFeatures,
      blocks,
      score: async (features) =>
        mainScore(await together.predict(features, signal), sample.targets, first),
      nRepeats: IMPORTANCE_REPEATS,
      rng: createRng('importance'),
      onProgress: proceed,
    });
    const { classes } = first;
    return {
      nRows: test.nRows,
      classification: classes && classificationReport(answers, test.targets, classes),
      regression: classes
        ? null
        : targetsOf(first).map((target, output) =>
            regressionReport(
              target,
              column(answers, output, nOutputs),
              column(toTargetUnits(test.targets, first.targetScales), output, nOutputs),
              createRng('bootstrap', output),
            ),
          ),
      memberScores,
      importance,
    };
  } finally {
    together.dispose();
  }
}

/** Rows from everywhere: a table is often ordered by what is to be predicted. */
function sampleOf(
  { nRows, features, targets }: DataPart,
  rng: Rng,
): Pick<DataPart, 'features' | 'targets'> {
  if (nRows <= IMPORTANCE_ROWS) return { features, targets };
  const order = Int32Array.from({ length: nRows }, (_, row) => row);
  shuffle(order, rng);
  const rows = order.subarray(0, IMPORTANCE_ROWS);
  const select = (from: Float32Array): Float32Array => {
    const width = from.length / nRows;
    const selected = new Float32Array(rows.length * width);
    rows.forEach((row, i) =>
      selected.set(from.subarray(row * width, (row + 1) * width), i * width),
    );
    return selected;
  };
  return { features: select(features), targets: select(targets) };
}

/** Accuracy, or the mean coefficient of determination of the targets. */
function mainScore(answers: Float64Array, targets: Float32Array, model: SavedModel): number {
  const { classes, network } = model;
  if (classes) return classificationReport(answers, targets, classes).accuracy;
  const actual = toTargetUnits(targets, model.targetScales);
  const scores = Array.from({ length: network.nOutputs }, (_, output) =>
    determination(
      column(answers, output, network.nOutputs),
      column(actual, output, network.nOutputs),
    ),
  );
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

function determination(predicted: Float64Array, actual: Float64Array): number {
  const mean = actual.reduce((sum, value) => sum + value, 0) / actual.length;
  const total = actual.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const errors = actual.reduce((sum, value, i) => sum + (value - (predicted[i] as number)) ** 2, 0);
  return total > 0 ? 1 - errors / total : errors === 0 ? 1 : 0;
}

function column(values: Float64Array, index: number, nColumns: number): Float64Array {
  return values.filter((_, i) => i % nColumns === index);
}

/** Which features each column of the table became. */
function featureBlocks({ encodings }: SavedModel): FeatureBlock[] {
  let start = 0;
  return encodings.map((encoding) => {
    const width = widthOf(encoding);
    const features = Array.from({ length: width }, (_, i) => start + i);
    start += width;
    return { column: encoding.column, features };
  });
}
