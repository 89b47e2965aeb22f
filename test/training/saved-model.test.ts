import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sizeOf, weightInfos } from '../../src-main/training/plan.ts';
import type { NetworkPlan } from '../../src-main/training/plan.ts';
import { decodeModel, encodeModel } from '../../src-main/training/saved-model.ts';
import type { SavedModel } from '../../src-main/training/saved-model.ts';
import { loadDataset } from '../../src-main/training/datasets/prepare.ts';
import { historyOf, preprocessingOf, rowCounts } from '../../src-main/training/saved-model.ts';
import { loadSpec } from '../../src-main/training/spec.ts';
import { suggestPlan } from '../../src-main/training/suggest-plan.ts';
import { RecordingTrial } from './helpers/recording-trial.ts';

const iris = loadSpec('iris');
const dataset = await loadDataset(iris);
const { network } = await suggestPlan(new RecordingTrial(), iris.spec, dataset);

function modelOf(weights: readonly Float32Array[], plan: NetworkPlan = network): SavedModel {
  return {
    ...preprocessingOf(dataset, iris.spec.data),
    network: plan,
    weights,
    origin: {
      studyName: 'Blumen “2”',
      trialNumber: 3,
      repetition: null,
      rows: 'train',
      epoch: 7,
      nRows: rowCounts(dataset),
      history: historyOf([]),
      tableHash: dataset.tableHash,
    },
  };
}

const arbitraryWeights = fc.tuple(
  ...weightInfos(network).map((info) =>
    fc.float32Array({ minLength: sizeOf(info), maxLength: sizeOf(info) }),
  ),
);

describe('encodeModel', () => {
  it('gives back every bit, the same bytes every time', () => {
    fc.assert(
      fc.property(arbitraryWeights, (weights) => {
        const model = modelOf(weights);
        const bytes = encodeModel(model);
        expect(decodeModel(bytes)).toEqual(model);
        expect(encodeModel(decodeModel(bytes))).toEqual(bytes);
      }),
      { numRuns: 3 },
    );
  });

  it('is a safetensors file', () => {
    const weights = weightInfos(network).map((info) =>
      Float32Array.from({ length: sizeOf(info) }, (_, i) => i / 3),
    );
    const bytes = encodeModel(modelOf(weights));
    const size = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + size))) as Record<
      string,
      { dtype: string; shape: number[]; data_offsets: [number, number] }
    >;
    const tensors = Object.entries(header).filter(([name]) => name !== '__metadata__');
    expect(tensors.map(([, { shape }]) => shape)).toEqual(
      weightInfos(network).map(({ shape }) => shape),
    );
    expect(tensors.every(([, { dtype }]) => dtype === 'F32')).toBe(true);
    // Without gaps, to the last byte, at a multiple of 8.
    let end = 0;
    for (const [, { data_offsets: place }] of tensors) {
      expect(place[0]).toBe(end);
      end = place[1];
    }
    expect(8 + size + end).toBe(bytes.length);
    expect(size % 8).toBe(0);
    expect(Object.values(header['__metadata__'] ?? {}).every((it) => typeof it === 'string')).toBe(
      true,
    );
  });
});

describe('decodeModel', () => {
  it('says what is not a model', () => {
    const bytes = encodeModel(modelOf(weightInfos(network).map(() => new Float32Array(0))));
    expect(() => decodeModel(bytes.subarray(0, 50), 'a.safetensors')).toThrow(
      /a\.safetensors is not a model that Parzen saved/,
    );
    expect(() => decodeModel(new Uint8Array(4))).toThrow(/is not a model/);
    const other = new TextEncoder().encode('{"__metadata__":{}}     ');
    const foreign = new Uint8Array(8 + other.length);
    new DataView(foreign.buffer).setBigUint64(0, BigInt(other.length), true);
    foreign.set(other, 8);
    expect(() => decodeModel(foreign)).toThrow(/its format is undefined/);
  });
});
