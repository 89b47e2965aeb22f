import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  countRows,
  EpochGatherer,
  epochOf,
  reportOf,
} from '../../src-main/training/epoch-batch.ts';
import type { EpochBatch } from '../../src-main/training/epoch-batch.ts';
import type { Epoch } from '../../src-main/training/train.ts';

const accuracies = fc.option(fc.oneof(fc.double({ min: 0, max: 1 }), fc.constant(NaN)));
const epochs = fc.record({
  epoch: fc.nat(),
  trainLoss: fc.double(),
  trainAccuracy: accuracies,
  valLoss: fc.double(),
  valAccuracy: accuracies,
  seconds: fc.double({ min: 0 }),
});
const reports = fc.record({ step: fc.nat(), value: fc.double() });
type Said = Epoch | { readonly step: number; readonly value: number };

function epochAt(epoch: number): Epoch {
  return { epoch, trainLoss: 1, trainAccuracy: 1, valLoss: 1, valAccuracy: 1, seconds: 0.001 };
}

/** All that was said, in order. */
function saidIn(batches: readonly EpochBatch[]): Said[] {
  return batches.flatMap((batch) =>
    Array.from({ length: countRows(batch) }, (_, row) =>
      [epochOf(batch, row), reportOf(batch, row)].filter((said) => said !== null),
    ).flat(),
  );
}

describe('EpochGatherer', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function create() {
    const sent: EpochBatch[] = [];
    const gatherer = new EpochGatherer((batch) => sent.push(batch));
    gatherer.start();
    const report = (step: number): Promise<boolean | string> =>
      gatherer.report(step / 2, step).catch((error: unknown) => (error as Error).message);
    return { gatherer, sent, report };
  }

  it('carries epochs and reports in their order, wherever batches end', () => {
    const said = fc.array(
      fc.record({ what: fc.oneof(epochs, reports), isLast: fc.boolean(), ms: fc.nat(3) }),
    );
    fc.assert(
      fc.property(said, (all) => {
        const { gatherer, sent } = create();
        for (const { what, isLast, ms } of all) {
          if ('step' in what) gatherer.report(what.value, what.step).catch(() => {});
          else gatherer.addEpoch(what);
          vi.advanceTimersByTime(ms);
          if (isLast) gatherer.beforeSilence(ms);
        }
        gatherer.flush();
        expect(saidIn(structuredClone(sent))).toEqual(all.map(({ what }) => what));
      }),
    );
  });

  it('keeps short epochs back for milliseconds at most, and sends a long one at once', () => {
    const { gatherer, sent, report } = create();
    const train = (epoch: number, ms: number): void => {
      vi.advanceTimersByTime(ms);
      gatherer.addEpoch(epochAt(epoch));
      void report(epoch);
      gatherer.beforeSilence(ms);
    };
    train(0, 800);
    expect(saidIn(sent)).toHaveLength(2);
    const kept: number[] = [];
    let nKept = 0;
    for (let epoch = 1; epoch <= 1000; epoch++) {
      const nSent = sent.length;
      train(epoch, 0.25);
      nKept++;
      if (sent.length === nSent) continue;
      kept.push(nKept);
      nKept = 0;
    }
    // Five milliseconds of them.
    expect(Math.max(...kept)).toBeGreaterThan(12);
    expect(Math.max(...kept)).toBeLessThan(24);
    expect(sent.length).toBeLessThan(70);
    train(1001, 800);
    expect(saidIn(sent)).toHaveLength(2 * 1002);
  });

  it('keeps back little of a trial that has just begun, which may be pruned soon', () => {
    const { gatherer, sent } = create();
    for (let epoch = 0; epoch < 10; epoch++) {
      vi.advanceTimersByTime(0.25);
      gatherer.addEpoch(epochAt(epoch));
      gatherer.beforeSilence(0.25);
    }
    expect(sent.length).toBeGreaterThanOrEqual(3);
    // Nor a message for each, which would cost as much as the epoch.
    expect(sent.length).toBeLessThanOrEqual(5);
  });

  it('counts how long a trial has trained from its own beginning, not from that of the child', () => {
    const { gatherer, sent } = create();
    vi.advanceTimersByTime(60_000);
    gatherer.start();
    gatherer.addEpoch(epochAt(0));
    gatherer.beforeSilence(1);
    expect(sent).toHaveLength(1);
  });

  it('sends what is kept back when answers are waited for', () => {
    const { gatherer, sent, report } = create();
    gatherer.beforeSilence(Infinity);
    expect(sent).toEqual([]);
    void report(0);
    gatherer.beforeSilence(0);
    expect(sent).toEqual([]);
    gatherer.beforeSilence(Infinity);
    expect(saidIn(sent)).toEqual([{ step: 0, value: 0 }]);
  });

  it('answers each report: go on up to the end, and from there on the end', async () => {
    const { gatherer, sent, report } = create();
    const answers = [0, 1, 2].map(report);
    gatherer.flush();
    answers.push(...[3, 4].map(report));
    gatherer.flush();
    const kept = [5, 6].map(report);
    const [first, second] = sent as [EpochBatch, EpochBatch];
    gatherer.onAnswer(first.id, null);
    expect(await Promise.all(answers.slice(0, 3))).toEqual([false, false, false]);
    gatherer.onAnswer(second.id, { row: 1, refusal: null });
    expect(await Promise.all(answers.slice(3))).toEqual([false, true]);
    // What comes after the end has not happened, and need not be sent.
    expect(await Promise.all(kept)).toEqual([true, true]);
    gatherer.flush();
    expect(sent).toHaveLength(2);
  });

  it('refuses reports from the one on that the parent refused', async () => {
    const { gatherer, sent, report } = create();
    const answers = [0, 1, 2].map(report);
    gatherer.flush();
    const refusal = { name: 'Error', message: 'no', code: null, stack: null };
    gatherer.onAnswer((sent[0] as EpochBatch).id, { row: 1, refusal });
    expect(await Promise.all(answers)).toEqual([false, 'no', 'no']);
  });

  it('leaves no report without an answer when the trial is given up', async () => {
    const { gatherer, sent, report } = create();
    const answers = [report(0)];
    gatherer.flush();
    answers.push(report(1));
    gatherer.giveUp(new Error('cancelled'));
    expect(await Promise.all(answers)).toEqual(['cancelled', 'cancelled']);
    gatherer.flush();
    gatherer.onAnswer((sent[0] as EpochBatch).id, null);
    expect(sent).toHaveLength(1);
  });
});
