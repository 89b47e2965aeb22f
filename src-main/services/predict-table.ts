import type { Predictions } from '../contract/models.ts';
import { targetsOf } from '../training/data-targets.ts';
import { encodeRows, readNewRows } from '../training/datasets/encode.ts';
import type { Column, FeatureEncoding } from '../training/datasets/dataset.ts';
import { createPredictor } from '../training/predict.ts';
import type { SavedModel } from '../training/saved-model.ts';

const PREVIEW_ROWS = 50;
/** Unknown categories that are named, of each column. */
const MAX_NAMED = 5;

/**
 * What networks together answer for the rows of a file.
 *
 * @throws TableError when a column is missing or a cell does not fit.
 */
export async function predictTable(
  models: readonly SavedModel[],
  path: string,
  signal: AbortSignal,
): Promise<Predictions> {
  const [first] = models as [SavedModel];
  const { encodings, classes, network } = first;
  const table = readNewRows(encodings, path);
  const features = encodeRows(encodings, table.columns, { source: table.source });
  const predictor = createPredictor(models);
  let answers: Float64Array;
  try {
    answers = await predictor.predict(features, signal);
  } finally {
    predictor.dispose();
  }
  const targets = targetsOf(first);
  const columns = [
    'row',
    ...targets.map((target) => `predicted_${target}`),
    ...(classes?.map((name) => `probability_${name}`) ?? []),
  ];
  const rowOf = (row: number): (string | number)[] => {
    const own = answers.subarray(row * network.nOutputs, (row + 1) * network.nOutputs);
    return [row, ...(classes ? [classes[own.indexOf(Math.max(...own))] ?? ''] : []), ...own];
  };
  const rows = Array.from({ length: table.nRows }, (_, row) => rowOf(row));
  return {
    nRows: table.nRows,
    columns,
    rows: rows.slice(0, PREVIEW_ROWS),
    csv: [columns, ...rows].map((cells) => `${cells.map(quote).join(',')}\n`).join(''),
    notes: [...table.warnings, ...encodings.flatMap((one) => notesOn(one, table.columns))],
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
  const named = unknown.slice(0, MAX_NAMED).map((value) => JSON.stringify(value));
  return [
    ...notes,
    `Column "${name}": ${named.join(', ')}${unknown.length > MAX_NAMED ? ` and ${unknown.length - MAX_NAMED} more` : ''} ${unknown.length === 1 ? 'is' : 'are'} unknown from training and count${unknown.length === 1 ? 's' : ''} as ${encoding.hasOthers ? 'one of the rare categories' : 'none of the known categories'}.`,
  ];
}

function quote(cell: string | number): string {
  return typeof cell === 'string' && /[",\r\n]/.test(cell)
    ? `"${cell.replaceAll('"', '""')}"`
    : String(cell);
}
