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
import { InMemoryStorage } from '../../src-main/tuner/storages/in-memory.ts';
import type { StudyDirection } from '../../src-main/tuner/study/direction.ts';
import { createStudy } from '../../src-main/tuner/study/study.ts';
import { findPython, median, noPython, printRow, runPython } from './helpers/peer.ts';

interface Problem {
  readonly name: string;
  readonly nParams: number;
  readonly reference: readonly number[];
  evaluate(x: readonly number[]): number[];
}

/** Zitzler, Deb and Thiele, Evol. Comput. 8 (2000), with 10 parameters; Deb et al., CEC 2002, with 8. */
const problems: readonly Problem[] = [
  {
    name: 'zdt1',
    nParams: 10,
    reference: [1.1, 6],
    evaluate: ([first = 0, ...rest]) => {
      const g = 1 + (9 * sum(rest)) / rest.length;
      return [first, g * (1 - Math.sqrt(first / g))];
    },
  },
  {
    name: 'zdt2',
    nParams: 10,
    reference: [1.1, 6],
    evaluate: ([first = 0, ...rest]) => {
      const g = 1 + (9 * sum(rest)) / rest.length;
      return [first, g * (1 - (first / g) ** 2)];
    },
  },
  {
    name: 'dtlz2',
    nParams: 8,
    reference: [2, 2, 2],
    evaluate: ([a = 0, b = 0, ...rest]) => {
      const radius = 1 + sum(rest.map((x) => (x - 0.5) ** 2));
      const [cosA, sinA] = [Math.cos((a * Math.PI) / 2), Math.sin((a * Math.PI) / 2)];
      const [cosB, sinB] = [Math.cos((b * Math.PI) / 2), Math.sin((b * Math.PI) / 2)];
      return [radius * cosA * cosB, radius * cosA * sinB, radius * sinA];
    },
  },
];

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
            ]).map((front) => hypervolume(Float64Array.from(front.flat()), problem.reference));
      printRow(
        `${name} ${problem.name} ${crossover}`,
        median(ours).toFixed(4),
        theirs === null ? '' : median(theirs).toFixed(4),
      );
    }

async function volumes(
  name: string,
  { nParams, reference, evaluate }: Problem,
  crossover: CrossoverName,
): Promise<number[]> {
  const results: number[] = [];
  for (let seed = 0; seed < nSeeds; seed++) {
    const study = await createStudy({
      storage: new InMemoryStorage(),
      directions: reference.map((): StudyDirection => 'minimize'),
      sampler: createSampler(name, { crossover }),
      seed,
    });
    await study.optimize(
      async (trial) => {
        const x: number[] = [];
        for (let i = 0; i < nParams; i++) x.push(await trial.suggestFloat(`x${i}`, 0, 1));
        return evaluate(x);
      },
      { nTrials },
    );
    const values = (await study.getTrials()).map((trial) => trial.values ?? []);
    results.push(hypervolume(Float64Array.from(values.flat()), reference));
  }
  return results;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
