import type { Handlers } from '../contract/contract.ts';
import type { StudyKey } from '../contract/library.ts';
import type { TrialPruning } from '../contract/trials.ts';
import type { Distribution } from '../tuner/distributions.ts';
import { InvalidArgumentError } from '../tuner/errors.ts';
import { explainPruning, type ExplainedPruning } from '../tuner/pruners/explain.ts';
import { createPruner } from '../tuner/pruners/registry.ts';
import type { Storage } from '../tuner/storages/storage.ts';
import { nowMs } from '../tuner/storages/stored-time.ts';
import { loadStudy, type Study } from '../tuner/study/study.ts';
import type { FrozenTrial } from '../tuner/trial/frozen-trial.ts';
import { setHidden, setTags } from './annotations.ts';
import { DeletedTrials } from './deleted-trials.ts';
import type { EventHub } from './events.ts';
import { createTurns } from './in-turn.ts';
import { failTrials } from './failed-trials.ts';
import type { Library } from './library.ts';
import type { Runs } from './runs.ts';
import { hasSpec, specOf } from './study-attrs.ts';
import { toTrialColumns, toTrialCurves, toTrialDetail } from './trial-columns.ts';

type TrialsHandlers = Pick<
  Handlers,
  | 'trials.changes'
  | 'trials.get'
  | 'trials.pruning'
  | 'trials.curves'
  | 'trials.enqueue'
  | 'trials.add'
  | 'trials.fail'
  | 'trials.delete'
  | 'trials.restore'
  | 'trials.setHidden'
  | 'trials.setTags'
>;

export function trialsHandlers(library: Library, runs: Runs, hub: EventHub): TrialsHandlers {
  const deleted = new DeletedTrials(library);
  const inTurn = createTurns();
  const annotate = async (
    key: StudyKey,
    change: (storage: Storage) => Promise<void>,
  ): Promise<void> => {
    await inTurn(() => change(library.storage(key.storageId)));
    hub.emit('study.changed', { key });
    library.touchStudies();
  };
  const open = async (key: StudyKey): Promise<Study> => {
    const storage = library.storage(key.storageId);
    return loadStudy({ storage, studyName: (await storage.getStudy(key.studyId)).studyName });
  };
  return {
    'trials.changes': async ({ key, sinceRevision, generation }) => {
      const { changes, ...options } = await library.changes(key, sinceRevision, generation);
      return toTrialColumns(changes, options);
    },
    'trials.get': async ({ key, trialNumber }) =>
      toTrialDetail(
        await library.storage(key.storageId).getTrialByNumber(key.studyId, trialNumber),
      ),
    'trials.pruning': async ({ key, trialNumber }) => {
      const storage = library.storage(key.storageId);
      const trial = await storage.getTrialByNumber(key.studyId, trialNumber);
      const study = await storage.getStudy(key.studyId);
      if (!hasSpec(study)) return null;
      const { type, options } = specOf(study).pruner;
      const [direction = 'minimize'] = study.directions;
      const trials = await storage.getTrials(key.studyId);
      const explained = await explainPruning(createPruner(type, options), trial, trials, {
        studyName: study.studyName,
        direction,
      });
      return explained && toTrialPruning(type, explained);
    },
    'trials.curves': async ({ key, trialNumbers }) => {
      const trials = await library.storage(key.storageId).getTrials(key.studyId);
      if (!trialNumbers)
        return toTrialCurves(trials.filter((trial) => trial.intermediateValues.size > 0));
      const wanted = new Set(trialNumbers);
      return toTrialCurves(trials.filter((trial) => wanted.has(trial.number)));
    },
    'trials.enqueue': async ({ key, params }) => {
      await (await open(key)).enqueueTrial(params);
      library.touch(key);
    },
    'trials.add': async ({ key, params, values }) => {
      const study = await open(key);
      const now = nowMs();
      const { number } = await study.addTrial({
        state: 'complete',
        values,
        startedAtMs: now,
        completedAtMs: now,
        params,
        distributions: distributionsOf(Object.keys(params), await study.getTrials()),
        intermediateValues: new Map(),
        userAttrs: {},
        systemAttrs: {},
      });
      library.touch(key);
      return number;
    },
    'trials.fail': async ({ key, trialNumbers }) => {
      try {
        await failTrials(library.storage(key.storageId), runs, key, trialNumbers);
      } finally {
        library.touch(key);
      }
    },
    'trials.delete': async ({ key, trialNumbers }) => ({
      undoId: await deleted.delete(key, trialNumbers),
    }),
    'trials.restore': async ({ undoId }) => deleted.restore(undoId),
    'trials.setHidden': ({ key, trialNumbers, isHidden }) =>
      annotate(key, (storage) => setHidden(storage, key.studyId, trialNumbers, isHidden)),
    'trials.setTags': ({ key, trialNumbers, ...tags }) =>
      annotate(key, (storage) => setTags(storage, key.studyId, trialNumbers, tags)),
  };
}

function toTrialPruning(pruner: string, { steps, decisions }: ExplainedPruning): TrialPruning {
  const at = decisions.findIndex(({ isPruned }) => isPruned);
  const told = decisions.findLast(({ phase }) => phase === 'compared') ?? decisions.at(-1);
  return {
    pruner,
    steps: Int32Array.from(steps),
    basis: told?.basis ?? 'nothing',
    phases: decisions.map(({ phase }) => phase),
    own: Float64Array.from(decisions, ({ own }) => own),
    thresholds: Float64Array.from(decisions, ({ threshold }) => threshold ?? NaN),
    uppers: Float64Array.from(decisions, ({ upper }) => upper ?? NaN),
    nOthers: Int32Array.from(decisions, ({ nOthers }) => nOthers),
    rungs: Int32Array.from(decisions, ({ rung }) => rung ?? -1),
    bracket: decisions.at(-1)?.bracket ?? null,
    percentile: told?.percentile ?? null,
    otherTrial:
      decisions.findLast(({ otherTrial }) => otherTrial !== undefined)?.otherTrial ?? null,
    prunedAtStep: steps[at] ?? null,
  };
}

/** Of each parameter the distribution of the newest trial that has it. */
function distributionsOf(
  names: readonly string[],
  trials: readonly FrozenTrial[],
): Record<string, Distribution> {
  return Object.fromEntries(
    names.map((name) => {
      const owner = trials.findLast(({ distributions }) => Object.hasOwn(distributions, name));
      if (!owner)
        throw new InvalidArgumentError(
          `A parameter must be one that another trial has, so that its range is known, but none has "${name}".`,
        );
      return [name, owner.distributions[name] as Distribution];
    }),
  );
}
