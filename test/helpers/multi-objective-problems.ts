/** Problems of several objectives with parameters in [0, 1], all to be minimized, as in test/fixtures/multi-objective/make.py. */
import { hypervolume } from '../../src-main/tuner/math/hypervolume.ts';
import type { Sampler } from '../../src-main/tuner/samplers/sampler.ts';
import { InMemoryStorage } from '../../src-main/tuner/storages/in-memory.ts';
import type { StudyDirection } from '../../src-main/tuner/study/direction.ts';
import { createStudy } from '../../src-main/tuner/study/study.ts';

export interface MultiObjectiveProblem {
  readonly name: string;
  readonly nParams: number;
  readonly referencePoint: readonly number[];
  evaluate(x: readonly number[]): number[];
}

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);

/** Zitzler, Deb and Thiele, Evol. Comput. 8 (2000), with 10 and 5 parameters; Deb et al., CEC 2002, with 8. */
export const multiObjectiveProblems: readonly MultiObjectiveProblem[] = [
  {
    name: 'zdt1',
    nParams: 10,
    referencePoint: [1.1, 6],
    evaluate: ([first = 0, ...rest]) => {
      const g = 1 + (9 * sum(rest)) / rest.length;
      return [first, g * (1 - Math.sqrt(first / g))];
    },
  },
  {
    name: 'zdt2',
    nParams: 10,
    referencePoint: [1.1, 6],
    evaluate: ([first = 0, ...rest]) => {
      const g = 1 + (9 * sum(rest)) / rest.length;
      return [first, g * (1 - (first / g) ** 2)];
    },
  },
  {
    name: 'zdt4',
    nParams: 5,
    referencePoint: [1.1, 120],
    evaluate: ([first = 0, ...rest]) => {
      const stretched = rest.map((x) => 10 * x - 5);
      const g = 1 + sum(stretched.map((x) => 10 + x * x - 10 * Math.cos(4 * Math.PI * x)));
      return [first, g * (1 - Math.sqrt(first / g))];
    },
  },
  {
    name: 'dtlz2',
    nParams: 8,
    referencePoint: [2, 2, 2],
    evaluate: ([a = 0, b = 0, ...rest]) => {
      const radius = 1 + sum(rest.map((x) => (x - 0.5) ** 2));
      const [cosA, sinA] = [Math.cos((a * Math.PI) / 2), Math.sin((a * Math.PI) / 2)];
      const [cosB, sinB] = [Math.cos((b * Math.PI) / 2), Math.sin((b * Math.PI) / 2)];
      return [radius * cosA * cosB, radius * cosA * sinB, radius * sinA];
    },
  },
];

/** The hypervolume that a sampler reaches. */
export async function hypervolumeReached(
  { nParams, referencePoint, evaluate }: MultiObjectiveProblem,
  sampler: Sampler,
  { seed, nTrials }: { seed: number; nTrials: number },
): Promise<number> {
  const study = await createStudy({
    storage: new InMemoryStorage(),
    directions: referencePoint.map((): StudyDirection => 'minimize'),
    sampler,
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
  return hypervolume(Float64Array.from(values.flat()), referencePoint);
}
