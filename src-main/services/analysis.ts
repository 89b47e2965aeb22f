import type { ImportanceResult, RegistryEntry, ReplayResult } from '../contract/analysis.ts';
import type { Handlers } from '../contract/contract.ts';
import type { StudyKey } from '../contract/library.ts';
import { studyOfTrials, type ImportanceStudy } from '../tuner/importance/importance-data.ts';
import { getParamImportances } from '../tuner/importance/param-importances.ts';
import { createImportanceEvaluator, importanceEvaluators } from '../tuner/importance/registry.ts';
import { createPruner, pruners } from '../tuner/pruners/registry.ts';
import { replayPruner } from '../tuner/pruners/replay.ts';
import { samplers } from '../tuner/samplers/registry.ts';
import type { Storage } from '../tuner/storages/storage.ts';
import { loadStudy, type Study } from '../tuner/study/study.ts';
import { terminators } from '../tuner/terminators/registry.ts';
import { hiddenTrials } from './annotations.ts';
import { throttle, type EventHub } from './events.ts';
import { improvementInThread } from './improvement-thread.ts';
import type { Library } from './library.ts';

export interface Algorithm {
  readonly type: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Each takes up to seconds where there are many trials. */
const MAX_ESTIMATES = 100;
const PROGRESS_INTERVAL_MS = 200;

/** Importances of a study's parameters. */
export async function importanceOf(
  study: ImportanceStudy,
  { evaluator: given, objective }: { evaluator?: Algorithm; objective?: number },
): Promise<ImportanceResult> {
  const evaluator = createImportanceEvaluator(given?.type ?? 'ped-anova', given?.options);
  const { importances, reason, notes, nTrials } = await getParamImportances(study, {
    evaluator,
    ...(objective === undefined ? {} : { target: { type: 'objective', index: objective } }),
  });
  return {
    evaluator: evaluator.name,
    importances: importances.map(({ params, importance, deviation }) => ({
      param: params.join(', '),
      importance,
      deviation,
    })),
    reason,
    notes,
    nTrials,
  };
}

/** The replay of a study's curves with another pruner. */
export async function replayOf(
  study: Study,
  { pruner, objective, signal }: { pruner: Algorithm; objective?: number; signal?: AbortSignal },
): Promise<ReplayResult> {
  const { trials, ...summary } = await replayPruner(
    study,
    createPruner(pruner.type, pruner.options),
    {
      pruningObjective: objective,
      signal,
    },
  );
  return {
    ...summary,
    trialNumbers: Int32Array.from(trials, ({ number }) => number),
    cutAtSteps: Int32Array.from(trials, ({ cutAtStep }) => cutAtStep ?? -1),
  };
}

type AnalysisHandlers = Pick<
  Handlers,
  'analysis.registries' | 'analysis.importance' | 'analysis.improvement' | 'analysis.replayPruner'
>;

export function analysisHandlers(library: Library, hub: EventHub): AnalysisHandlers {
  const open = async (key: StudyKey): Promise<Study> => {
    const storage: Storage = library.storage(key.storageId);
    return loadStudy({ storage, studyName: (await storage.getStudy(key.studyId)).studyName });
  };
  return {
    'analysis.registries': async () => ({
      samplers: samplers.map(toEntry),
      pruners: pruners.map(toEntry),
      terminators: terminators.map(toEntry),
      importanceEvaluators: importanceEvaluators.map(toEntry),
    }),
    'analysis.importance': async ({ key, ...options }, { signal }) => {
      const study = await withoutHidden(await open(key));
      // Computing cannot be ended once it has begun.
      signal.throwIfAborted();
      return importanceOf(study, options);
    },
    'analysis.improvement': async ({ key, terminator: { type, options } }, { signal }) => {
      const study = await open(key);
      let told = { nDone: 0, nTotal: 0 };
      const progress = throttle(PROGRESS_INTERVAL_MS, () =>
        hub.emit('analysis.progress', { key, ...told }),
      );
      const task = {
        directions: study.directions,
        trials: await study.getTrials(['complete']),
        terminator: type,
        options,
        maxEstimates: MAX_ESTIMATES,
      };
      try {
        return await improvementInThread(task, signal, (reached) => {
          told = reached;
          progress.request();
        });
      } finally {
        progress.cancel();
      }
    },
    'analysis.replayPruner': async ({ key, ...options }, { signal }) =>
      replayOf(await open(key), { ...options, signal }),
  };
}

/** The study as the window shows it. */
async function withoutHidden(study: Study): Promise<ImportanceStudy> {
  const hidden = hiddenTrials(await study.getSystemAttrs());
  if (hidden.size === 0) return study;
  const trials = (await study.getTrials()).filter(({ number }) => !hidden.has(number));
  return studyOfTrials(trials, study.directions);
}

/** What only a program or a command can give, and no form asks for. */
const notAsked = ['function', 'functions', 'list', 'results'];

/** Functions cannot cross the wire, so options that no form asks for stay behind. */
function toEntry({
  name,
  title,
  description,
  options,
}: {
  name: string;
  title: string;
  description: string;
  options: readonly { readonly type: string }[];
}): RegistryEntry {
  return {
    name,
    title,
    description,
    options: options.filter(({ type }) => !notAsked.includes(type)),
  };
}
