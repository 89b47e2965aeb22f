import type { Command } from 'commander';
import { Option } from 'commander';
import { trialsToCsv } from '../tuner/trials-csv.ts';
import { createStudy, deleteStudy } from '../tuner/study/study.ts';
import { studyDirections, type StudyDirection } from '../tuner/study/direction.ts';
import type { FrozenTrial } from '../tuner/trial/frozen-trial.ts';
import { failureOf } from '../services/failed-trials.ts';
import { writeWhole } from '../services/studies.ts';
import { findStudy, printJson, withStorage, type StorageOption } from './context.ts';
import { printable, printTable } from './table.ts';

interface JsonOption extends StorageOption {
  json?: boolean;
}

const storageOption = (): Option =>
  new Option('--storage <file>', "SQLite file (default: the library's own file)");
const jsonOption = (): Option => new Option('--json', 'print JSON on stdout');

export function addStudyCommands(program: Command): void {
  program
    .command('studies')
    .summary('list the studies of a file')
    .description('Lists the studies of a file.')
    .addOption(storageOption())
    .addOption(jsonOption())
    .action(async (flags: JsonOption) => {
      await withStorage(flags, async (_, { services }) => {
        const studies = (await services.library.studies()).filter(({ key }) =>
          flags.storage === undefined ? true : key.storageId !== ':memory:',
        );
        if (flags.json)
          printJson(
            studies.map(({ key: _key, run: _run, objectives, ...study }) => ({
              ...study,
              bestValues: objectives.map(({ bestValue }) => bestValue),
            })),
          );
        else
          printTable(
            ['name', 'direction', 'trials', 'complete', 'pruned', 'failed', 'best value', 'front'],
            studies.map(({ studyName, directions, counts, nFront, objectives }) => [
              studyName,
              directions.join(', '),
              Object.values(counts).reduce((sum, one) => sum + one, 0),
              counts.complete,
              counts.pruned,
              counts.fail,
              objectives.every(({ bestValue }) => bestValue === null)
                ? ''
                : objectives.map(({ bestValue }) => bestValue ?? '–').join(', '),
              nFront ?? '',
            ]),
          );
      });
    });

  program
    .command('trials')
    .summary('list the trials of a study')
    .description('Lists the trials of a study.')
    .argument('<study>', "the study's name")
    .option('--failed', 'only those that failed, and why')
    .addOption(storageOption())
    .addOption(jsonOption())
    .action(async (studyName: string, flags: JsonOption & { failed?: boolean }) => {
      await withStorage(flags, async (storage, { storageId }) => {
        const { studyId } = await findStudy(storage, storageId, studyName);
        const trials = await storage.getTrials(studyId, flags.failed ? ['fail'] : undefined);
        if (flags.json) printJson(trials.map(toPlain));
        else if (flags.failed) for (const trial of trials) printFailure(trial);
        else
          printTable(
            ['number', 'state', 'value', 'params'],
            trials.map((trial) => [
              trial.number,
              trial.state,
              trial.values?.join(', ') ?? '',
              JSON.stringify(trial.params),
            ]),
          );
      });
    });

  program
    .command('best-trial')
    .summary('show the best trial')
    .description(
      'Shows the best trial of a study; of a study with several objectives, those of the Pareto front.',
    )
    .argument('<study>', "the study's name")
    .addOption(storageOption())
    .addOption(jsonOption())
    .action(async (studyName: string, flags: JsonOption) => {
      await withStorage(flags, async (storage) => {
        const { loadStudyWithSpec } = await import('../services/ask-tell.ts');
        const study = await loadStudyWithSpec(storage, studyName);
        const best =
          study.directions.length === 1 ? [await study.bestTrial()] : await study.bestTrials();
        if (flags.json)
          printJson(
            study.directions.length === 1 ? toPlain(best[0] as FrozenTrial) : best.map(toPlain),
          );
        else
          for (const trial of best)
            console.log(
              printable(
                `Trial ${trial.number}: ${trial.values?.join(', ')}  ${JSON.stringify(trial.params)}`,
              ),
            );
      });
    });

  program
    .command('create-study')
    .summary('create an empty study')
    .description('Creates an empty study, to be filled with ask and tell or by Optuna.')
    .addOption(storageOption())
    .option('--name <study>', "the study's name (default: a unique one)")
    .addOption(new Option('--direction <direction>', 'default: minimize').choices(studyDirections))
    .addOption(
      new Option('--directions <directions...>', 'for several objectives')
        .choices(studyDirections)
        .conflicts('direction'),
    )
    .option('--skip-if-exists', 'do nothing when a study of that name exists')
    .addOption(jsonOption())
    .action(
      async (
        flags: JsonOption & {
          name?: string;
          direction?: StudyDirection;
          directions?: StudyDirection[];
          skipIfExists?: boolean;
        },
      ) => {
        await withStorage(
          flags,
          async (storage) => {
            const study = await createStudy({
              storage,
              studyName: flags.name,
              direction: flags.direction,
              directions: flags.directions,
              loadIfExists: flags.skipIfExists,
            });
            if (flags.json) printJson({ study: study.studyName, directions: study.directions });
            else console.log(study.studyName);
          },
          { create: true },
        );
      },
    );

  program
    .command('delete-study')
    .summary('delete a study')
    .description('Deletes a study with all its trials.')
    .argument('<study>', "the study's name")
    .addOption(storageOption())
    .addOption(jsonOption())
    .action(async (studyName: string, flags: JsonOption) => {
      await withStorage(flags, (storage) => deleteStudy(storage, studyName));
      if (flags.json) printJson({ deleted: studyName });
    });

  program
    .command('export')
    .summary('write a study as CSV')
    .description("Writes a study's trials as CSV, with the columns of Optuna's trials_dataframe.")
    .argument('<study>', "the study's name")
    .requiredOption('--csv <file>', 'where to; "-" is stdout')
    .option(
      '--guard-formulas',
      'put an apostrophe before text that a spreadsheet would run as a formula',
    )
    .addOption(storageOption())
    .addOption(jsonOption())
    .action(
      async (studyName: string, flags: JsonOption & { csv: string; guardFormulas?: boolean }) => {
        await withStorage(flags, async (storage, { storageId }) => {
          const { studyId } = await findStudy(storage, storageId, studyName);
          const trials = await storage.getTrials(studyId);
          const csv = trialsToCsv(await storage.getStudy(studyId), trials, {
            guardFormulas: flags.guardFormulas,
          });
          if (flags.csv === '-') process.stdout.write(csv);
          else await writeWhole(flags.csv, csv);
          if (flags.json && flags.csv !== '-')
            printJson({ study: studyName, csv: flags.csv, nTrials: trials.length });
        });
      },
    );
}

function printFailure(trial: FrozenTrial): void {
  const failure = failureOf(trial);
  const [message = '', ...more] = (failure?.message ?? 'an unknown error').split('\n');
  console.log(printable(`Trial ${trial.number}: ${message}`));
  for (const line of more) console.log(printable(line));
  console.log(printable(`  ${JSON.stringify(trial.params)}`));
  // The stack begins with the message.
  const [, ...frames] = failure?.stack?.split('\n') ?? [];
  const output = failure?.output?.split('\n') ?? [];
  for (const line of [...frames, ...(output.length > 0 ? ['It printed last:', ...output] : [])])
    console.log(printable(`  ${line}`));
}

/** A trial as `--json` prints it. */
export function toPlain(trial: FrozenTrial): Record<string, unknown> {
  return {
    number: trial.number,
    state: trial.state,
    values: trial.values,
    params: trial.params,
    startedAt: toIso(trial.startedAtMs),
    completedAt: toIso(trial.completedAtMs),
    intermediateValues: Object.fromEntries(trial.intermediateValues),
    userAttrs: trial.userAttrs,
    failure: failureOf(trial),
  };
}

function toIso(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}
