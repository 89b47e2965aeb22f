import type { Command } from 'commander';
import { importanceOf, replayOf, type Algorithm } from '../services/analysis.ts';
import { loadStudyWithSpec } from '../services/ask-tell.ts';
import type { Study } from '../tuner/study/study.ts';
import { improvementHistory } from '../tuner/terminators/improvement-history.ts';
import { importanceRows } from '../tuner/importance/importance-rows.ts';
import { printJson, withStorage, type StorageOption } from './context.ts';
import { printable, printTable } from './table.ts';
import { json, nonNegativeInteger } from './values.ts';

interface AnalysisFlags extends StorageOption {
  objective?: number;
  json?: boolean;
}

interface ImportanceFlags extends Omit<AnalysisFlags, 'objective'> {
  objective?: number | 'all';
  evaluator: string;
}

export function addAnalysisCommands(program: Command): void {
  program
    .command('importance')
    .summary('say which parameters matter')
    .description(
      'Says how much each parameter matters for the result, or why the trials cannot tell.',
    )
    .argument('<study>', "the study's name")
    .option('--storage <file>', "SQLite file (default: the library's own file)")
    .option('--evaluator <name>', 'ped-anova, fanova or mean-decrease-impurity', 'ped-anova')
    .option(
      '--objective <index>',
      'of several objectives, counted from 0, or "all": each in a column of its own (default: being on the Pareto front)',
      objectiveOrAll,
    )
    .option('--json', 'print JSON on stdout')
    .action(async (studyName: string, flags: ImportanceFlags) => {
      await withStorage(flags, async (storage) => {
        const study = await loadStudyWithSpec(storage, studyName);
        const evaluator = { type: flags.evaluator };
        if (flags.objective === 'all') {
          await printAllImportances(study, evaluator, flags.json ?? false);
          return;
        }
        const result = await importanceOf(study, { evaluator, objective: flags.objective });
        if (flags.json) printJson(result);
        else if (result.reason !== null) console.log(result.reason);
        else
          printTable(
            ['parameter', 'importance'],
            result.importances.map(({ param, importance }) => [param, importance.toFixed(4)]),
          );
        if (!flags.json) for (const note of result.notes) console.error(note);
      });
    });

  program
    .command('improvement')
    .summary('say how much better a study may still become')
    .description(
      'Says after each complete trial how much better than its best one the study might still have become, what is not worth the wait, and when a stop rule would have ended it.',
    )
    .argument('<study>', "the study's name")
    .option('--storage <file>', "SQLite file (default: the library's own file)")
    .option('--terminator <name>', 'regret-bound or emmr', 'regret-bound')
    .option(
      '--options <json>',
      'its options, such as {"error": "constant", "constant": 0.01}',
      json,
      {},
    )
    .option('--json', 'print JSON on stdout')
    .action(
      async (
        studyName: string,
        flags: AnalysisFlags & { terminator: string; options: Record<string, unknown> },
      ) => {
        await withStorage(flags, async (storage) => {
          const { terminator, options } = flags;
          const study = await loadStudyWithSpec(storage, studyName);
          const { trialNumbers, improvements, errors, endsAfter } = await improvementHistory(
            study,
            { terminator, options },
          );
          // JSON has no infinity; what could not be told is null.
          const told = (value: number): number | null => (Number.isFinite(value) ? value : null);
          const rows = Array.from(trialNumbers, (number, i) => ({
            number,
            improvement: told(improvements[i] as number),
            error: told(errors[i] as number),
          }));
          if (flags.json) {
            printJson({ endsAfter, trials: rows });
            return;
          }
          const shown = (value: number | null): string => value?.toPrecision(4) ?? '–';
          printTable(
            ['trial', 'improvement', 'not worth the wait'],
            rows.map(({ number, improvement, error }) => [
              number,
              shown(improvement),
              shown(error),
            ]),
          );
          console.log(
            endsAfter === null
              ? `"${terminator}" would go on.`
              : `"${terminator}" would have ended the study after trial ${endsAfter}.`,
          );
        });
      },
    );

  program
    .command('replay')
    .summary('say what another pruner would have done')
    .description(
      "Plays the recorded curves of a study's trials with another pruner: the reports it would have saved, and whether it would have cut the best trial.",
    )
    .argument('<study>', "the study's name")
    .requiredOption('--pruner <name>', 'median, percentile, hyperband, …')
    .option('--options <json>', 'the pruner\'s options, such as {"nStartupTrials": 5}', json, {})
    .option('--storage <file>', "SQLite file (default: the library's own file)")
    .option('--objective <index>', 'the objective that reports belong to', nonNegativeInteger)
    .option('--json', 'print JSON on stdout')
    .action(
      async (
        studyName: string,
        flags: AnalysisFlags & { pruner: string; options: Record<string, unknown> },
      ) => {
        await withStorage(flags, async (storage) => {
          const study = await loadStudyWithSpec(storage, studyName);
          const { trialNumbers, cutAtSteps, ...summary } = await replayOf(study, {
            pruner: { type: flags.pruner, options: flags.options },
            objective: flags.objective,
          });
          if (flags.json) {
            const cut = [...trialNumbers].flatMap((number, i) =>
              cutAtSteps[i] === -1 ? [] : [{ number, step: cutAtSteps[i] }],
            );
            printJson({ ...summary, cut });
            return;
          }
          console.log(
            `It would have cut ${summary.nCut} of ${trialNumbers.length} trials and saved ${summary.nReportsSaved} of ${summary.nReports} reports (${(100 * summary.savedShare).toFixed(1)} %).`,
          );
          for (const { before, after, isBestCut } of summary.objectives)
            if (before)
              console.log(
                isBestCut
                  ? `The best trial, ${before.number} with ${before.value}, would have been cut; ${after ? `trial ${after.number} with ${after.value} would have been the best` : 'none would have been left'}.`
                  : `The best trial, ${before.number} with ${before.value}, would have been kept.`,
              );
          if (summary.nUnknown > 0)
            console.log(
              `${summary.nUnknown} trials that were pruned would have gone on; how, nobody knows.`,
            );
        });
      },
    );
}

function objectiveOrAll(text: string): number | 'all' {
  return text === 'all' ? text : nonNegativeInteger(text);
}

async function printAllImportances(
  study: Study,
  evaluator: Algorithm,
  isJson: boolean,
): Promise<void> {
  const names = (await study.getMetricNames()) ?? study.directions.map((_, k) => `objective ${k}`);
  const objectives = [];
  for (const [objective, name] of names.entries())
    objectives.push({ objective, name, ...(await importanceOf(study, { evaluator, objective })) });
  if (isJson) {
    printJson({ objectives });
    return;
  }
  const rows = importanceRows(objectives.map(({ importances }) => importances));
  if (rows.length > 0)
    printTable(
      ['parameter', ...names],
      rows.map(({ param, entries }) => [
        param,
        ...entries.map((entry) => entry?.importance.toFixed(4) ?? '–'),
      ]),
    );
  for (const { name, reason } of objectives)
    if (reason !== null) console.log(`${printable(name)}: ${reason}`);
  for (const note of new Set(objectives.flatMap(({ notes }) => notes))) console.error(note);
}
