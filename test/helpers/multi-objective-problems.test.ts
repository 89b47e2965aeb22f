import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { multiObjectiveProblems } from './multi-objective-problems.ts';

interface Problem {
  referencePoint: number[];
  nParams: number;
  points: { x: number[]; values: number[] }[];
}

const { problems } = JSON.parse(
  readFileSync(new URL('../fixtures/multi-objective/quality.json', import.meta.url), 'utf8'),
) as { problems: Record<string, Problem> };

it.each(Object.entries(problems))('%s is the problem that Optuna’s runs solved', (name, theirs) => {
  const ours = multiObjectiveProblems.find((one) => one.name === name);
  expect(ours).toMatchObject({ referencePoint: theirs.referencePoint, nParams: theirs.nParams });
  expect(theirs.points).not.toHaveLength(0);
  for (const { x, values } of theirs.points)
    ours?.evaluate(x).forEach((value, k) => expect(value).toBeCloseTo(values[k] as number, 12));
});
