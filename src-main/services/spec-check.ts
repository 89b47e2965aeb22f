import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  specParts,
  type SpecCheck,
  type SpecDataFacts,
  type SpecProblem,
} from '../contract/specs.ts';
import type { DataPart, Dataset } from '../training/datasets/dataset.ts';
import { countFolds } from '../training/datasets/folds.ts';
import { loadDataset } from '../training/datasets/prepare.ts';
import type { TableTaskOptions } from '../training/datasets/table-thread.ts';
import { messageOf, SpecError } from '../training/errors.ts';
import { upperBound } from '../training/hyperparameter.ts';
import { objectivesOf } from '../training/objectives-of.ts';
import { countParameters } from '../training/plan.ts';
import { declaredSpace, searchSpaceOf } from '../training/search-space.ts';
import { parseSpec, type NetworkStudySpec, type StudySpec } from '../training/spec.ts';
import { isProgramStudy } from '../training/spec/kinds.ts';
import type { ProgramStudySpec } from '../training/spec/program.ts';
import { toYaml, withoutDefaults } from '../training/spec-text.ts';
import { largestPlan } from '../training/suggest-plan.ts';
import { builtinTables } from '../training/vocabulary.ts';
import { TunerError } from '../tuner/errors.ts';
import { tellProgress } from './data.ts';
import type { EventHub } from './events.ts';
import { quoteArgument } from './quote-argument.ts';
import { samplerIssues } from './sampler-issues.ts';
import { SharedReading } from './shared-reading.ts';

type Input = Readonly<Record<string, unknown>>;

/** Validation rows below which a metric of shares moves in steps that are worth a warning. */
const FEW_ROWS = 100;

/** Checks specs; the last table is kept, so that a change elsewhere in the spec does not read it again. */
export class SpecChecker {
  readonly #hub: EventHub;
  #last: { readonly key: string; readonly reading: SharedReading<Dataset | Error> } | null = null;

  /** @param hub Is told how far the reading of a table is. */
  constructor(hub: EventHub) {
    this.#hub = hub;
  }

  /**
   * @param storageId The file that the study would be kept in; null: the library's own.
   * @throws The signal's reason when that is aborted.
   */
  async check(input: Input, storageId: string | null, signal: AbortSignal): Promise<SpecCheck> {
    const { spec, issues } = parse(input);
    if (spec && isProgramStudy(spec)) return checkProgram(spec, input, storageId);
    const forData = spec ?? networkOf(parse(onlyData(input)).spec);
    const outcome = forData && (await this.dataset(forData, signal));
    const dataset = outcome instanceof Error ? null : outcome;
    if (outcome instanceof Error) {
      if (!(outcome instanceof TunerError)) throw outcome;
      issues.push({ path: placeOf(outcome.message), message: outcome.message });
    }
    const space = spec && dataset && (await searchSpaceOf(spec, dataset));
    if (spec && space) issues.push(...samplerIssues(spec, space.params, space.nCombinations));
    return {
      issues,
      warnings: dataset ? warningsOf(spec, dataset, space?.nCombinations ?? null) : [],
      data: dataset && factsOf(dataset),
      space: space?.params ?? [],
      result:
        spec && space && issues.length === 0
          ? {
              spec: JSON.parse(JSON.stringify(spec)) as Record<string, unknown>,
              nCombinations: space.nCombinations,
              maxParameters: countParameters((await largestPlan(spec, dataset)).network),
              maxEpochs:
                spec.stop.trials === undefined
                  ? null
                  : spec.stop.trials * upperBound(spec.training.epochs) * countFolds(dataset),
              yaml: toYaml(withoutDefaults(input)),
              commandLine: commandLine(spec.name, storageId),
            }
          : null,
    };
  }

