import { testPruner } from '../../conformance/pruner.ts';
import { createPruner } from '../../../src-main/tuner/pruners/registry.ts';

const settings: [name: string, options: object][] = [
  ['nop', {}],
  ['median', { nStartupTrials: 2 }],
  ['percentile', { percentile: 60, nStartupTrials: 1, nWarmupSteps: 3, intervalSteps: 4 }],
  ['successive-halving', { reductionFactor: 2 }],
  ['successive-halving', { minResource: 2, reductionFactor: 3, minEarlyStoppingRate: 1 }],
  ['hyperband', {}],
  ['hyperband', { maxResource: 40, reductionFactor: 2 }],
  ['patient', { patience: 1 }],
  [
    'patient',
    { patience: 2, minDelta: 0.1, wrapped: { type: 'median', options: { nStartupTrials: 1 } } },
  ],
  ['threshold', { lower: -5, upper: 5 }],
  ['wilcoxon', { pThreshold: 0.4 }],
];

for (const [name, options] of settings)
  testPruner(`${name} ${JSON.stringify(options)}`, () => createPruner(name, { ...options }));
