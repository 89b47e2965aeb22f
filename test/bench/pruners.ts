/**
 * The replay of every pruner over studies of 30 reports a trial: seconds, and microseconds per report. Arguments: numbers of trials.
 */
import {
  createPruner,
  createStudy,
  InMemoryStorage,
  NopPruner,
  pruners,
  RandomSampler,
  replayPruner,
  setLogger,
} from '../../src-main/tuner/index.ts';
import { printRow } from './helpers/peer.ts';

const N_REPORTS = 30;
const required: Record<string, Record<string, unknown>> = {
  percentile: { percentile: 25 },
  threshold: { upper: 10 },
  patient: { wrapped: { type: 'median' }, patience: 3 },
};

const sizes = process.argv.slice(2).map(Number).filter(Boolean);
if (sizes.length === 0) sizes.push(1000, 10_000);

setLogger(null);
printRow('replay', 'time', 'per report', 'cut');
for (const nTrials of sizes) {
  const study = await createStudy({
    storage: new InMemoryStorage(),
    seed: 1,
    sampler: new RandomSampler(),
    pruner: new NopPruner(),
  });
  await study.optimize(
    async (trial) => {
      const end = await trial.suggestFloat('end', 0, 1);
      const pace = await trial.suggestFloat('pace', 0.05, 1);
      for (let step = 0; step < N_REPORTS; step++)
        await trial.report(end + 5 * Math.exp(-pace * step), step);
      return end;
    },
    { nTrials },
  );
  for (const { name } of pruners) {
    const startedAt = performance.now();
    const { nCut, nReports, nReportsSaved } = await replayPruner(
      study,
      createPruner(name, required[name]),
    );
    const ms = performance.now() - startedAt;
    printRow(
      `${nTrials.toLocaleString('en')} trials, ${name}`,
      `${(ms / 1000).toFixed(2)} s`,
      `${((1000 * ms) / (nReports - nReportsSaved)).toFixed(1)} us`,
      String(nCut),
    );
  }
}
