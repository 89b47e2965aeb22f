/**
 * Hypervolume that NSGA-II and NSGA-III reach with each crossover on ZDT1, ZDT2 and DTLZ2 (`npm run bench -- genetic [nSeeds] [nTrials]`), beside
 * Optuna where a Python with Optuna is found (`PARZEN_PYTHON`): medians over the seeds.
 */
import { createSampler } from '../../src-main/tuner/samplers/registry.ts';
import {
  crossoverNames,
  type CrossoverName,
} from '../../src-main/tuner/samplers/nsga/crossovers.ts';
import { hypervolume } from '../../src-main/tuner/math/hypervolume.ts';
import {
  hypervolumeReached,
  multiObjectiveProblems,
  type MultiObjectiveProblem,
} from '../helpers/multi-objective-problems.ts';
import { findPython, median, noPython, printRow, runPython } from './helpers/peer.ts';

const problems = multiObjectiveProblems.filter(({ name }) => name !== 'zdt4');
const nSeeds = Number(process.argv[2] ?? 20);
const nTrials = Number(process.argv[3] ?? 500);
const python = findPython('optuna');
if (python === null) console.log(noPython);
printRow(`${nSeeds} seeds, ${nTrials} trials`, 'Parzen', 'Optuna');
for (const name of ['nsga-ii', 'nsga-iii'])
  for (const problem of problems)
    for (const crossover of crossoverNames) {
      const ours = await volumes(name, problem, crossover);
      const theirs =
        python === null
          ? null
          : runPython<number[][][]>(python, 'genetic.py', [
              ...[name, problem.name, crossover],
              ...[String(nSeeds), String(nTrials)],
            ]).map((front) => hypervolume(Float64Array.from(front.flat()), problem.referencePoint));
      printRow(
        `${name} ${problem.name} ${crossover}`,
        median(ours).toFixed(4),
        theirs === null ? '' : median(theirs).toFixed(4),
      );
    }

async function volumes(
  name: string,
  problem: MultiObjectiveProblem,
  crossover: CrossoverName,
): Promise<number[]> {
  const results: number[] = [];
  for (let seed = 0; seed < nSeeds; seed++) {
    const sampler = createSampler(name, { crossover });
    results.push(await hypervolumeReached(problem, sampler, { seed, nTrials }));
  }
  return results;
}
