import { describe, expect, it } from 'vitest';
import { PackedTrials } from '../../../src-main/tuner/storages/packed-trials.ts';
import type { FrozenTrial } from '../../../src-main/tuner/trial/frozen-trial.ts';
import { frozenTrial } from '../../helpers/frozen-trial.ts';

const N = 5000;

function trialOf(number: number): FrozenTrial {
  return frozenTrial({
    number,
    state: 'complete',
    values: [number / 3],
    startedAtMs: number,
    completedAtMs: number + 1,
    intermediateValues: new Map([[number % 7, -number]]),
  });
}

describe('PackedTrials', () => {
  it('gives back the room of trials that are deleted or replaced, and keeps the others', () => {
    const packed = new PackedTrials();
    for (let slot = 0; slot < N; slot++) packed.set(slot, trialOf(slot));
    const atMost = packed.capacity;
    for (let slot = 0; slot < N; slot++) if (slot % 10 !== 3) packed.delete(slot);
    expect(packed.capacity).toBeLessThanOrEqual(atMost / 4);
    for (let slot = 3; slot < N; slot += 10)
      expect(packed.get(slot, trialOf(slot))).toEqual(trialOf(slot));

    const left = packed.capacity;
    for (let i = 0; i < N; i++) packed.set(3, trialOf(i));
    expect(packed.capacity).toBeLessThanOrEqual(2 * left);
    expect(packed.get(3, trialOf(N - 1))).toEqual(trialOf(N - 1));
    expect(packed.get(13, trialOf(13))).toEqual(trialOf(13));
    expect(() => packed.get(4, trialOf(4))).toThrow('no packed trial');
    // Deleted twice it is not counted twice.
    for (let i = 0; i < N; i++) packed.delete(4);
    expect(packed.get(13, trialOf(13))).toEqual(trialOf(13));
  });
});
