import { guardFormula, quoteCell } from '../../tuner/csv-cells.ts';
import { isNumber, showCell, type NumberMarks } from './cells.ts';
import type { Column, FeatureEncoding } from './dataset.ts';
import { encodeRows, readNewRows } from './encode.ts';
import { fileSource } from './table-file.ts';
import { readTexts } from './table.ts';
import type { TableProgress } from './table.ts';

const PREVIEW_ROWS = 50;
/** Unknown categories that are named, of each column. */
const MAX_NAMED = 5;

/** A table whose rows are to be predicted, for networks and for the table of the answers. */
export interface NewRows {
  readonly nRows: number;
  /** As networks get them, nRows x nFeatures. */
  readonly features: Float32Array;
  /** Of all columns, also those that networks do not read. */
  readonly columnNames: readonly string[];
  /** Cells of the first rows as they are written. */
  readonly preview: readonly (readonly string[])[];
  /** All cells of each row as CSV. */
  readonly lines: readonly string[];
  /** What was not as in training, such as categories that no training row has. */
  readonly notes: readonly string[];
}

/**
 * Reads new rows and encodes them.
 *
 * @param input.like How the numbers of the table were written that was trained with.
 * @param input.guardFormulas Put an apostrophe before texts in `lines` that spreadsheets run as formulas.
 * @throws TableError when a column is missing or a cell does not fit.
 */
export function prepareNewRows(
  input: {
    path: string;
    encodings: readonly FeatureEncoding[];
    like: Partial<NumberMarks>;
    guardFormulas: boolean;
  },
  onProgress?: (progress: TableProgress) => void,
): NewRows {
  const { path, encodings, like, guardFormulas } = input;
  const table = readNewRows(encodings, path, like, onProgress);
  const features = encodeRows(encodings, table.columns, { source: table.source });
  let nGuarded = 0;
  const toCell = (text: string): string => {
    if (!guardFormulas || isNumber(text, table.format)) return quoteCell(text);
    const guarded = guardFormula(text);
    if (guarded !== text) nGuarded++;
    return quoteCell(guarded);
  };
  const preview: (readonly string[])[] = [];
  const lines: string[] = [];
  readTexts(fileSource(path), table.format, (cells) => {
    if (preview.length < PREVIEW_ROWS) preview.push(cells);
    lines.push(cells.map(toCell).join(','));
  });
  return {
    nRows: table.nRows,
    features,
    columnNames: table.columnNames,
    preview,
    lines,
    notes: [
      ...table.warnings,
      ...encodings.flatMap((one) => notesOn(one, table.columns)),
      ...(nGuarded > 0
        ? [
            `${nGuarded === 1 ? 'A cell' : `${nGuarded} cells`} that a spreadsheet would run as ${nGuarded === 1 ? 'a formula gets' : 'formulas get'} an apostrophe in the CSV.`,
          ]
        : []),
    ],
  };
}

/** What cells have that training rows had not, and what was made of it. */
function notesOn(encoding: FeatureEncoding, columns: ReadonlyMap<string, Column>): string[] {
  const { column: name } = encoding;
  const column = columns.get(name) as Column;
  const nMissing =
    column.type === 'text'
      ? column.codes.filter((code) => code < 0).length
      : column.values.filter(Number.isNaN).length;
  const notes =
    nMissing > 0
      ? [
          `Column "${name}": ${nMissing} empty ${nMissing === 1 ? 'cell is' : 'cells are'} treated as in training.`,
        ]
      : [];
  if (encoding.type !== 'category' || column.type !== 'text') return notes;
  const known = new Set(encoding.values);
  const unknown = column.values.filter((value) => !known.has(value));
  if (unknown.length === 0) return notes;
  const named = unknown.slice(0, MAX_NAMED).map(showCell);
  return [
    ...notes,
    `Column "${name}": ${named.join(', ')}${unknown.length > MAX_NAMED ? ` and ${unknown.length - MAX_NAMED} more` : ''} ${unknown.length === 1 ? 'is' : 'are'} unknown from training and count${unknown.length === 1 ? 's' : ''} as ${encoding.hasOthers ? 'one of the rare categories' : 'none of the known categories'}.`,
  ];
}
