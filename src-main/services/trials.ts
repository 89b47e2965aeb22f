import type { Handlers } from '../contract/contract.ts';
import { loadStudy } from '../tuner/study/study.ts';
import type { Library } from './library.ts';
import { toTrialColumns, toTrialCurves, toTrialDetail } from './trial-columns.ts';

type TrialsHandlers = Pick<
  Handlers,
  'trials.changes' | 'trials.get' | 'trials.curves' | 'trials.enqueue' | 'trials.delete'
>;

export function trialsHandlers(library: Library): TrialsHandlers {
  return {
    'trials.changes': async ({ key, sinceRevision, generation }) => {
      const { changes, ...options } = await library.changes(key, sinceRevision, generation);
      return toTrialColumns(changes, options);
    },
    'trials.get': async ({ key, trialNumber }) =>
      toTrialDetail(
        await library.storage(key.storageId).getTrialByNumber(key.studyId, trialNumber),
      ),
    'trials.curves': async ({ key, trialNumbers }) => {
      const trials = await library.storage(key.storageId).getTrials(key.studyId);
      if (!trialNumbers)
        return toTrialCurves(trials.filter((trial) => trial.intermediateValues.size > 0));
      const wanted = new Set(trialNumbers);
      return toTrialCurves(trials.filter((trial) => wanted.has(trial.number)));
    },
    'trials.enqueue': async ({ key, params }) => {
      const storage = library.storage(key.storageId);
      const { studyName } = await storage.getStudy(key.studyId);
      await (await loadStudy({ storage, studyName })).enqueueTrial(params);
      library.touch(key);
    },
    'trials.delete': async ({ key, trialNumbers }) => {
      const storage = library.storage(key.storageId);
      for (const number of trialNumbers)
        await storage.deleteTrial((await storage.getTrialByNumber(key.studyId, number)).trialId);
      library.touch(key);
    },
  };
}
