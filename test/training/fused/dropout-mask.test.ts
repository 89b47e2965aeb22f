import { describe, expect, it } from 'vitest';
import {
  createDenseEngine,
  type DenseData,
} from '../../../src-main/training/fused/dense-engine.ts';
import {
  dropoutMask,
  type DropoutMaskOptions,
} from '../../../src-main/training/fused/dropout-mask.ts';
import { builds } from './builds.ts';

const place = { seed: 7, epoch: 3, batch: 2, layer: 1, rate: 0.3, nRows: 50, nUnits: 40 };

function kept(options: Partial<DropoutMaskOptions>): string {
  return dropoutMask({ ...place, ...options }).join();
}

describe('dropoutMask', () => {
  it('drops the asked share and scales the rest up', () => {
    for (const rate of [0.1, 0.5, 0.9]) {
      const mask = dropoutMask({ ...place, rate, nRows: 500, nUnits: 400 });
      const scale = Math.fround(1 / (1 - rate));
      expect(new Set(mask)).toEqual(new Set([0, scale]));
      const dropped = mask.filter((factor) => factor === 0).length / mask.length;
      // Four standard deviations of 200,000 coin flips.
      expect(Math.abs(dropped - rate)).toBeLessThan(4 * Math.sqrt((rate * (1 - rate)) / 200_000));
    }
  });

  it('keeps all units at rate 0 and none at rate 1', () => {
    expect(new Set(dropoutMask({ ...place, rate: 0 }))).toEqual(new Set([1]));
    expect(new Set(dropoutMask({ ...place, rate: 1 }))).toEqual(new Set([0]));
  });

  it('depends on seed, epoch, batch and layer, and on nothing else', () => {
    const masks = [
      kept({}),
      kept({ seed: 8 }),
      kept({ epoch: 4 }),
      kept({ batch: 3 }),
      kept({ layer: 2 }),
      // Sums that must not collide.
      kept({ epoch: 2, batch: 3 }),
      kept({ batch: 1, layer: 2 }),
    ];
    expect(new Set(masks).size).toBe(masks.length);
    expect(kept({})).toBe(kept({}));
    expect(kept({ seed: 7 + 2 ** 32 })).toBe(kept({}));
  });

  it('treats units and rows as independent', () => {
    const nRows = 400;
    const nUnits = 100;
    const mask = dropoutMask({ ...place, rate: 0.5, nRows, nUnits });
    const sign = (row: number, unit: number): number => (mask[row * nUnits + unit]! > 0 ? 1 : -1);
    for (const [rowStep, unitStep] of [
      [0, 1],
      [1, 0],
      [1, 1],
      [2, -1],
    ] as const) {
      let sum = 0;
      let count = 0;
      for (let row = 0; row < nRows - rowStep; row++) {
        for (let unit = 1; unit < nUnits - 1; unit++, count++) {
          sum += sign(row, unit) * sign(row + rowStep, unit + unitStep);
        }
      }
      expect(Math.abs(sum / count)).toBeLessThan(4 / Math.sqrt(count));
    }
  });

  it('stays what it is: studies are repeated with it', () => {
    const mask = dropoutMask({
      seed: 42,
      epoch: 1,
      batch: 0,
      layer: 0,
      rate: 0.5,
      nRows: 2,
      nUnits: 16,
    });
    expect([...mask].map((factor) => (factor > 0 ? '1' : '0')).join('')).toBe(
      '10101101000111011001011011101011',
    );
  });
});

describe.each(builds)('dropout in $name', ({ runtime }) => {
  /**
   * A network whose hidden units are all 1 before dropout, and whose only weighted row is `row`: the gradient of an
   * output weight is then proportional to that row's mask.
   */
  function engineMask(row: number, batch: number, nRows: number, nUnits: number): Float32Array {
    const rowsSoFar = batch * nRows;
    const engine = createDenseEngine(
      {
        nInputs: 1,
        hidden: [{ units: nUnits, activation: 'linear', dropout: 0.3 }],
        nOutputs: 1,
        loss: { kind: 'mae' },
        optimizer: { kind: 'sgd' },
      },
      runtime,
    );
    engine.setWeights([
      { kernel: new Float32Array(nUnits), bias: new Float32Array(nUnits).fill(1) },
      { kernel: new Float32Array(nUnits), bias: Float32Array.of(1) },
    ]);
    const total = rowsSoFar + nRows;
    const data: DenseData = {
      features: new Float32Array(total),
      targets: new Float32Array(total),
      rowWeights: Float32Array.from({ length: total }, (_, i) => (i === rowsSoFar + row ? 1 : 0)),
    };
    engine.setTrain(data);
    const order = Int32Array.from({ length: total }, (_, i) => i);
    engine.trainEpoch({ order, batchSize: nRows, learningRate: 1, seed: 7, epoch: 5 });
    return engine.getWeights()[1]!.kernel.map((weight) => 0 - weight);
  }

  it.each([
    { nRows: 1, nUnits: 5, batch: 0 },
    { nRows: 6, nUnits: 13, batch: 2 },
    { nRows: 300, nUnits: 20, batch: 1 },
  ])(
    'is that of dropoutMask: $nRows rows of $nUnits in batch $batch',
    ({ nRows, nUnits, batch }) => {
      const mask = dropoutMask({ seed: 7, epoch: 5, batch, layer: 0, rate: 0.3, nRows, nUnits });
      for (const row of [0, nRows >> 1, nRows - 1]) {
        const expected = mask.slice(row * nUnits, (row + 1) * nUnits);
        expect(engineMask(row, batch, nRows, nUnits)).toEqual(expected);
      }
    },
  );
});
