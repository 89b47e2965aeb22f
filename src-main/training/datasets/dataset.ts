import type { Task } from '../vocabulary.ts';

/** Rows ready for training. */
export interface DataPart {
  readonly nRows: number;
  /** nRows x nFeatures, row-major. */
  readonly features: Float32Array;
  /** Classification: class numbers. Regression: nRows x nOutputs, standardized with `targetScale`. */
  readonly targets: Float32Array;
}

export interface ClassInfo {
  readonly name: string;
  readonly nTrainRows: number;
}

/** What the network needs to know of its data. Plain data: it is sent to the training children as it is. */
export interface TrainingData {
  readonly task: Task;
  readonly nFeatures: number;
  /** Number of classes, or of numbers to predict. */
  readonly nOutputs: number;
  /** In the order of the class numbers. Regression: null. */
  readonly classes: readonly ClassInfo[] | null;
  /** Regression: target = mean + scale * standardized, from the training rows. Classification: null. */
  readonly targetScale: { readonly mean: number; readonly scale: number } | null;
  readonly train: DataPart;
  readonly validation: DataPart;
}

export const partNames = ['train', 'validation', 'test'] as const;
export type PartName = (typeof partNames)[number];

/** How a feature column becomes numbers; all of it learned from the rows that `scaling.fit` names. */
export type FeatureEncoding =
  | {
      readonly column: string;
      readonly type: 'number';
      /** Encoded as (value - center) / scale. */
      readonly center: number;
      readonly scale: number;
    }
  | {
      readonly column: string;
      readonly type: 'category';
      /** One 0/1 feature each; a row with another value has 0 in all of them. */
      readonly values: readonly string[];
    };

/** A table made ready. The test rows stay with the parent: tuning never sees them. */
export interface Dataset extends TrainingData {
  readonly test: DataPart;
  readonly encodings: readonly FeatureEncoding[];
  /** Row numbers of the table per part. */
  readonly rows: Readonly<Record<PartName, readonly number[]>>;
  /** SHA-256 of the table's bytes. */
  readonly tableHash: string;
  /** What the user should know: rows left out, categories that training rows do not have. */
  readonly warnings: readonly string[];
}
