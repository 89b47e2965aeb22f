import { describe, expect, it } from 'vitest';
import { upgradedSpec } from '../../src-main/services/stored-spec.ts';
import { SPEC } from '../../src-main/services/study-attrs.ts';
import { parseSpec } from '../../src-main/training/spec.ts';
import type { AttrValue } from '../../src-main/tuner/trial/frozen-trial.ts';
import { call, startServices } from '../helpers/services.ts';

type Fields = Readonly<Record<string, AttrValue>>;

const before = {
  sampler: {
    type: 'partial-fixed',
    options: {
      fixedParams: { name: 'random' },
      base: {
        name: 'cma-es',
        sigma0: 0.5,
        independentSampler: { name: 'tpe', multivariate: true },
      },
    },
  },
  pruner: {
    type: 'patient',
    options: { patience: 2, wrapped: { name: 'median', nStartupTrials: 3 } },
  },
} satisfies Fields;
const now = {
  sampler: {
    type: 'partial-fixed',
    options: {
      fixedParams: { name: 'random' },
      base: {
        type: 'cma-es',
        options: {
          sigma0: 0.5,
          independentSampler: { type: 'tpe', options: { multivariate: true } },
        },
      },
    },
  },
  pruner: {
    type: 'patient',
    options: { patience: 2, wrapped: { type: 'median', options: { nStartupTrials: 3 } } },
  },
} satisfies Fields;

describe('specs that older versions stored', () => {
  it('get samplers and pruners inside others in the form of today, and leave parameters alone', () => {
    expect(upgradedSpec(before)).toEqual(now);
    expect(upgradedSpec(now)).toEqual(now);
  });

  it.each<Fields>([
    {},
    { sampler: null, pruner: 'median' },
    { sampler: { type: 'nope', options: { base: { name: 'tpe' } } } },
    { sampler: { type: 'partial-fixed', options: [] } },
    { pruner: { type: 'patient', options: { wrapped: { name: 7 } } } },
    { pruner: { type: 'patient', options: { wrapped: { name: 'median', type: 'median' } } } },
  ])('stay as they are where they cannot be understood: %j', (stored) => {
    expect(upgradedSpec(stored)).toEqual(stored);
  });

  it('run, and are shown in the form of today', async () => {
    const services = await startServices();
    const key = await services.handlers['studies.create']({ spec: 'iris' }, call);
    const storage = services.library.storage(key.storageId);
    const stored = (await storage.getStudy(key.studyId)).systemAttrs[SPEC] as Fields;
    await storage.setStudySystemAttr(key.studyId, SPEC, { ...stored, pruner: before.pruner });

    const shown = (await services.handlers['studies.get']({ key }, call)).spec;
    expect(parseSpec(shown).pruner).toEqual(now.pruner);
    await services.runs.start(key, { targetTrials: 2 });
    expect(await services.runs.ended(key)).toMatchObject({ state: 'finished', error: null });
    expect((await services.handlers['models.get']({ key }, call)).checkpoints).toHaveLength(2);
  });
});
