import { Option, type Command } from 'commander';
import { askTrial, loadStudyWithSpec, parseSearchSpace, tellTrial } from '../services/ask-tell.ts';
import { setLogger } from '../tuner/logger.ts';
import { createStudy } from '../tuner/study/study.ts';
import { studyDirections, type StudyDirection } from '../tuner/study/direction.ts';
import type { TrialState } from '../tuner/trial/frozen-trial.ts';
import { printJson, withStorage, type StorageOption } from './context.ts';
import { toPlain } from './studies.ts';
import { json, nonNegativeInteger, numbers } from './values.ts';

interface AskFlags extends StorageOption {
  searchSpace?: string;
  sampler?: string;
  samplerOptions: Record<string, unknown>;
  direction?: StudyDirection;
  json?: boolean;
}

interface TellFlags extends StorageOption {
  trial: number;
  values?: number[];
  state?: TrialState;
  skipIfFinished?: boolean;
  json?: boolean;
}

export function addAskTellCommands(program: Command): void {
  program
    .command('ask')
    .summary('start a trial that is computed elsewhere')
    .description('Starts a trial that is computed elsewhere, and prints its number and parameters.')
    .argument('<study>', "the study's name")
    .option('--storage <file>', "SQLite file (default: the library's own file)")
    .option(
      '--search-space <json>',
      'parameters to suggest, as Optuna writes them: {"x": {"name": "FloatDistribution", "attributes": {"low": 0, "high": 1}}}',
    )
    .option('--sampler <name>', "default: the spec's, else auto")
    .option('--sampler-options <json>', "the sampler's options", json, {})
    .addOption(
      new Option('--direction <direction>', 'create the study with it when it is missing').choices(
        studyDirections,
      ),
    )
    .option('--json', 'print JSON on stdout')
    .action(async (studyName: string, flags: AskFlags) => {
      await withStorage(
        flags,
        async (storage) => {
          if (flags.direction)
            await createStudy({
              storage,
              studyName,
              direction: flags.direction,
              loadIfExists: true,
            });
          const sampler = flags.sampler
            ? {
                type: flags.sampler,
                options: flags.samplerOptions,
              }
            : undefined;
          const study = await loadStudyWithSpec(storage, studyName, sampler);
          const trial = await askTrial(
            study,
            flags.searchSpace ? parseSearchSpace(flags.searchSpace) : {},
          );
          if (flags.json) printJson({ number: trial.number, params: trial.params });
          else console.log(`${trial.number}  ${JSON.stringify(trial.params)}`);
        },
        { create: flags.direction !== undefined },
      );
    });

  program
    .command('tell')
    .summary('end a trial that ask started')
    .description('Ends a trial that ask started.')
    .argument('<study>', "the study's name")
    .requiredOption('--trial <number>', "the trial's number", nonNegativeInteger)
    .option('--storage <file>', "SQLite file (default: the library's own file)")
    .option('--values <numbers...>', 'one number per objective', numbers)
    .addOption(
      new Option(
        '--state <state>',
        'default: complete, or fail where the values are not one number per objective',
      ).choices(['complete', 'pruned', 'fail']),
    )
    .option('--skip-if-finished', 'do nothing when the trial has ended already')
    .option('--json', 'print JSON on stdout')
    .action(async (studyName: string, flags: TellFlags) => {
      // Why a trial was failed that should have been complete.
      setLogger({ info: () => {}, warn: (message) => console.error(`Warning: ${message}`) });
      await withStorage(flags, async (storage) => {
        const study = await loadStudyWithSpec(storage, studyName);
        const trial = await tellTrial(study, flags.trial, flags.values ?? null, {
          state: flags.state,
          skipIfFinished: flags.skipIfFinished,
        });
        if (flags.json) printJson(toPlain(trial));
        else console.log(`Trial ${trial.number} is ${trial.state}.`);
      });
    });
}
