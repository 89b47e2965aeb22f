import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { Interval } from '../contract/evaluation.ts';
import type { StudyKey } from '../contract/library.ts';
import { exportFormats, trainingRows } from '../contract/models.ts';
import type {
  ExportFormat,
  ModelChoice,
  ModelJob,
  RetrainedModel,
  TestResult,
  TrainingRows,
} from '../contract/models.ts';
import { ServiceError, type ServiceErrorCode } from '../services/errors.ts';
import { writeWhole } from '../services/studies.ts';
import type { Services } from '../services/services.ts';
import { exitCodes, findStudy, printJson, withStorage, type StorageOption } from './context.ts';
import { printTable } from './table.ts';
import { count, nonNegativeInteger } from './values.ts';

interface ModelFlags extends StorageOption {
  json?: boolean;
}

interface RepeatFlags {
  top: number;
  seeds: number;
  trust?: boolean;
}

/** How a command line names a network. */
interface ChoiceFlags {
  trial?: number;
  ensemble?: number;
  retrained?: string;
}

export function addModelCommands(program: Command): void {
  addStudyArgument(
    program
      .command('retrain')
      .summary('train the best parameters again')
      .description(
        'Trains the parameters of the best trial again with five seeds and keeps the networks, which answer together. Where rows are split into folds, those of the better half of the trials, at most 25, that the folds hardly tell from the best, on the validation rows too. Says mean and spread of their values on the validation rows where these are left.',
      ),
  )
    .addOption(
      new Option('--trial <number>', 'another trial than the best')
        .argParser(nonNegativeInteger)
        .conflicts('top'),
    )
    .option('--top <n>', 'how many of the best trials', count)
    .option(
      '--seeds <n>',
      'networks to train of each (default: one to five, so that there are about ten in all where the trials are fewer)',
      count,
    )
    .addOption(
      new Option(
        '--rows <rows>',
        'what to train on; with the validation rows too, as long as was best in the search',
      ).choices(trainingRows),
    )
    .action(
      async (
        name: string,
        flags: ModelFlags & {
          trial?: number;
          top?: number;
          seeds?: number;
          rows?: TrainingRows;
        },
      ) => {
        await onStudy(name, flags, async (services, key) => {
          const job = await services.models.retrain(key, {
            trialNumber: flags.trial,
            nTrials: flags.top,
            rows: flags.rows,
            nSeeds: flags.seeds,
          });
          if (!(await finish(services, job.status))) return;
          const [model] = (await services.models.overview(key)).retrained;
          if (!model) return;
          if (flags.json) printJson(model);
          else {
            const { length: nNetworks } = model.members;
            console.log(
              `Retrained trial${model.trialNumbers.length === 1 ? '' : 's'} ${model.trialNumbers.join(', ')} as ${nNetworks} network${nNetworks === 1 ? '' : 's'}${model.mean === null ? `, for ${epochsOf(model)} epochs, as many as were best in the search: no rows are left to stop early on` : `: ${spread(model.mean, model.deviation ?? 0)} on the validation rows`}. Kept as ${model.id}.`,
            );
          }
        });
      },
    );

  addStudyArgument(
    program
      .command('repeat')
      .summary('run the best trials again with other seeds')
      .description(
        'Runs the best trials again, each with several seeds, and ranks them by the mean: what the best values owe to luck. Of several objectives the Pareto front comes first, and the first objective ranks. Objectives of your own are given other seeds too.',
      ),
  )
    .option('--top <n>', 'how many of the best trials', count, 5)
    .option('--seeds <n>', 'how often each', count, 5)
    .option('--trust', "run the study's own module or command although it is not known here")
    .action(async (name: string, flags: ModelFlags & RepeatFlags) => {
      await onStudy(name, flags, async (services, key) => {
        const job = await services.models.repeat(key, {
          nTrials: flags.top,
          nSeeds: flags.seeds,
          trust: flags.trust,
        });
        if (!(await finish(services, job.status))) return;
        const { repeated, candidates } = await services.models.overview(key);
        if (flags.json) printJson(repeated);
        else {
          printTable(
            ['trial', 'in the search', 'mean', 'deviation'],
            (repeated?.trials ?? []).map(({ trialNumber, firstValue, mean, deviation }) => [
              trialNumber,
              round(firstValue),
              round(mean),
              round(deviation),
            ]),
          );
          const nObjectives = candidates[0]?.values.length ?? 1;
          if (nObjectives > 1)
            console.log(
              `Ranked by ${repeated?.metric} alone, the first of ${nObjectives} objectives.`,
            );
        }
      });
    });

  addChoice(
    addStudyArgument(
      program
        .command('test')
        .summary('score a network on the test rows, once')
        .description(
          'Scores a network on the test rows, which tuning has never seen, and records that with the study. A further look needs --again, as who chooses among several gets a score that is too good.',
        ),
    ),
  )
    .option('--again', 'look although the test rows have been looked at before')
    .action(async (name: string, flags: ModelFlags & ChoiceFlags & { again?: boolean }) => {
      await onStudy(name, flags, async (services, key) => {
        const result = await services.models.test(key, await choiceOf(services, key, flags), {
          confirmSecondLook: flags.again,
          signal: new AbortController().signal,
        });
        if (flags.json) printJson(result);
        else printTest(result);
      });
    });

  addChoice(
    addStudyArgument(
      program
        .command('predict')
        .summary('predict the rows of a table')
        .description(
          'Prints the rows of a CSV file with predictions behind them, prepared as in training, as CSV. What is not as in training, such as unknown categories, is told on stderr.',
        ),
    ).argument('<table>', 'CSV file with the columns of the features'),
  )
    .option('--csv <file>', 'write to a file instead of stdout')
    .option(
      '--guard-formulas',
      'put an apostrophe before text that a spreadsheet would run as a formula',
    )
    .action(
      async (
        name: string,
        table: string,
        flags: ModelFlags & ChoiceFlags & { csv?: string; guardFormulas?: boolean },
      ) => {
        await onStudy(name, flags, async (services, key) => {
          const choice = await choiceOf(services, key, flags);
          const { csv, notes, nRows } = await services.models.predict(key, choice, table, {
            guardFormulas: flags.guardFormulas,
            signal: new AbortController().signal,
          });
          for (const note of notes) console.error(note);
          if (flags.csv === undefined) process.stdout.write(csv);
          else await writeWhole(flags.csv, csv);
          if (flags.json && flags.csv !== undefined) printJson({ nRows, csv: flags.csv, notes });
        });
      },
    );

  addChoice(
    addStudyArgument(
      program
        .command('export-model')
        .summary('save a network for use elsewhere')
        .description(
          'Saves a network with its preprocessing: as a script for Node without dependencies, as one for Python with PyTorch, as ONNX, as a layers model of TensorFlow.js, or as safetensors. ONNX and layers models take the features before scaling; the metadata of the one and inputs.json beside the other say what each is.',
        ),
    ).argument('<folder>', 'where to; made when it is missing'),
  )
    .addOption(
      new Option('--format <format>', 'what to save').choices(exportFormats).default('node'),
    )
    .action(
      async (
        name: string,
        folder: string,
        flags: ModelFlags & ChoiceFlags & { format: ExportFormat },
      ) => {
        await onStudy(name, flags, async (services, key) => {
          const choice = await choiceOf(services, key, flags);
          const files = await services.models.export(key, choice, flags.format);
          await mkdir(folder, { recursive: true });
          const paths = files.map((file) => join(folder, file.name));
          for (const [i, { content }] of files.entries())
            await writeFile(paths[i] as string, content);
          if (flags.json) printJson({ choice, files: paths });
          else for (const path of paths) console.log(path);
        });
      },
    );

  addStudyArgument(
    program
      .command('clean-models')
      .summary('delete networks that nothing refers to')
      .description('Deletes the networks beside a study file that no study of it refers to.'),
  )
    .option('--all', "delete the study's own networks too")
    .action(async (name: string, flags: ModelFlags & { all?: boolean }) => {
      await onStudy(name, flags, async (services, key) => {
        const removed = await services.models.clean(key, { all: flags.all });
        if (flags.json) printJson(removed);
        else console.log(`Deleted ${removed.nFiles} files, ${removed.sizeBytes} bytes.`);
      });
    });
}

