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
import { pruners } from '../../src-main/tuner/pruners/registry.ts';
import { optunaScript } from '../../src-renderer/components/study/optuna-script.ts';
import { temporaryFolder } from '../helpers/cli.ts';
import { requirement, requirements } from '../helpers/requirements.ts';

const needs = requirements('python-optuna');

/** Pruners of a spec, and what Optuna's are called and consist of. */
const prunerCases: [spec: { type: string; options?: object }, name: string, parts: object][] = [
  [
    { type: 'median', options: { nWarmupSteps: 3 } },
    'MedianPruner',
    { percentile: 50, n_warmup_steps: 3 },
  ],
  [{ type: 'percentile' }, 'PercentilePruner', { percentile: 25, n_startup_trials: 5 }],
  [
    { type: 'successive-halving', options: { minResource: 'auto', reductionFactor: 3 } },
    'SuccessiveHalvingPruner',
    { reduction_factor: 3 },
  ],
  [
    { type: 'hyperband', options: { minResource: 2, maxResource: 27 } },
    'HyperbandPruner',
    { min_resource: 2, max_resource: 27, n_brackets: 3 },
  ],
  [
    { type: 'threshold', options: { lower: -1, upper: 2.5, intervalSteps: 2 } },
    'ThresholdPruner',
    { lower: -1, upper: 2.5, interval_steps: 2 },
  ],
  [
    { type: 'patient', options: { patience: 4, minDelta: 0.5 } },
    'PatientPruner',
    { patience: 4, min_delta: 0.5, wrapped_pruner: null },
  ],
  [
    {
      type: 'patient',
      options: { patience: 1, wrapped: { type: 'percentile', options: { nMinTrials: 2 } } },
    },
    'PatientPruner',
    { patience: 1, wrapped_pruner: { name: 'PercentilePruner', percentile: 25, n_min_trials: 2 } },
  ],
  [
    { type: 'wilcoxon', options: { pThreshold: 0.2 } },
    'WilcoxonPruner',
    { p_threshold: 0.2, n_startup_steps: 2 },
  ],
  [{ type: 'nop' }, 'NopPruner', {}],
];

describe.skipIf(needs.missing)(needs.title('the script of a study in real Optuna'), () => {
  it('makes each pruner, with what it was told', () => {
    expect(prunerCases.map(([{ type }]) => type)).toEqual(
      expect.arrayContaining(pruners.map(({ name }) => name)),
    );
    const made = prunersOf(prunerCases.map(([pruner]) => pruner));
    expect(made).toMatchObject(prunerCases.map(([, name, parts]) => ({ name, ...parts })));
  });

  it('runs, and its space is one that Optuna can draw from', () => {
    const script = optunaScript({
      studyName: 'iris_classification',
      path: irisFile(),
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
    const printed = runPython([script, ...check]);
    expect(printed.trimEnd().split('\n').at(-1)).toBe(
      `['drop', 'n', 'rate', 'say "hi"'] TPESampler PercentilePruner`,
    );
  });
});

/** What Optuna's pruners consist of once the scripts have made them, after a trial that each was asked about. */
function prunersOf(specs: readonly object[]): unknown {
  const path = irisFile();
  const made = specs.flatMap((pruner) => [
    optunaScript({
      studyName: 'iris_classification',
      path,
      seed: null,
      spec: { pruner },
      params: [],
    }),
    'trial = study.ask()',
    'trial.report(1.0, 0)',
    'trial.should_prune()',
    'made.append(study.pruner)',
  ]);
  const printed = runPython([
    'made = []',
    ...made,
    'import json',
    'def parts(it):',
    '    own = {name.lstrip("_"): value for name, value in vars(it).items()}',
    '    return {**own, "name": type(it).__name__}',
    'print(json.dumps(made, default=parts))',
  ]);
  return JSON.parse(printed.trimEnd().split('\n').at(-1) as string);
}

function irisFile(): string {
  const file = join(temporaryFolder(), 'iris.db');
  const fixture = new URL('../fixtures/optuna/optuna-4.9-iris.db', import.meta.url);
  copyFileSync(fileURLToPath(fixture), file);
  return file;
}

function runPython(lines: readonly string[]): string {
  return execFileSync(requirement('python-optuna').path, ['-W', 'ignore', '-c', lines.join('\n')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}
