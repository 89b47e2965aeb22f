import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { classScores } from '../../../src-main/training/models/class-scores.ts';
import type { ClassScore, ClassScores } from '../../../src-main/training/models/class-scores.ts';

interface Case {
  outputs: number[];
  targets: number[];
  nOutputs: number;
  scores: ClassScores;
}

const { cases } = JSON.parse(readFileSync('test/fixtures/sklearn/metrics.json', 'utf8')) as {
  cases: Case[];
};
const names = Object.keys(classScores) as ClassScore[];

describe.each(cases)('scores of $nOutputs classes', ({ outputs, targets, nOutputs, scores }) => {
  it.each(names)("are scikit-learn's: %s", (name) => {
    const score = classScores[name](
      Float32Array.from(outputs),
      Float32Array.from(targets),
      nOutputs,
    );
    expect(score).toBeCloseTo(scores[name], 6);
  });
});

describe('class scores', () => {
  it('leave out classes without rows', () => {
    const outputs = Float32Array.of(2, 0, 0, 0, 1, 0, 3, 0, 0);
    const targets = Float32Array.of(0, 1, 1);
    expect(classScores.balancedAccuracy(outputs, targets, 3)).toBe(0.75);
    expect(classScores.f1(outputs, targets, 3)).toBeCloseTo(2 / 3, 12);
    expect(classScores.rocAuc(outputs, targets, 3)).toBe(0.5);
  });

  it('tell apart what is certain from what is still more so', () => {
    const outputs = Float32Array.of(0, 50, 0, 60);
    expect(classScores.rocAuc(outputs, Float32Array.of(0, 1), 2)).toBe(1);
  });

  it('count ties half', () => {
    expect(classScores.rocAuc(new Float32Array(8), Float32Array.of(0, 1, 0, 1), 2)).toBe(0.5);
  });
});