function addStudyArgument(command: Command): Command {
  return command
    .argument('<study>', "the study's name")
    .option('--storage <file>', "SQLite file (default: the library's own file)")
    .option('--json', 'print JSON');
}

function addChoice(command: Command): Command {
  return command
    .addOption(
      new Option('--trial <number>', 'the network of this trial')
        .argParser(nonNegativeInteger)
        .conflicts(['ensemble', 'retrained']),
    )
    .addOption(
      new Option('--ensemble <n>', 'the networks of the n best trials together')
        .argParser(count)
        .conflicts(['trial', 'retrained']),
    )
    .addOption(
      new Option('--retrained <id>', 'networks that `parzen retrain` kept').conflicts([
        'trial',
        'ensemble',
      ]),
    );
}

async function choiceOf(
  services: Services,
  key: StudyKey,
  { trial, ensemble, retrained }: ChoiceFlags,
): Promise<ModelChoice> {
  if (trial !== undefined) return { type: 'trial', trialNumber: trial };
  if (retrained !== undefined) return { type: 'retrained', id: retrained };
  if (ensemble !== undefined && ensemble > 1) return { type: 'ensemble', size: ensemble };
  return services.models.defaultChoice(key);
}

async function onStudy(
  name: string,
  flags: ModelFlags,
  action: (services: Services, key: StudyKey) => Promise<void>,
): Promise<void> {
  await withStorage(flags, async (storage, { services, storageId }) =>
    action(services, await findStudy(storage, storageId, name)),
  ).catch((error: unknown) => {
    if (!(error instanceof ServiceError)) throw error;
    throw new ServiceError(error.code as ServiceErrorCode, withFlag(error), {
      details: error.details,
    });
  });
}

