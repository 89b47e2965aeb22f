/**
 * Trained networks as files: safetensors, which Python's `safetensors` and others read. The weights are its tensors; all else that a prediction
 * needs stands as JSON under `parzen` in its metadata, so that a file says by itself what it predicts, from which columns and how they are prepared.
 */
import { TunerError } from '../tuner/errors.ts';
import type { Interval } from '../tuner/math/intervals.ts';
import type { Dataset, FeatureEncoding, PartName } from './datasets/dataset.ts';
import { messageOf } from './errors.ts';
import { sizeOf, weightInfos } from './plan.ts';
import type { NetworkPlan, WeightInfo } from './plan.ts';
import type { DataSpec } from './spec.ts';
import type { Epoch } from './train.ts';
import type { Task } from './vocabulary.ts';

export const trainingRows = ['train', 'trainAndValidation'] as const;
/** What a network was trained on: the training rows, or the validation rows too. */
export type TrainingRows = (typeof trainingRows)[number];

/** Where a network comes from. */
export interface ModelOrigin {
  readonly studyName: string;
  readonly trialNumber: number;
  /** Which of the networks that were trained with the trial's parameters; null: the trial's own. */
  readonly repetition: number | null;
  readonly rows: TrainingRows;
  /** The epoch that the weights are of, counted from 0. */
  readonly epoch: number;
  readonly nRows: Readonly<Record<PartName, number>>;
  /** How training went, epoch by epoch. */
  readonly history: TrainingHistory;
  /** Of the trial's first value, by its validation rows. Absent in files of earlier versions, and where it is not known. */
  readonly interval?: Interval;
  /** SHA-256 of the table it was trained on. */
  readonly tableHash: string;
}

/** Measured in every epoch; accuracies are null for regression. */
export interface TrainingHistory {
  readonly trainLoss: readonly number[];
  readonly valLoss: readonly number[];
  readonly trainAccuracy: readonly number[] | null;
  readonly valAccuracy: readonly number[] | null;
}

/** What stays the same for all networks of a study: how cells become features, and outputs become answers. */
export interface Preprocessing {
  readonly task: Task;
  readonly target: DataSpec['target'];
  /** In the order of the outputs; null for regression. */
  readonly classes: readonly string[] | null;
  readonly targetScales: Dataset['targetScales'];
  readonly encodings: readonly FeatureEncoding[];
}

/** A trained network with all that a prediction needs. */
export interface SavedModel extends Preprocessing {
  readonly network: NetworkPlan;
  /** In the order of `weightInfos`. */
  readonly weights: readonly Float32Array[];
  readonly origin: ModelOrigin;
}

/** A file that should hold a trained network does not. */
export class ModelFileError extends TunerError {
  constructor(message: string, options?: ErrorOptions) {
    super('INVALID_MODEL_FILE', message, options);
  }
}

const FORMAT = 1;

export function historyOf(epochs: readonly Epoch[]): TrainingHistory {
  const column = (name: 'trainAccuracy' | 'valAccuracy'): number[] | null =>
    epochs.some((epoch) => epoch[name] === null) ? null : epochs.map((epoch) => epoch[name] ?? NaN);
  return {
    trainLoss: epochs.map(({ trainLoss }) => trainLoss),
    valLoss: epochs.map(({ valLoss }) => valLoss),
    trainAccuracy: column('trainAccuracy'),
    valAccuracy: column('valAccuracy'),
  };
}

/** How many rows each part of the table has. */
export function rowCounts({ train, validation, test }: Dataset): ModelOrigin['nRows'] {
  return { train: train.nRows, validation: validation.nRows, test: test.nRows };
}

export function preprocessingOf(dataset: Dataset, { target }: DataSpec): Preprocessing {
  const { task, classes, targetScales, encodings } = dataset;
  return {
    task,
    target,
    classes: classes?.map(({ name }) => name) ?? null,
    targetScales,
    encodings,
  };
}

/** The same model gives the same bytes. */
export function encodeModel({ weights, ...description }: SavedModel): Uint8Array {
  const infos = weightInfos(description.network);
  let end = 0;
  const tensors = weights.map((array, i) => {
    const start = end;
    end += array.byteLength;
    const info = infos[i] as WeightInfo;
    return [
      tensorName(info),
      { dtype: 'F32', shape: info.shape, data_offsets: [start, end] },
    ] as const;
  });
  const json = JSON.stringify({
    __metadata__: { format: 'pt', parzen: JSON.stringify({ format: FORMAT, ...description }) },
    ...Object.fromEntries(tensors),
  });
  const header = new TextEncoder().encode(json);
  // Spaces after the header let the numbers begin at a multiple of 8, as the format recommends.
  const headerSize = Math.ceil(header.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerSize + end).fill(0x20, 8, 8 + headerSize);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(headerSize), true);
  bytes.set(header, 8);
  let offset = 8 + headerSize;
  for (const array of weights) {
    for (let i = 0; i < array.length; i++)
      view.setFloat32(offset + 4 * i, array[i] as number, true);
    offset += array.byteLength;
  }
  return bytes;
}

/** @throws ModelFileError */
export function decodeModel(bytes: Uint8Array, source = 'The file'): SavedModel {
  try {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const headerSize = Number(view.getBigUint64(0, true));
    const header = JSON.parse(
      new TextDecoder().decode(bytes.subarray(8, 8 + headerSize)),
    ) as Record<string, never>;
    const description = JSON.parse(header['__metadata__']?.['parzen'] ?? 'null') as
      (Omit<SavedModel, 'weights'> & { format: number }) | null;
    if (description?.format !== FORMAT)
      throw new Error(`its format is ${description?.format}, which this version does not know`);
    const { format: _, ...model } = description;
    const weights = weightInfos(model.network).map((info) => {
      const { data_offsets: place } = header[tensorName(info)] as unknown as {
        data_offsets: [number, number];
      };
      const start = 8 + headerSize + place[0];
      return Float32Array.from({ length: sizeOf(info) }, (_value, k) =>
        view.getFloat32(start + 4 * k, true),
      );
    });
    return { ...model, weights };
  } catch (error) {
    throw new ModelFileError(`${source} is not a model that Parzen saved: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}

function tensorName({ part, layer, role }: WeightInfo): string {
  return `${part}.${layer}.${role}`;
}
