import type { Predictions } from '../contract/models.ts';
import { targetsOf } from '../training/data-targets.ts';
import type { NumberMarks } from '../training/datasets/cells.ts';
import { runTableTask } from '../training/datasets/table-thread.ts';
import { createPredictor } from '../training/predict.ts';
import type { SavedModel } from '../training/saved-model.ts';
import { guardFormula, quoteCell } from '../tuner/csv-cells.ts';

export interface PredictTableOptions {
  readonly signal?: AbortSignal;
  /** Told of rows that are predicted. */
  readonly onProgress?: (nDone: number, nTotal: number) => void;
  /** Put an apostrophe before texts in the CSV that spreadsheets run as formulas. @default false */
  readonly guardFormulas?: boolean;
  /** How the numbers of the table were written that was trained with. */
  readonly like?: Partial<NumberMarks>;
}

/**
 * What networks together answer for the rows of a file.
 *
 * @throws TableError when a column is missing or a cell does not fit.
 */
export async function predictTable(
  models: readonly SavedModel[],
  path: string,
  { signal, onProgress, guardFormulas = false, like = {} }: PredictTableOptions = {},
): Promise<Predictions> {
  const [first] = models as [SavedModel];
  const { encodings, classes, network } = first;
  const table = await runTableTask('newRows', { path, encodings, like, guardFormulas }, { signal });
  const predictor = createPredictor(models);
  let answers: Float64Array;
  try {
    answers = await predictor.predict(table.features, signal, (nDone) =>
      onProgress?.(nDone, table.nRows),
    );
  } finally {
    predictor.dispose();
  }
  const answersOf = (row: number): (string | number)[] => {
    const own = answers.subarray(row * network.nOutputs, (row + 1) * network.nOutputs);
    return [...(classes ? [classes[own.indexOf(Math.max(...own))] ?? ''] : []), ...own];
  };
  const columns = [
    ...table.columnNames,
    ...newNames(
      [
        ...targetsOf(first).map((target) => `predicted_${target}`),
        ...(classes?.map((name) => `probability_${name}`) ?? []),
      ],
      table.columnNames,
    ),
  ];
  const toCell = (cell: string | number): string =>
    typeof cell === 'number' ? String(cell) : quoteCell(guardFormulas ? guardFormula(cell) : cell);
  const lines = [
    columns.map(toCell).join(','),
    ...table.lines.map((line, row) => `${line},${answersOf(row).map(toCell).join(',')}`),
  ];
  return {
    nRows: table.nRows,
    columns,
    nOwnColumns: table.columnNames.length,
    rows: table.preview.map((cells, row) => [...cells, ...answersOf(row)]),
    csv: `${lines.join('\n')}\n`,
    notes: table.notes,
  };
}

/** With a number behind those that the table has already, as when predictions are predicted. */
function newNames(names: readonly string[], taken: readonly string[]): string[] {
  const all = new Set(taken);
  return names.map((name) => {
    let free = name;
    for (let n = 2; all.has(free); n++) free = `${name}_${n}`;
    all.add(free);
    return free;
  });
}
