import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createModelFactory } from '../../src-main/training/choose-backend.ts';
import { defaultSpec, defaultSplit } from '../../src-main/training/default-spec.ts';
import { beyondFused } from '../../src-main/training/fused-limits.ts';
import { loadDataset } from '../../src-main/training/datasets/prepare.ts';
import { runNetworkTrial } from '../../src-main/training/objectives/network.ts';
import { objectivesOf } from '../../src-main/training/objectives-of.ts';
import { resourcesDir } from '../../src-main/training/resources.ts';
import { loadSpec, parseSpec } from '../../src-main/training/spec.ts';
import { builtinStudies, builtinTables } from '../../src-main/training/vocabulary.ts';
import { createStudy } from '../../src-main/tuner/study/study.ts';
import { createPruner } from '../../src-main/tuner/pruners/registry.ts';
import { createSampler } from '../../src-main/tuner/samplers/registry.ts';
import { InMemoryStorage } from '../../src-main/tuner/storages/in-memory.ts';

const folder = join(resourcesDir(), 'studies');
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.replace('.yaml', ''));

describe('built-in studies', () => {
  it('are there for every table', () => {
    expect([...names].sort()).toEqual([...builtinStudies].sort());
    const tables = builtinStudies.map((name) => loadSpec(name).spec.data.table);
    expect(new Set(tables)).toEqual(new Set(builtinTables));
  });

  it.each(['breast_cancer', 'diabetes', 'wine'] as const)(
    'are what a new study of the table begins with: %s',
    async (name) => {
      const { description: _, ...spec } = loadSpec(name).spec;
      const dataset = await loadDataset(loadSpec(name));
      const facts = { ...dataset, nTrainRows: dataset.train.nRows };
      const data = { ...spec.data, split: defaultSplit(dataset.table.nRows) };
      expect(spec).toEqual(parseSpec(defaultSpec(data, facts)));
    },
  );

  describe.each(builtinStudies)('%s', (name) => {
    it('says where its schema is and what it is about', () => {
      const text = readFileSync(join(folder, `${name}.yaml`), 'utf8');
      expect(text).toContain('$schema=../schema/study-spec.schema.json');
      const { spec } = loadSpec(name);
      expect(name.split('-')[0]).toBe(spec.data.table);
      expect(spec.description?.length).toBeGreaterThan(50);
    });

    it.each([
      { backend: 'wasm', engine: beyondFused(loadSpec(name).spec.network) ? 'tfjs' : 'fused' },
      { backend: 'cpu', engine: 'tfjs' },
    ] as const)('runs two trials: $engine on $backend', async (candidate) => {
      const loaded = loadSpec(name);
      const { sampler, pruner } = loaded.spec;
      // The longest training is not what is asked about.
      const spec = { ...loaded.spec, training: { ...loaded.spec.training, epochs: 3 } };
      const data = await loadDataset(loaded);
      const factory = await createModelFactory(candidate);
      const study = await createStudy({
        storage: new InMemoryStorage(),
        directions: objectivesOf(spec).map(({ direction }) => direction),
        sampler: createSampler(sampler.type, sampler.options),
        pruner: createPruner(pruner.type, pruner.options),
        seed: 1,
      });
      const signal = new AbortController().signal;
      await study.optimize(
        (trial) =>
          runNetworkTrial({ spec, data, seed: 1, factory }, trial, { signal, onEpoch() {} }),
        { nTrials: 2 },
      );
      const trials = await study.getTrials();
      expect(trials.map(({ state }) => state)).toEqual(['complete', 'complete']);
      for (const { values, params } of trials) {
        expect(values?.every(Number.isFinite)).toBe(true);
        expect(Object.keys(params).length).toBeGreaterThan(3);
      }
    });
  });
});
