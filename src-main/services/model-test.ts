import type {
  ClassificationReport,
  ClassificationScore,
  RegressionScore,
} from '../contract/evaluation.ts';
import type { ScoreMetric, TestResult } from '../contract/models.ts';
import type { DataPart, Dataset } from '../training/datasets/dataset.ts';
import { targetsOf } from '../training/data-targets.ts';
import { widthOf } from '../training/datasets/encode.ts';
import { createPredictor, toTargetUnits } from '../training/predict.ts';
import type { SavedModel } from '../training/saved-model.ts';
import type { Metric } from '../training/vocabulary.ts';
import { metricDirections } from '../training/vocabulary.ts';
import { createRng, shuffle, type Rng } from '../tuner/math/rng.ts';
import { ServiceError } from './errors.ts';
import { classificationIntervals } from './evaluation/classification-intervals.ts';
import { classificationReport } from './evaluation/classification.ts';
import { permutationImportance, type FeatureBlock } from './evaluation/permutation-importance.ts';
import { regressionReport, regressionScores } from './evaluation/regression.ts';

type ClassMetric = 'accuracy' | Exclude<ClassificationScore, 'rocAuc'>;

/** The importance of columns is measured on at most so many rows, each time for every column. */
const IMPORTANCE_ROWS = 1000;
const IMPORTANCE_REPEATS = 5;

/**
 * How good networks together are on the test rows, and each alone.
 *
 * @param options.metric What each alone, and the columns, are measured by: the study's first objective.
 * @param options.onProgress Told after all together, after each network and after each column.
 * @throws ServiceError `NOT_AVAILABLE` where they do not answer with numbers.
 */
export async function testModels(
  models: readonly SavedModel[],
  dataset: Dataset,
  {
    metric,
    signal,
    onProgress,
  }: {
    metric: Metric;
    signal: AbortSignal;
    onProgress: (nDone: number, nTotal: number) => void;
  },
): Promise<Omit<TestResult, 'atMs' | 'choice' | 'look'>> {
  const { test, nOutputs, nFeatures } = dataset;
  const [first] = models as [SavedModel];
  const together = createPredictor(models);
  const blocks = featureBlocks(first);
  const scoreMetric = scoreMetricOf(metric, first);
  const score = (answers: Float64Array, targets: Float32Array): number =>
    scoreOf(scoreMetric, answers, targets, first);
  const sign = metricDirections[scoreMetric] === 'maximize' ? 1 : -1;
  const nTotal = 1 + models.length + blocks.length;
  let nDone = 0;
  const proceed = (): void => onProgress(++nDone, nTotal);
  try {
    const answers = await together.predict(test.features, signal);
    checkAnswers(answers, test.nRows);
    proceed();
    const memberScores: number[] = [];
    for (const model of models) {
      const alone = createPredictor([model]);
      memberScores.push(score(await alone.predict(test.features, signal), test.targets));
      alone.dispose();
      proceed();
    }
    const sample = sampleOf(test, createRng('importance', 'rows'));
    const importance = await permutationImportance({
      features: sample.features,
      nFeatures,
      blocks,
      score: async (features) =>
        sign * score(await together.predict(features, signal), sample.targets),
      nRepeats: IMPORTANCE_REPEATS,
      rng: createRng('importance'),
      onProgress: proceed,
    });
    const { classes } = first;
    return {
      nRows: test.nRows,
      classification: classes && classificationWithIntervals(answers, test.targets, classes),
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
      scoreMetric,
      memberScores,
      importance,
    };
  } finally {
    together.dispose();
  }
}

/** Training that diverged can leave a network whose answers are no numbers, and yet be complete with an accuracy. */
function checkAnswers(answers: Float64Array, nRows: number): void {
  const width = answers.length / nRows;
  let nWithout = 0;
  for (let row = 0; row < nRows; row++)
    if (!answers.subarray(row * width, (row + 1) * width).every(Number.isFinite)) nWithout++;
  if (nWithout > 0)
    throw new ServiceError(
      'NOT_AVAILABLE',
      `The answers to all test rows must be finite numbers, but those to ${nWithout} of ${nRows} are not: the training has diverged. Take the network of another trial, or train with a lower learning rate.`,
    );
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

function classificationWithIntervals(
  answers: Float64Array,
  targets: Float32Array,
  classes: readonly string[],
): ClassificationReport {
  const report = classificationReport(answers, targets, classes);
  const intervals = classificationIntervals(answers, targets, report, createRng('bootstrap'));
  return { ...report, intervals };
}

/** What training minimizes has weights and penalties in it that say nothing of a network: its plain kin stands for it. */
function scoreMetricOf(metric: Metric, { classes }: SavedModel): ScoreMetric {
  return metric === 'loss' ? (classes ? 'logLoss' : 'mse') : metric;
}

/** Several numbers to predict count alike, as in the search. */
function scoreOf(
  metric: ScoreMetric,
  answers: Float64Array,
  targets: Float32Array,
  model: SavedModel,
): number {
  const { classes, network } = model;
  if (classes) {
    const report = classificationReport(answers, targets, classes);
    // Where all rows are of one class, no row is told from another better than by chance.
    return metric === 'rocAuc' ? (report.rocAuc ?? 0.5) : report[metric as ClassMetric];
  }
  const actual = toTargetUnits(targets, model.targetScales);
  const scores = Array.from(
    { length: network.nOutputs },
    (_, output) =>
      regressionScores(
        column(answers, output, network.nOutputs),
        column(actual, output, network.nOutputs),
      )[metric as RegressionScore],
  );
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
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
