import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
} from '../../../src-main/tuner/distributions.ts';
import { TrialLog } from '../../../src-main/tuner/storages/trial-log.ts';
import { trialStates, type FrozenTrial } from '../../../src-main/tuner/trial/frozen-trial.ts';
import { frozenTrial } from '../../helpers/frozen-trial.ts';

const distributions = {
  x: createFloatDistribution(-1, 1),
  '1': createIntDistribution(0, 10),
  ['__proto__']: createFloatDistribution(-1, 1),
  kind: createCategoricalDistribution(['a', null, 3]),
};

const contents = fc.record({
  state: fc.constantFrom(...trialStates),
  values: fc.option(fc.array(fc.double({ noNaN: true }), { maxLength: 3 })),
  startedAtMs: fc.option(fc.double({ noNaN: true })),
  completedAtMs: fc.option(fc.double({ noNaN: true })),
  names: fc.subarray(Object.keys(distributions)),
  choice: fc.nat({ max: 2 }),
  intermediateValues: fc.array(fc.double(), { maxLength: 4 }),
  userAttrs: fc.dictionary(fc.constantFrom('a', 'b'), fc.integer()),
});

type Content = typeof contents extends fc.Arbitrary<infer T> ? T : never;

function toTrial(trialId: number, content: Content): FrozenTrial {
  const { names, choice, intermediateValues, ...rest } = content;
  const pick = <T>(of: (name: keyof typeof distributions) => T): Record<string, T> =>
    Object.fromEntries(names.map((name) => [name, of(name as keyof typeof distributions)]));
  const internal = { x: 0.25, '1': 7, ['__proto__']: -0, kind: choice };
  return {
    ...frozenTrial({ number: trialId - 1, ...rest }),
    params: pick((name) => (name === 'kind' ? (['a', null, 3][choice] ?? null) : internal[name])),
    internalParams: pick((name) => internal[name]),
    distributions: pick((name) => distributions[name]),
    intermediateValues: new Map(intermediateValues.entries()),
  };
}

/** Runs the garbage collector in a turn of its own, as objects that a weak reference gave out live to the end of theirs. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  await new Promise((resolve) => setTimeout(resolve, 0));
  (runInNewContext('gc') as () => void)();
}

describe('TrialLog', () => {
  it('gives finished trials back as they were, whatever is in them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(contents, { maxLength: 8 }), async (all) => {
        const log = new TrialLog();
        for (const [i, content] of all.entries()) log.add(toTrial(i + 1, content));
        await collectGarbage();
        for (const [i, content] of all.entries()) {
          const trial = log.get(i + 1);
          expect(trial).toEqual(toTrial(i + 1, content));
          expect(Object.keys(trial?.params ?? {})).toEqual(
            Object.keys(toTrial(i + 1, content).params),
          );
          expect(log.get(i + 1)).toBe(trial);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('holds no object of a finished trial that nobody has', async () => {
    const log = new TrialLog();
    log.add(frozenTrial({ number: 0, state: 'running' }));
    log.update(1, { state: 'complete', values: [0.5] });
    const held = new WeakRef(log.get(1) as FrozenTrial);
    await collectGarbage();
    expect(held.deref()).toBeUndefined();
    expect(log.get(1)?.values).toEqual([0.5]);
  });

  it('lists the same, in the same order, as a list that is made anew', () => {
    const steps = fc.oneof(
      fc.record({
        type: fc.constant('put'),
        id: fc.integer({ min: 1, max: 9 }),
        content: contents,
      }),
      fc.record({ type: fc.constant('remove'), id: fc.integer({ min: 1, max: 9 }) }),
      fc.record({ type: fc.constant('look'), states: fc.subarray([...trialStates]) }),
    );
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 40 }), (all) => {
        const log = new TrialLog();
        const model = new Map<number, FrozenTrial>();
        for (const step of all)
          if ('content' in step) {
            const trial = toTrial(step.id, step.content);
            log.put(trial);
            model.set(step.id, trial);
          } else if ('id' in step) {
            if (model.delete(step.id)) log.remove(step.id);
          } else {
            const expected = [...model.values()]
              .filter((trial) => step.states.includes(trial.state))
              .sort((a, b) => a.number - b.number);
            const list = log.list(step.states);
            expect(list).toEqual(expected);
            expect(log.list(step.states)).toBe(list);
            expect(log.count(step.states)).toBe(expected.length);
          }
      }),
    );
  });

  it('forgets a list that nobody asks for while many trials come, and still lists them all', () => {
    const log = new TrialLog();
    log.add(frozenTrial({ number: 0 }));
    expect(log.list(['complete'])).toHaveLength(1);
    for (let number = 1; number < 200; number++) log.add(frozenTrial({ number }));
    expect(log.list(['complete']).map((trial) => trial.number)).toEqual([...Array(200).keys()]);
  });
});
