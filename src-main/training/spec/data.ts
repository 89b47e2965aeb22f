import { z } from 'zod';
import { thousandsMarks } from '../datasets/cells.ts';
import { dateFormats, dateParts } from '../datasets/dates.ts';
import { imputations, tasks } from '../vocabulary.ts';

const fraction = z.number().min(0).max(1);
const rows = z.array(z.int().min(0)).describe('Row numbers, counted from 0 below the header.');
const cell = z.union([z.string(), z.number()]);
const fractions = z.strictObject({ train: fraction, validation: fraction, test: fraction });
const sharesByDefault = { train: 0.6, validation: 0.2, test: 0.2 };
const group = z
  .string()
  .min(1)
  .describe(
    'A column, such as a patient or a machine: all rows of one value of it go to the same part, so that what is known of one row does not give away another. It is not used as a feature.',
  );
const stratify = z
  .boolean()
  .optional()
  .describe('Keep the share of each class. Default: true for classification without groups.');

const seed = z.int().min(0).default(0);

const splitSchema = z.union([
  z.strictObject({ fractions, stratify, seed }),
  z.strictObject({
    column: z
      .string()
      .describe('A column that says where each row belongs; it is not used as a feature.'),
    train: z.array(cell).min(1).optional().describe('Default: all other values.'),
    validation: z.array(cell).min(1).default(['validation']),
    test: z.array(cell).default(['test']),
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
    group,
    fractions: fractions
      .default(sharesByDefault)
      .describe('Shares of the rows, met as nearly as whole groups can.'),
    seed,
  }),
  z.strictObject({
    time: z
      .string()
      .min(1)
      .describe(
        'A column of dates or numbers that puts rows into order: the first ones train, the last ones test. Rows of the same time stay together. It is a feature only where `data.dates` names it.',
      ),
    fractions: fractions.default(sharesByDefault),
  }),
  z.strictObject({
    folds: z
      .int()
      .min(2)
      .max(100)
      .describe(
        'Cross-validation: the rows that are not for testing are dealt out to so many folds. Each trial trains once per fold, with all others, and its value is the mean over the folds. Folds are reported in place of epochs, as the Wilcoxon pruner wants it.',
      ),
    repeats: z.int().min(1).max(100).default(1).describe('So often, each time dealt out anew.'),
    test: z.number().min(0).lt(1).default(0.2).describe('Share of the rows held out for the end.'),
    stratify,
    group: group.optional(),
    seed,
  }),
]);

const character = z
  .string()
  .regex(/^[\t !-/:-@[-^`{-~]$/, 'must be one character of ASCII and no letter or digit');

const missing = z.enum(['error', 'drop', ...imputations]);
const scalingMethod = z.enum(['standard', 'minMax', 'robust', 'none']);

/** The table, its columns and parts. */
export const dataSchema = z.strictObject({
  table: z
    .string()
    .min(1)
    .describe(
      'A table that comes with Parzen (breast_cancer, diabetes, digits, iris, wine), or the path of a CSV file, relative to the spec.',
    ),
  delimiter: character
    .optional()
    .describe('What stands between cells. The same as `format.delimiter`.'),
  format: z
    .strictObject({
      delimiter: character.optional().describe('What stands between cells.'),
      quote: character.optional().describe('What stands around cells that hold delimiters.'),
      encoding: z
        .string()
        .min(1)
        .optional()
        .describe('Such as utf-8, utf-16le, windows-1252 or iso-8859-2.'),
      decimal: z
        .enum(['.', ','])
        .optional()
        .describe('What stands before the decimals of numbers.'),
      thousands: z
        .enum(thousandsMarks)
        .optional()
        .describe(
          'What stands between the thousands of numbers, such as "." in 1.234,5; a space may also be one that does not break. Numbers without it are numbers too. Detected only where a number has both it and decimals, as 1,234 alone may be either.',
        ),
      hasHeader: z
        .boolean()
        .optional()
        .describe('Whether the first line names the columns; else they are column_1, column_2, ….'),
    })
    .prefault({})
    .describe(
      'How the table is written. What is not said is detected from its beginning, and kept with the study.',
    ),
  task: z.enum(tasks),
  target: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .describe('The column to predict; for regression also several.'),
  ignore: z.array(z.string()).default([]).describe('Columns that are no features.'),
  categories: z
    .array(z.string())
    .default([])
    .describe(
      'Feature columns to be taken as categories although they hold numbers, or yes and no. Columns with text are categories anyway, but two words for yes and no become one column of 1 and 0. Categories become one column each (one-hot).',
    ),
  numbers: z
    .array(z.string())
    .default([])
    .describe(
      'Feature columns of numbers, also where zeros stand before them, which otherwise makes a code of them. Columns of nothing but numbers are taken as such anyway.',
    ),
  dates: z
    .record(
      z.string(),
      z.strictObject({
        format: z
          .enum(dateFormats)
          .default('iso')
          .describe(
            'iso: 2024-12-31, also with a time, such as 2024-12-31T14:30:00Z; dayFirst: 31.12.2024 or 31/12/2024; monthFirst: 12/31/2024.',
          ),
        parts: z
          .array(z.enum(dateParts))
          .min(1)
          .optional()
          .describe('What is learned from. Default: what differs among the training rows.'),
        cyclic: z
          .boolean()
          .default(true)
          .describe(
            'Month, day, weekday and hour as sine and cosine, two columns each, so that December is next to January; else as numbers that are scaled. The year is a number in any case.',
          ),
      }),
    )
    .default({})
    .describe(
      'Feature columns of dates. Their parts are taken as the clock that wrote them had it.',
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
  missing: missing
    .default('error')
    .describe(
      'Rows with empty cells: "error" refuses the table, "drop" leaves these rows out. The others fill them in, by what the training rows have: "mean" and "median" in columns of numbers, where categories get the most frequent one; "mode" the most frequent value everywhere; "ownCategory" makes a category of having no value, and gives numbers the median beside a column that is 1 where there is none (columns that training rows have gaps in). Rows without a target are left out then.',
    ),
  columns: z
    .record(
      z.string(),
      z.strictObject({
        missing: missing.optional().describe('In place of `data.missing`.'),
        scaling: scalingMethod
          .optional()
          .describe('In place of `data.scaling.method`; of numbers, orders and dates.'),
      }),
    )
    .default({})
    .describe('Feature columns that are treated otherwise than all others.'),
  split: splitSchema,
  scaling: z
    .strictObject({
      method: scalingMethod
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
