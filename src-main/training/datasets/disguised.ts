/** Numbers and dates that are written so that their column would be taken for one of categories. */
import { isNumber, type NumberMarks } from './cells.ts';
import { dateFormats, parseDate } from './dates.ts';
import type { DateFormat } from './dates.ts';

const amount =
  /^[+\-−]?\s?[$€£¥]?\s?[+\-−]?(?:\d{1,3}(?:[.,' \u00a0\u202f’]\d{3})+(?:[.,]\d+)?|(?:0|[1-9]\d*)(?:[.,]\d+)?)\s?[%‰€$£¥]?$/;
const hexadecimal = /^0x[\da-f]+$/i;

/** Whether the cell is no number as tables are read, but one to a human: with thousands marks, a currency, %, another decimal mark or minus sign, or hexadecimal. */
export function isDisguisedNumber(cell: string): boolean {
  return amount.test(cell) || hexadecimal.test(cell);
}

/** What to say of numbers in disguise, and how to be rid of them. */
export const disguisedNumberHelp =
  'a number with thousands marks, a currency, % or another decimal mark, which is not read as one. Set `data.format.thousands` or `data.format.decimal`, take them out of the table';

/**
 * Where all values of a column are numbers or dates to a human, and some of them no numbers to the reader: the first such, and what it is.
 *
 * @param values The column's different values, without gaps.
 * @returns Null where they are text.
 */
export function findDisguised(
  values: readonly string[],
  marks: NumberMarks,
): { readonly index: number; readonly problem: string } | null {
  if (values.length === 0) return null;
  const format = dateFormatOf(values);
  if (format)
    return {
      index: 0,
      problem: `is a date, as all of the column are. Say how dates are written under \`data.dates\` (\`format: ${format}\`)`,
    };
  let index = -1;
  for (const [i, value] of values.entries()) {
    if (isNumber(value, marks)) continue;
    if (!isDisguisedNumber(value)) return null;
    if (index < 0) index = i;
  }
  return index < 0 ? null : { index, problem: `is ${disguisedNumberHelp}` };
}

function dateFormatOf(values: readonly string[]): DateFormat | null {
  return (
    dateFormats.find((format) => values.every((value) => parseDate(value, format) !== null)) ?? null
  );
}
