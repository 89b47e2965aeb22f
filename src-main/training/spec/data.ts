import { z } from 'zod';
import { imputations, tasks } from '../vocabulary.ts';

const fraction = z.number().min(0).max(1);
const rows = z.array(z.int().min(0)).describe('Row numbers, counted from 0 below the header.');
const cell = z.union([z.string(), z.number()]);

const splitSchema = z.union([
  z.strictObject({
    fractions: z.strictObject({ train: fraction, validation: fraction, test: fraction }),
    stratify: z
      .boolean()
      .optional()
      .describe('Keep the share of each class. Default: true for classification.'),
    seed: z.int().min(0).default(0),
  }),
  z.strictObject({
    rows: z
      .union([
        z.string(),
        z.strictObject({
          about: z.string().optional(),
          train: rows,
          validation: rows,
          test: rows.default([]),
        }),
      ])
      .describe(
        'The rows of each part, or the path of a JSON file (relative to the spec) that holds them.',
      ),
  }),
  z.strictObject({
    column: z
      .string()
      .describe('A column that says where each row belongs; it is not used as a feature.'),
    train: z.array(cell).min(1).optional().describe('Default: all other values.'),
    validation: z.array(cell).min(1).default(['validation']),
    test: z.array(cell).default(['test']),
  }),
]);

/** The table, its columns and parts. */
export const dataSchema = z.strictObject({
  table: z
    .string()
    .min(1)
    .describe(
      'A table that comes with Parzen (breast_cancer, diabetes, digits, iris, wine), or the path of a CSV file with a header, relative to the spec.',
    ),
  delimiter: z
    .string()
    .length(1)
    .optional()
    .describe('Default: a tab for .tsv files, else a comma.'),
  task: z.enum(tasks),
  target: z.string().min(1).describe('The column to predict.'),
  ignore: z.array(z.string()).default([]).describe('Columns that are no features.'),
  categories: z
    .array(z.string())
    .default([])
    .describe(
      'Feature columns to be taken as categories although they hold numbers. Columns with text are categories anyway. Categories become one column each (one-hot).',
    ),
  ordinal: z
    .record(z.string(), z.array(cell).min(2))
    .default({})
    .describe(
      'Feature columns whose values have an order, each with all its values from the lowest to the highest. They become one column, the place in that list, which is scaled as numbers are.',
    ),
  rareCategories: z
    .int()
    .min(1)
    .default(1)
    .describe(
      'Categories that fewer training rows have than this share one column, and so do those that no training row has. 1: each has a column of its own.',
    ),
  missing: z
    .enum(['error', 'drop', ...imputations])
    .default('error')
    .describe(
      'Rows with empty cells: "error" refuses the table, "drop" leaves these rows out. The others fill them in, by what the training rows have: "mean" and "median" in columns of numbers, where categories get the most frequent one; "mode" the most frequent value everywhere; "ownCategory" makes a category of having no value, and gives numbers the median beside a column that is 1 where there is none (columns that training rows have gaps in). Rows without a target are left out then.',
    ),
  split: splitSchema,
  scaling: z
    .strictObject({
      method: z
        .enum(['standard', 'minMax', 'robust', 'none'])
        .default('standard')
        .describe(
          'Of numbers: mean 0 and deviation 1, range 0 to 1, median 0 and distance of the quartiles 1, or as they are.',
        ),
      fit: z
        .enum(['train', 'all'])
        .default('train')
        .describe(
          'Which rows the means and ranges are taken from. "all" lets the validation and test rows shift and stretch the features that the network learns from. That is information about them which a network in use does not have (a leak), so scores come out too good; it is there to repeat studies that did so.',
        ),
    })
    .prefault({}),
});