  /**
   * The spec's table made ready, or why it cannot be.
   *
   * @throws The signal's reason when that is aborted.
   */
  dataset(spec: NetworkStudySpec, signal: AbortSignal): Promise<Dataset | Error> {
    const { data } = spec;
    const isBuiltIn = (builtinTables as readonly string[]).includes(data.table);
    const key = JSON.stringify([
      data,
      spec.training.loss?.classWeights,
      isBuiltIn ? null : stampOf(resolve(data.table)),
    ]);
    if (this.#last?.key !== key || this.#last.reading.isGivenUp) {
      const onProgress = tellProgress(this.#hub, data.table);
      const reading = new SharedReading((given) => load(spec, { signal: given, onProgress }));
      this.#last = { key, reading };
    }
    return this.#last.reading.wait(signal);
  }
}

function networkOf(spec: StudySpec | null): NetworkStudySpec | null {
  return spec && !isProgramStudy(spec) ? spec : null;
}

/** A study of an own objective has no table, and its parameters are those it declares. */
function checkProgram(spec: ProgramStudySpec, input: Input, storageId: string | null): SpecCheck {
  const { params: space, nCombinations } = declaredSpace(spec.space);
  const issues = samplerIssues(spec, space, nCombinations);
  return {
    issues,
    warnings: stopWarnings(spec, nCombinations),
    data: null,
    space,
    result:
      issues.length > 0
        ? null
        : {
            spec: JSON.parse(JSON.stringify(spec)) as Record<string, unknown>,
            nCombinations,
            maxParameters: 0,
            maxEpochs: null,
            yaml: toYaml(withoutDefaults(input)),
            commandLine: commandLine(spec.name, storageId),
          },
  };
}

async function load(spec: NetworkStudySpec, options: TableTaskOptions): Promise<Dataset | Error> {
  try {
    return await loadDataset({ spec, baseDir: process.cwd() }, options);
  } catch (error) {
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}

/** Changes when the file does. */
function stampOf(path: string): string | null {
  try {
    const { mtimeMs, size } = statSync(path);
    return `${mtimeMs} ${size}`;
  } catch {
    return null;
  }
}

function parse(input: Input): { spec: StudySpec | null; issues: SpecProblem[] } {
  try {
    return { spec: parseSpec(input), issues: [] };
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    return {
      spec: null,
      issues: error.issues.map(({ path, message }) => ({ path: keysOf(path), message })),
    };
  }
}

/** `training.optimizer.learningRate.float[1]` as keys and places. */
function keysOf(path: string): (string | number)[] {
  return path
    .split(/\.|(?=\[)/)
    .filter((key) => key !== '')
    .map((key) => (/^\[\d+\]$/.test(key) ? Number(key.slice(1, -1)) : key));
}

/** A spec whose table can be read while other sections are not right yet. */
export function onlyData({ data }: Input): Input {
  return {
    name: 'data',
    data,
    network: { depth: 0, width: 1 },
    training: { optimizer: { type: 'adam', learningRate: 0.1 }, epochs: 1 },
  };
}

/** The setting that a message about a table speaks of. */
function placeOf(message: string): string[] {
  const named = [...message.matchAll(/`(data(?:\.\w+)+|training\.loss\.classWeights)`/g)].map(
    ([, path]) => (path as string).split('.'),
  );
  const missing = named.find(([, key]) => key === 'missing');
  if (missing) return missing;
  if (/split/i.test(message)) return ['data', 'split'];
  return named[0] ?? ['data', 'table'];
}

function warningsOf(
  spec: NetworkStudySpec | null,
  dataset: Dataset,
  nCombinations: number | null,
): SpecProblem[] {
  const warnings: SpecProblem[] = [];
  const warn = (path: SpecProblem['path'], message: string): void => {
    warnings.push({ path, message });
  };
  for (const message of dataset.warnings) warn(['data'], shortened(message));
  const { train, validation, test, classes } = dataset;
  if (test.nRows === 0)
    warn(
      ['data', 'split'],
      'There are no test rows. The best validation score is chosen among many and so too good; only rows that tuning never saw tell how good the network is.',
    );
  if (!spec) return warnings;
  const [leading] = objectivesOf(spec);
  if (leading?.metric === 'accuracy' && validation.nRows < FEW_ROWS && countFolds(dataset) === 1)
    warn(
      ['data', 'split'],
      `With ${validation.nRows} validation rows accuracy moves in steps of 1/${validation.nRows}: many trials will share the best value, and small differences are luck.`,
    );
  if (leading?.metric === 'accuracy' && classes) {
    const largest = classes.reduce((best, one) => (one.nTrainRows > best.nTrainRows ? one : best));
    const share = largest.nTrainRows / train.nRows;
    if (classes.length > 1 && share > 0.75)
      warn(
        ['objective'],
        `${Math.round(share * 100)} % of the rows are of the class "${largest.name}": a network that always says so has that accuracy. Balanced accuracy or F1 see through it.`,
      );
  }
  if (leading?.value === 'last' && spec.training.earlyStopping)
    warn(
      ['objective'],
      'Training stops early when it has become worse for a while, and the value is that of the last epoch: one that was worse. Take that of the best one (`value: best`), or leave early stopping out.',
    );
  const batch = upperBound(spec.training.batchSize);
  if (batch > train.nRows)
    warn(
      ['training', 'batchSize'],
      `Batches of up to ${batch} rows are more than the ${train.nRows} training rows, so an epoch may be a single step.`,
    );
  if (spec.data.scaling.fit === 'all')
    warn(
      ['data', 'scaling', 'fit'],
      'Scaling is measured on validation and test rows too. That leaks what they look like, so scores come out too good.',
    );
  warnings.push(...stopWarnings(spec, nCombinations));
  return warnings;
}

function stopWarnings({ stop }: StudySpec, nCombinations: number | null): SpecProblem[] {
  const warnings: SpecProblem[] = [];
  const { trials, timeoutS, target, noImprovementTrials, rules } = stop;
  const others = [trials, timeoutS, target, noImprovementTrials];
  if (rules.length === 0 && others.every((rule) => rule === undefined))
    warnings.push({
      path: ['stop', 'trials'],
      message: 'Nothing ends this study: it runs until you stop it.',
    });
  if (trials !== undefined && nCombinations !== null && nCombinations < trials)
    warnings.push({
      path: ['stop', 'trials'],
      message: `There are ${nCombinations} combinations only, fewer than the ${trials} trials asked for.`,
    });
  return warnings;
}

/** Messages that list values can be long. */
function shortened(message: string): string {
  return message.length <= 320 ? message : `${message.slice(0, 200)} … ${message.slice(-100)}`;
}

function factsOf({
  train,
  validation,
  test,
  nFeatures,
  nOutputs,
  classes,
}: Dataset): SpecDataFacts {
  const parts = { train, validation, test };
  const counts = (part: DataPart): number[] => {
    const perClass = new Array<number>(classes?.length ?? 0).fill(0);
    for (const target of part.targets) perClass[target] = (perClass[target] ?? 0) + 1;
    return perClass;
  };
  const perPart = specParts.map((part) => counts(parts[part]));
  const byPart = (count: (part: number) => number): SpecDataFacts['nRows'] => ({
    train: count(0),
    validation: count(1),
    test: count(2),
  });
  return {
    nRows: byPart((part) => parts[specParts[part] ?? 'train'].nRows),
    nFeatures,
    nOutputs,
    classes:
      classes?.map(({ name }, i) => ({ name, nRows: byPart((part) => perPart[part]?.[i] ?? 0) })) ??
      null,
  };
}

function commandLine(name: string, storageId: string | null): string {
  const file = `${name.replaceAll(/[^\w.-]+/g, '_')}.yaml`;
  const storage = storageId === null ? '' : ` --storage ${quoteArgument(storageId)}`;
  return `npx parzen run ${quoteArgument(file)}${storage}`;
}
