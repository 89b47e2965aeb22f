import type { Task } from '../vocabulary.ts';
import type { DateFormat, DatePart } from './dates.ts';
import type { FoldSource } from './folds.ts';
import type { TableFormat } from './table-format.ts';

/** Rows ready for training. */
export interface DataPart {
  readonly nRows: number;
  /** nRows x nFeatures, row-major. */
  readonly features: Float32Array;
  /** Classification: class numbers. Regression: nRows x nOutputs, standardized with `targetScales`. */
  readonly targets: Float32Array;
}

export interface ClassInfo {
  readonly name: string;
  readonly nTrainRows: number;
}

/** The neighbouring 0/1 features of one category column. */
export interface CategoryBlock {
  readonly column: string;
  /** The first of them. */
  readonly start: number;
  readonly size: number;
}

/** target = mean + scale * standardized. */
export interface TargetScale {
  readonly mean: number;
  readonly scale: number;
}

/** What the network needs to know of its data. Plain data: it is sent to the training children as it is. */
export interface TrainingData {
  readonly task: Task;
  readonly nFeatures: number;
  /** Number of classes, or of numbers to predict. */
  readonly nOutputs: number;
  /** In the order of the class numbers. Regression: null. */
  readonly classes: readonly ClassInfo[] | null;
  /** Regression: one per output, from the training rows. Classification: null. */
  readonly targetScales: readonly TargetScale[] | null;
  /** In the order of the features; absent: no column holds categories. */
  readonly categories?: readonly CategoryBlock[];
  /** Absent where rows are split once; else all folds, the first of which is what else stands here. */
  readonly folds?: FoldSource;
  readonly train: DataPart;
  readonly validation: DataPart;
}

export const partNames = ['train', 'validation', 'test'] as const;
export type PartName = (typeof partNames)[number];

/** A column of a table. */
export type Column =
  | {
      readonly type: 'number';
      /** NaN where there is no value. */
      readonly values: Float64Array;
    }
  | {
      readonly type: 'text';
      /** Places in `values`; -1 where there is no value. */
      readonly codes: Int32Array;
      /** The different texts, in the order in which they come first. */
      readonly values: readonly string[];
    }
  | {
      readonly type: 'date';
      /** Milliseconds since 1970 on the clock of the place that wrote them; NaN where there is no value. */
      readonly values: Float64Array;
    };

/** How a feature column becomes numbers; all of it learned from training rows, center and scale from those that `scaling.fit` names. */
export type FeatureEncoding =
  | {
      readonly column: string;
      readonly type: 'number';
      /** Encoded as (value - center) / scale. */
      readonly center: number;
      readonly scale: number;
      /** Where cells are no numbers but have an order: all of them; the value is the place in this list. */
      readonly order: readonly string[] | null;
      /** The value of an empty cell; null: the table may have none. */
      readonly fill: number | null;
      /** Whether a second feature is 1 where the cell is empty, else 0. */
      readonly flagsMissing: boolean;
    }
  | {
      readonly column: string;
      readonly type: 'category';
      /** One 0/1 feature each; '' stands for an empty cell. */
      readonly values: readonly string[];
      /** Whether a last 0/1 feature stands for all other values; else they have 0 in all features. */
      readonly hasOthers: boolean;
      /** What an empty cell counts as. */
      readonly fill: string;
    }
  | {
      readonly column: string;
      readonly type: 'date';
      readonly format: DateFormat;
      /** One feature each, and two, sine and cosine, of those that go round. */
      readonly parts: readonly DatePartEncoding[];
      /** Whether the table may have empty cells; they have what the training rows have on average. */
      readonly allowsMissing: boolean;
      /** Whether a last feature is 1 where the cell is empty, else 0. */
      readonly flagsMissing: boolean;
    };

export interface DatePartEncoding {
  readonly part: DatePart;
  /** Encoded as sine and cosine of its place on the circle, else as (value - center) / scale. */
  readonly isCyclic: boolean;
  readonly center: number;
  readonly scale: number;
  /** What the feature, or the two, of an empty cell are. */
  readonly fill: readonly number[];
}

/** A table made ready. The test rows stay with the parent: tuning never sees them. */
export interface Dataset extends TrainingData {
  readonly test: DataPart;
  readonly encodings: readonly FeatureEncoding[];
  /** Row numbers of the table per part. */
  readonly rows: Readonly<Record<PartName, Int32Array>>;
  /** The table as it was read: its format as given and, where it was not, detected. */
  readonly table: {
    readonly nRows: number;
    readonly columnNames: readonly string[];
    readonly format: TableFormat;
  };
  /** SHA-256 of the table's bytes. */
  readonly tableHash: string;
  /** What the user should know: rows left out, categories that training rows do not have. */
  readonly warnings: readonly string[];
}
