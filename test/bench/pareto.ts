/**
 * The Pareto front of many trials, and how its hypervolume grew trial by trial: milliseconds, for points at random and for the worst case,
 * where none dominates another.
 * Arguments: numbers of trials.
 */
import {
  hypervolumeHistory,
  paretoFront,
  type StudyDirection,
} from '../../src-main/tuner/index.ts';
import { createRng } from '../../src-main/tuner/math/rng.ts';
import { median, printRow } from './helpers/peer.ts';

const N_REPEATS = 5;
const sizes = process.argv.slice(2).map(Number).filter(Boolean);
if (sizes.length === 0) sizes.push(1000, 10_000, 100_000);

printRow('Pareto front', 'time', 'in front', 'history');
for (const nTrials of sizes)
  for (const nObjectives of [2, 3, 4])
    for (const kind of ['random', 'all in front'] as const) {
      // With four objectives each is compared with the front so far.
      if (nObjectives > 3 && kind === 'all in front' && nTrials > 10_000) continue;
      const rng = createRng('pareto', nTrials, nObjectives);
      const directions = new Array<StudyDirection>(nObjectives).fill('minimize');
      const points = Array.from({ length: nTrials }, () => {
        if (kind === 'random') return directions.map(() => rng.uniform());
        const raw = directions.map(() => Math.abs(rng.normal()));
        const length = Math.hypot(...raw);
        return raw.map((x) => -x / length);
      });
      let nInFront = 0;
      const times = Array.from({ length: N_REPEATS }, () => {
        const startedAt = performance.now();
        nInFront = paretoFront(points, directions).length;
        return performance.now() - startedAt;
      });
      const columns = directions.map((_, k) => points.map((point) => point[k] as number));
      // With four objectives each trial costs the front so far, and more.
      const hasHistory = nObjectives < 4 || nTrials <= 1000;
      const startedAt = performance.now();
      if (hasHistory) hypervolumeHistory(columns, directions);
      const historyMs = performance.now() - startedAt;
      printRow(
        `${nTrials.toLocaleString('en')} trials, ${nObjectives} objectives, ${kind}`,
        `${median(times).toFixed(1)} ms`,
        nInFront.toLocaleString('en'),
        hasHistory ? `${historyMs.toFixed(0)} ms` : '',
      );
    }
