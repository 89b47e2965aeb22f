import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
} from '../../src-main/tuner/distributions.ts';
import { optunaScript } from '../../src-renderer/components/study/optuna-script.ts';
import { temporaryFolder } from '../helpers/cli.ts';
import { requirement, requirements } from '../helpers/requirements.ts';

const needs = requirements('python-optuna');

describe.skipIf(needs.missing)(needs.title('the script of a study in real Optuna'), () => {
  it('runs, and its space is one that Optuna can draw from', () => {
    const file = join(temporaryFolder(), 'iris.db');
    const fixture = new URL('../fixtures/optuna/optuna-4.9-iris.db', import.meta.url);
    copyFileSync(fileURLToPath(fixture), file);
    const script = optunaScript({
      studyName: 'iris_classification',
      path: file,
      seed: 2 ** 32 + 7,
      spec: {
        sampler: { type: 'tpe', options: { nStartupTrials: 5, multivariate: true } },
        pruner: { type: 'percentile', options: { percentile: 30, nWarmupSteps: 10 } },
      },
      params: [
        { name: 'rate', distribution: createFloatDistribution(1e-5, 0.1, { log: true }) },
        { name: 'drop', distribution: createFloatDistribution(0, 0.5, { step: 0.25 }) },
        { name: 'n', distribution: createIntDistribution(1, 9, { step: 2 }) },
        {
          name: 'say "hi"',
          distribution: createCategoricalDistribution([null, true, 'a\nb', 1e300, NaN]),
        },
      ],
    });
    const check = [
      'params = suggest(optuna.create_study().ask())',
      'print(sorted(params), type(study.sampler).__name__, type(study.pruner).__name__)',
    ];
    const printed = execFileSync(
      requirement('python-optuna').path,
      ['-W', 'ignore', '-c', [script, ...check].join('\n')],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    );
    expect(printed.trimEnd().split('\n').at(-1)).toBe(
      `['drop', 'n', 'rate', 'say "hi"'] TPESampler PercentilePruner`,
    );
  });
});
