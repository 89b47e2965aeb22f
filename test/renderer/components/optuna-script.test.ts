import { describe, expect, it } from 'vitest';

import {
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
} from '../../../src-main/tuner/distributions.ts';
import {
  optunaScript,
  type OptunaScriptStudy,
} from '../../../src-renderer/components/study/optuna-script.ts';

const study: OptunaScriptStudy = {
  studyName: 'iris_classification',
  path: '/a.db',
  seed: 2 ** 32 + 7,
  spec: {
    sampler: { type: 'tpe', options: { nStartupTrials: 5, multivariate: true, unknown: 3 } },
    pruner: { type: 'percentile', options: { percentile: 30, nWarmupSteps: 10, nMinTrials: null } },
  },
  params: [
    { name: 'rate', distribution: createFloatDistribution(1e-5, 0.1, { log: true }) },
    { name: 'drop', distribution: createFloatDistribution(0, 0.5, { step: 0.25 }) },
    { name: 'n', distribution: createIntDistribution(1, 9, { step: 2 }), isConditional: true },
    {
      name: 'say "hi"',
      distribution: createCategoricalDistribution([null, true, 'a\nb', 1e300, NaN]),
    },
  ],
};

describe('optunaScript', () => {
  it('names sampler, pruner and space as Optuna does', () => {
    const script = optunaScript(study);
    for (const line of [
      'sampler=optuna.samplers.TPESampler(n_startup_trials=5, multivariate=True, seed=7),',
      'pruner=optuna.pruners.PercentilePruner(percentile=30, n_warmup_steps=10),',
      '"rate": trial.suggest_float("rate", 0.00001, 0.1, log=True),',
      '"drop": trial.suggest_float("drop", 0, 0.5, step=0.25),',
      '"n": trial.suggest_int("n", 1, 9, step=2),  # only some trials have it',
      '[None, True, "a\\nb", 1e+300, float("nan")]',
    ])
      expect(script).toContain(line);
  });

  it('names each pruner with what Optuna must be told', () => {
    const pruner = (type: string, options?: object): string =>
      optunaScript({ ...study, spec: { pruner: { type, options } } });
    for (const [script, call] of [
      [pruner('percentile'), 'PercentilePruner(percentile=25)'],
      [pruner('percentile', { percentile: null }), 'PercentilePruner(percentile=25)'],
      [pruner('wilcoxon', { pThreshold: 0.2 }), 'WilcoxonPruner(p_threshold=0.2)'],
      [
        pruner('patient', { patience: 3, minDelta: 0.1 }),
        'PatientPruner(wrapped_pruner=None, patience=3, min_delta=0.1)',
      ],
      [
        pruner('patient', {
          patience: 3,
          wrapped: { type: 'median', options: { nWarmupSteps: 2 } },
        }),
        'PatientPruner(wrapped_pruner=optuna.pruners.MedianPruner(n_warmup_steps=2), patience=3)',
      ],
    ] as const)
      expect(script).toContain(`pruner=optuna.pruners.${call},`);
    expect(pruner('patient', { patience: 3, wrapped: { type: 'mine' } })).not.toContain('pruner=');
  });

  it('lets Optuna choose what the study leaves open', () => {
    const options = { multivariate: 'auto', nStartupTrials: null };
    const script = optunaScript({
      ...study,
      seed: null,
      spec: { sampler: { type: 'tpe', options } },
    });
    expect(script).toContain('sampler=optuna.samplers.TPESampler(),');
  });

  it('shows what it does, whatever is in a name', () => {
    const name = '\u202e\u2066x\u{e0041}\u200b\u007f';
    const script = optunaScript({
      ...study,
      studyName: name,
      params: [{ name, distribution: createFloatDistribution(0, 1) }],
    });
    expect(script).not.toMatch(/[\p{Cf}\u007f]/u);
    const python = String.raw`"\u202e\u2066x\U000e0041\u200b\u007f"`;
    expect(script).toContain(`study_name=${python},`);
    expect(script).toContain(`${python}: trial.suggest_float(${python}, 0, 1),`);
  });

  it('leaves to Optuna what has no equal there, and knows files of all kinds', () => {
    const plain = { ...study, spec: { sampler: { type: 'auto' } }, params: [] };
    expect(optunaScript(plain)).not.toMatch(/sampler|pruner|suggest/);
    expect(optunaScript({ ...plain, path: 'C:\\data\\a.db' })).toContain(
      'storage="sqlite:///C:/data/a.db"',
    );
    expect(optunaScript({ ...plain, path: 'journal:/tmp/study.log' })).toContain(
      'JournalStorage(optuna.storages.journal.JournalFileBackend("/tmp/study.log"))',
    );
  });
});
