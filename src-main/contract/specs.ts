import { z } from 'zod';
import type { CategoricalChoice, Distribution } from '../tuner/distributions.ts';
import type { StudyDirection } from '../tuner/study/direction.ts';
import { defineCall } from './define.ts';
import { studyKeySchema } from './library.ts';

/** A study spec as plain data; `specs.check` says whether it is one. */
export type SpecData = Readonly<Record<string, unknown>>;

/** Which settings and values are for. */
export type SpecTask = 'classification' | 'regression';

/** One of the values that a setting can have. */
export interface SpecOption {
  readonly value: CategoricalChoice;
  readonly title: string;
  /** Of metrics: what is better. */
  readonly direction?: StudyDirection;
  /** The only tasks it is for; without it all. */
  readonly tasks?: readonly SpecTask[];
}

/** A part of the search space as specs write it: exactly one of `float`, `int` and `choices`. */
export interface SpecSpace {
  readonly name?: string;
  readonly float?: readonly [number, number];
  readonly int?: readonly [number, number];
  readonly choices?: readonly CategoricalChoice[];
  readonly log?: boolean;
  readonly step?: number;
}

/** One setting of a spec as a form asks for it; made from the spec's JSON Schema. */
export interface SpecSetting {
  /** The keys that lead to it from the top of the spec; in lists of sections from the section. */
  readonly path: readonly string[];
  readonly title: string;
  readonly description: string;
  readonly type: 'number' | 'choice' | 'boolean' | 'text';
  readonly isInteger: boolean;
  readonly min: number | null;
  readonly max: number | null;
  /** Of a choice. */
  readonly options: readonly SpecOption[];
  /** Whether a range or a list of choices may stand in its place. */
  readonly isTunable: boolean;
  /** Whether every hidden layer may have its own. */
  readonly isPerLayer: boolean;
  /** Whether every class may have its own number, by its name; those not named have 1. */
  readonly isPerClass: boolean;
  /** What its parameter is called unless the space says otherwise; `{layer}` stands for the layer's number. */
  readonly paramName: string | null;
  /** Whether most people want to see it; the others are offered. */
  readonly isUsual: boolean;
  readonly isRequired: boolean;
  /** What it is where the spec leaves it out; null: see the description. */
  readonly default: CategoricalChoice;
  /** A good value to begin with. */
  readonly start: CategoricalChoice;
  /** A good space to begin with. */
  readonly space: SpecSpace | null;
  /** It has a meaning only where another setting can be one of these values. */
  readonly onlyIf: {
    readonly path: readonly string[];
    readonly values: readonly CategoricalChoice[];
  } | null;
}

/** Settings that stand together. */
export interface SpecGroup {
  /** Where they stand in the spec; `path` of its settings begins with it. */
  readonly path: readonly string[];
  readonly title: string;
  readonly description: string;
  /** Whether the spec may have it or not, as early stopping. */
  readonly isOptional: boolean;
  /** The spec must have it where another setting is one of these values, and must not elsewhere. */
  readonly onlyIf: SpecSetting['onlyIf'];
  readonly settings: readonly SpecSetting[];
}

/** A beginning: sections that replace those of a spec. */
export interface SpecPreset {
  readonly title: string;
  readonly description: string;
  readonly sections: SpecData;
}

export interface SpecForm {
  /** The spec's JSON Schema. */
  readonly schema: SpecData;
  readonly groups: readonly SpecGroup[];
  /** The settings of one objective; a spec may have several. */
  readonly objective: readonly SpecSetting[];
  /** Ways to split a table that the spec knows, by the key that tells them: `fractions`, `column`, … */
  readonly splits: readonly {
    readonly key: string;
    /** Whether it says what share of the rows each part gets. */
    readonly hasFractions: boolean;
    readonly settings: readonly SpecSetting[];
  }[];
  /** Networks and their spaces to begin with. */
  readonly presets: readonly SpecPreset[];
}

export interface SpecProblem {
  /** The keys and places that lead to what it is about; empty: all of it. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** A parameter that trials may be asked for. */
export interface SpecParam {
  readonly name: string;
  readonly distribution: Distribution;
  /** When it is asked for, such as `n_layers ≥ 2`; null: always. */
  readonly condition: string | null;
}

export const specParts = ['train', 'validation', 'test'] as const;
export type SpecPart = (typeof specParts)[number];

/** What the table becomes. */
export interface SpecDataFacts {
  readonly nRows: Readonly<Record<SpecPart, number>>;
  readonly nFeatures: number;
  readonly nOutputs: number;
  /** Rows of each class; null for regression. */
  readonly classes:
    readonly { readonly name: string; readonly nRows: Readonly<Record<SpecPart, number>> }[] | null;
}

export interface SpecCheck {
  /** What must be mended before a study can be made. */
  readonly issues: readonly SpecProblem[];
  /** What the user should know. */
  readonly warnings: readonly SpecProblem[];
  /** null while the table or its columns are not right, and for studies without a table. */
  readonly data: SpecDataFacts | null;
  /** What is searched; empty while that cannot be told. */
  readonly space: readonly SpecParam[];
  /** null while there are issues. */
  readonly result: {
    /** Defaults filled in. */
    readonly spec: SpecData;
    /** Infinity with a continuous range; null: too many conditions to count. */
    readonly nCombinations: number | null;
    /** Trainable numbers of the largest network; 0 where none is trained. */
    readonly maxParameters: number;
    /** Of all trials together, if none ends early; null without a number of trials. */
    readonly maxEpochs: number | null;
    /** The spec file that `parzen run` takes, without what is default. */
    readonly yaml: string;
    readonly commandLine: string;
  } | null;
}

const specData = z.record(z.string(), z.unknown());

export const specsCalls = {
  'specs.form': defineCall<SpecForm>()(z.strictObject({})),
  /**
   * A whole spec for a table: `data` as in a spec, of which only table, task and target must be there. Reads the table: tells `data.progress`, and
   * ends early when it is aborted, as `specs.check` does.
   */
  'specs.default': defineCall<SpecData>()(z.strictObject({ data: specData })),
  'specs.check': defineCall<SpecCheck>()(
    z.strictObject({
      spec: specData,
      /** Where the study is to be kept, for the command line. @default the library's own file */
      storageId: z.string().optional(),
    }),
  ),
  /** The spec of a study, of a built-in study by its name, or of a file, without what is default. */
  'specs.load': defineCall<SpecData>()(
    z.strictObject({ from: z.union([studyKeySchema, z.string().min(1)]) }),
  ),
};
