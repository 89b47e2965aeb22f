import { testSampler, type SamplerUnderTest } from '../../conformance/sampler.ts';
import {
  countValues,
  firstValue,
  type CategoricalChoice,
  type Distribution,
} from '../../../src-main/tuner/distributions.ts';
import { BruteForceSampler } from '../../../src-main/tuner/samplers/brute-force.ts';
import { GridSampler } from '../../../src-main/tuner/samplers/grid.ts';
import { PartialFixedSampler } from '../../../src-main/tuner/samplers/partial-fixed.ts';
import { QmcSampler } from '../../../src-main/tuner/samplers/qmc.ts';
import { RandomSampler } from '../../../src-main/tuner/samplers/random.ts';
import { TpeSampler } from '../../../src-main/tuner/samplers/tpe/tpe-sampler.ts';

const samplers: SamplerUnderTest[] = [
  { title: 'RandomSampler', create: () => new RandomSampler() },
  { title: 'TpeSampler', create: () => new TpeSampler({ nStartupTrials: 4 }) },
  {
    title: 'TpeSampler, univariate, without prior',
    create: () => new TpeSampler({ nStartupTrials: 4, multivariate: false, priorWeight: 0 }),
  },
  {
    title: 'TpeSampler, grouped, with the other options turned round',
    create: () =>
      new TpeSampler({
        nStartupTrials: 4,
        group: true,
        constantLiar: false,
        considerMagicClip: false,
        considerEndpoints: true,
        gamma: (n) => Math.ceil(n / 2),
        weights: (n) => Array.from({ length: n }, (_, i) => 10 * i + 1),
      }),
  },
  {
    title: 'GridSampler',
    create: (space) =>
      new GridSampler({
        searchSpace: Object.fromEntries(
          Object.entries(space).map(([name, distribution], i) => [
            name,
            i < 5 ? someValues(distribution) : [firstValue(distribution)],
          ]),
        ),
      }),
    supportsSurprises: false,
    isSeeded: false,
  },
  { title: 'QmcSampler', create: () => new QmcSampler() },
  {
    title: 'QmcSampler, Halton, not scrambled',
    create: () => new QmcSampler({ qmcType: 'halton', scramble: false }),
    isSeeded: false,
  },
  { title: 'BruteForceSampler', create: () => new BruteForceSampler(), needsFiniteSpaces: true },
  {
    title: 'PartialFixedSampler',
    create: () =>
      new PartialFixedSampler({
        fixedParams: { unheardOf: 1 },
        base: new TpeSampler({ nStartupTrials: 4 }),
      }),
  },
];

function someValues(distribution: Distribution): CategoricalChoice[] {
  if (countValues(distribution) === 1) return [firstValue(distribution)];
  if (distribution.type === 'categorical') return [...distribution.choices];
  return [distribution.low, distribution.high];
}

for (const sampler of samplers) testSampler(sampler);
