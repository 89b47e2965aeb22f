import { describe, expect, it } from 'vitest';

import type { StudyKey } from '../../src-main/contract/library.ts';
import type { Services } from '../../src-main/services/services.ts';
import type { FrozenTrial } from '../../src-main/tuner/trial/frozen-trial.ts';
import { call, startServices } from '../helpers/services.ts';

const N_TRIALS = 8;

/** A small study on iris; the sections given replace its own. */
function specWith(sections: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: 'flowers',
    seed: 1,
    data: {
      table: 'iris',
      target: 'species',
      task: 'classification',
      split: { fractions: { train: 0.6, validation: 0.2, test: 0.2 } },
    },
    network: { depth: { int: [1, 2] }, width: { choices: [8, 16] } },
    training: {
      optimizer: { type: 'adam', learningRate: { float: [0.001, 0.1], log: true } },
      epochs: 3,
    },
    sampler: { type: 'random' },
    stop: { trials: N_TRIALS },
    ...sections,
  };
}

const optimizer = { type: 'adam', learningRate: { float: [0.001, 0.1], log: true } };

describe('a study with the trials of another one', () => {
  it('begins with all that fit, as trials of its own space, and goes on', async () => {
    const { services, key, trials } = await finishedStudy();
    const spec = specWith({
      network: { depth: { int: [1, 3] }, width: { choices: [4, 16, 8] } },
      stop: { trials: N_TRIALS + 4 },
    });
    const { handlers } = services;
    expect(await handlers['studies.countTaken']({ spec, trialsFrom: key }, call)).toEqual({
      nTaken: N_TRIALS,
      nLeft: 0,
    });
    const wider = await handlers['studies.create']({ spec, trialsFrom: key }, call);
    const taken = await trialsOf(services, wider);
    const facts = ({ number, state, values, params }: FrozenTrial) => ({
      ...{ number, state, values, params },
    });
    expect(taken.map(facts)).toEqual(trials.map(facts));
    for (const trial of taken) {
      expect(trial.distributions.n_layers).toMatchObject({ low: 1, high: 3 });
      expect(trial.distributions.hidden_dim_layer_0).toMatchObject({ choices: [4, 16, 8] });
      // The index among the new choices.
      expect(trial.internalParams.hidden_dim_layer_0).toBe(
        [4, 16, 8].indexOf(trial.params.hidden_dim_layer_0 as number),
      );
      expect(trial.systemAttrs['parzen:taken_from']).toEqual({
        study: 'flowers',
        trial: trial.number,
      });
    }
    await run(services, wider);
    const all = await trialsOf(services, wider);
    expect(all.map(({ state }) => state)).toEqual(
      Array.from({ length: N_TRIALS + 4 }, () => 'complete'),
    );
    expect(all.slice(0, N_TRIALS)).toEqual(taken);
  });

  it('takes no text in place of an attribute that is no JSON', async () => {
    const { services, key } = await finishedStudy();
    const storage = services.library.storage(key.storageId);
    const [good] = await storage.getTrials(key.studyId);
    const userAttrs = { good: 1, broken: 'not JSON: {"half": 1' };
    await storage.createTrial(key.studyId, { ...good!, userAttrs });
    const taken = await services.handlers['studies.create'](
      { spec: specWith(), trialsFrom: key },
      call,
    );
    expect((await trialsOf(services, taken)).at(-1)!.userAttrs).toEqual({ good: 1 });
  });

  it('leaves behind what the new space could not have suggested', async () => {
    const { services, key, trials } = await finishedStudy();
    const spec = specWith({ network: { depth: { int: [1, 2] }, width: { choices: [8] } } });
    const fits = (trial: FrozenTrial): boolean =>
      Object.entries(trial.params).every(
        ([name, value]) => !name.startsWith('hidden_dim') || value === 8,
      );
    const nFitting = trials.filter(fits).length;
    expect(nFitting).toBeGreaterThan(0);
    expect(nFitting).toBeLessThan(N_TRIALS);
    expect(await services.handlers['studies.countTaken']({ spec, trialsFrom: key }, call)).toEqual({
      nTaken: nFitting,
      nLeft: N_TRIALS - nFitting,
    });
  });

  it.each([
    ['training.epochs', { training: { optimizer, epochs: 4 } }],
    [
      'training.optimizer.learningRate',
      { training: { optimizer: { ...optimizer, learningRate: 0.01 }, epochs: 3 } },
    ],
    [
      'network.dropout',
      {
        network: {
          depth: { int: [1, 2] },
          width: { choices: [8, 16] },
          dropout: { float: [0, 0.5] },
        },
      },
    ],
    [
      'data.split.fractions.train',
      {
        data: {
          table: 'iris',
          target: 'species',
          task: 'classification',
          split: { fractions: { train: 0.5, validation: 0.3, test: 0.2 } },
        },
      },
    ],
  ])('refuses values that cannot be compared: another %s', async (path, sections) => {
    const { services, key } = await finishedStudy();
    const { handlers } = services;
    const before = (await handlers['library.get']({}, call)).studies.length;
    await expect(
      handlers['studies.create']({ spec: specWith(sections), trialsFrom: key }, call),
    ).rejects.toMatchObject({
      code: 'TRIALS_NOT_COMPARABLE',
      message: expect.stringContaining(`\`${path}\``) as string,
    });
    // Nothing half made stays.
    expect((await handlers['library.get']({}, call)).studies).toHaveLength(before);
  });
});

async function finishedStudy(): Promise<{
  services: Services;
  key: StudyKey;
  trials: readonly FrozenTrial[];
}> {
  const services = await startServices();
  const key = await services.handlers['studies.create']({ spec: specWith() }, call);
  await run(services, key);
  return { services, key, trials: await trialsOf(services, key) };
}

async function run(services: Services, key: StudyKey): Promise<void> {
  await services.handlers['runs.start']({ key }, call);
  await services.runs.run(key).ended;
}

function trialsOf({ library }: Services, key: StudyKey): Promise<readonly FrozenTrial[]> {
  return library.storage(key.storageId).getTrials(key.studyId);
}