/** What says on the command line that something is wanted all the same, by the code of the refusal. */
const consents: Readonly<Record<string, string>> = {
  OBJECTIVE_NOT_TRUSTED: '--trust says so.',
  SECOND_LOOK: '--again says so.',
  DATA_CHANGED: '`parzen resume --accept-changed-data` says so.',
};

function withFlag({ code, message }: { code: string; message: string }): string {
  const flag = consents[code];
  return flag === undefined ? message : `${message} ${flag}`;
}

/** Waits, showing how far it is; Ctrl-C cancels. Whether it went well. */
async function finish(services: Services, { key, nTotal }: ModelJob): Promise<boolean> {
  const isTerminal = process.stderr.isTTY === true;
  const off = services.onEmit((event, payload) => {
    if (event !== 'model.changed' || !isTerminal) return;
    const { job } = payload as { job: ModelJob | null };
    process.stderr.write(`\r${job?.nDone ?? 0} of ${nTotal} networks`);
  });
  const interrupt = (): void => services.models.cancel(key);
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    const job = await services.models.ended(key);
    if (isTerminal) process.stderr.write('\r\x1b[2K');
    if (job?.state === 'done') return true;
    console.error(
      job?.state === 'cancelled'
        ? 'Cancelled; nothing was kept.'
        : `Training failed: ${job?.error ? withFlag(job.error) : ''}`,
    );
    process.exitCode = job?.state === 'cancelled' ? exitCodes.interrupted : exitCodes.failed;
    return false;
  } finally {
    off();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

function printTest(result: TestResult): void {
  const { look, nRows, classification, regression, scoreMetric, memberScores } = result;
  console.log(
    `${nRows} test rows, ${look === 0 ? 'looked at for the first time' : `look number ${look + 1}: chosen among several, a score is too good`}.`,
  );
  if (classification) {
    const { accuracy, accuracyInterval, intervals, calibrationError } = classification;
    const { balancedAccuracy, f1, rocAuc, logLoss } = classification;
    printTable(
      ['score', 'value', '95 % interval'],
      [
        ['accuracy', round(accuracy), within(accuracyInterval)],
        ['balanced accuracy', round(balancedAccuracy), within(intervals?.balancedAccuracy)],
        ['F1', round(f1), within(intervals?.f1)],
        ['ROC AUC', rocAuc === null ? 'not defined' : round(rocAuc), within(intervals?.rocAuc)],
        ['log loss', round(logLoss), within(intervals?.logLoss)],
        ['calibration error', round(calibrationError), ''],
      ],
    );
    printTable(
      ['class', 'precision', 'recall', 'F1', 'rows'],
      classification.classes.map((one) => [
        one.name,
        round(one.precision),
        round(one.recall),
        round(one.f1),
        one.support,
      ]),
    );
  }
  for (const { target, rmse, mae, mse, r2, intervals } of regression ?? [])
    printTable(
      [target, 'value', '95 % interval'],
      [
        ['RMSE', round(rmse), within(intervals.rmse)],
        ['MAE', round(mae), within(intervals.mae)],
        ['MSE', round(mse), within(intervals.mse)],
        ['R2', round(r2), within(intervals.r2)],
      ],
    );
  if (memberScores.length > 1) {
    const { length } = memberScores;
    const mean = memberScores.reduce((sum, score) => sum + score, 0) / length;
    console.log(
      `${length} networks together; ${scoreMetric ?? 'score'} of each alone: ${round(Math.min(...memberScores))} to ${round(Math.max(...memberScores))}, mean ${round(mean)}`,
    );
  }
}

/** That the networks were trained for: one number, or from the fewest to the most. */
function epochsOf({ members }: RetrainedModel): string {
  const numbers = members.map(({ nEpochs }) => nEpochs);
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  return least === most ? String(least) : `${least} to ${most}`;
}

function spread(mean: number, deviation: number): string {
  return `${round(mean)} ± ${round(deviation)}`;
}

function within(interval: Interval | null | undefined): string {
  return interval ? `${round(interval.low)} to ${round(interval.high)}` : '';
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
