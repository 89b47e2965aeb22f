/** What single cells say: nothing, a number, yes or no. */

/** Cells that mean "no value". */
const missingMarks = new Set(['', 'NA', 'N/A', 'NaN', 'nan', 'null', 'NULL', '?']);
const longestMark = 4;

export function isMissing(cell: string): boolean {
  return missingMarks.has(cell);
}

/** `isMissing` for the text of bytes. */
export function isMissingBytes(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length === 0) return true;
  if (length > longestMark) return false;
  const first = bytes[start] as number;
  // ?, N and n: all others begin no mark.
  if (first !== 63 && first !== 78 && first !== 110) return false;
  return missingMarks.has(textOf(bytes, start, end));
}

/** What stands between the thousands of a number. A space may also be one that does not break, an apostrophe a typographic one. */
export const thousandsMarks = ['none', '.', ',', ' ', "'"] as const;

/** How the numbers of a table are written. */
export interface NumberMarks {
  readonly decimal: '.' | ',';
  /** Numbers without it are numbers too. */
  readonly thousands: (typeof thousandsMarks)[number];
}

const plainMarks: NumberMarks = { decimal: '.', thousands: 'none' };

const numberPatterns = {
  '.': /^[+-]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/,
  ',': /^[+-]?((0|[1-9]\d*)(,\d*)?|,\d+)([eE][+-]?\d+)?$/,
};

const thousandsPatterns = {
  '.': { marks: /\./g, grouped: /^[+-]?[1-9]\d{0,2}(\.\d{3})+(,\d*)?$/ },
  ',': { marks: /,/g, grouped: /^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/ },
  ' ': {
    marks: /[ \u00a0\u202f]/g,
    grouped: /^[+-]?[1-9]\d{0,2}([ \u00a0\u202f]\d{3})+([.,]\d*)?$/,
  },
  "'": { marks: /['’]/g, grouped: /^[+-]?[1-9]\d{0,2}(['’]\d{3})+([.,]\d*)?$/ },
};

/**
 * Whether the cell is a decimal number as most programs write them, and one that a computer can hold. Digits with zeros before them are none: they are codes,
 * such as postal codes, which would lose the zeros.
 */
export function isNumber(cell: string, marks = plainMarks): boolean {
  const plain = withoutThousands(cell, marks);
  return numberPatterns[marks.decimal].test(plain) && Number.isFinite(toNumber(plain, marks));
}

/** The cell without its thousands marks, where these stand as they should in a number. */
export function withoutThousands(cell: string, { thousands }: NumberMarks): string {
  if (thousands === 'none') return cell;
  const { marks, grouped } = thousandsPatterns[thousands];
  return grouped.test(cell) ? cell.replaceAll(marks, '') : cell;
}

/** The number in a cell that is one. */
function toNumber(cell: string, marks: NumberMarks): number {
  const plain = withoutThousands(cell, marks);
  return Number(marks.decimal === ',' ? plain.replace(',', '.') : plain);
}

/** Whether it would be a number without the zeros before it. */
export function isPaddedNumber(cell: string): boolean {
  return /^[+-]?0+\d+([.,]\d*)?$/.test(cell);
}

const powersOfTen = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

const [PLUS, MINUS, ZERO, NINE] = [43, 45, 48, 57];

/** The number that the bytes write, as `isNumber` and `toNumber` have it; NaN where they write none. */
export function parseNumber(
  bytes: Uint8Array,
  start: number,
  end: number,
  marks: NumberMarks,
): number {
  const value = parsePlainNumber(bytes, start, end, marks.decimal);
  if (marks.thousands === 'none' || !Number.isNaN(value)) return value;
  const text = textOf(bytes, start, end);
  return isNumber(text, marks) ? toNumber(text, marks) : NaN;
}

function parsePlainNumber(
  bytes: Uint8Array,
  start: number,
  end: number,
  decimal: '.' | ',',
): number {
  const point = decimal === '.' ? 46 : 44;
  let i = start;
  const first = bytes[i];
  if (first === MINUS || first === PLUS) i++;
  const firstDigit = i;
  let digits = 0;
  let byte: number;
  while (i < end && (byte = bytes[i] as number) >= ZERO && byte <= NINE) {
    digits = digits * 10 + byte - ZERO;
    i++;
  }
  let nDigits = i - firstDigit;
  if (nDigits > 1 && bytes[firstDigit] === ZERO) return NaN;
  let nDecimals = 0;
  if (i < end && bytes[i] === point) {
    const firstDecimal = ++i;
    while (i < end && (byte = bytes[i] as number) >= ZERO && byte <= NINE) {
      digits = digits * 10 + byte - ZERO;
      i++;
    }
    nDecimals = i - firstDecimal;
    nDigits += nDecimals;
  }
  if (nDigits === 0) return NaN;
  // So many digits, and this power of ten, are exact: their quotient is then the nearest number there is.
  if (i === end && nDigits <= 15) {
    const value = digits / (powersOfTen[nDecimals] as number);
    return first === MINUS ? -value : value;
  }
  const text = textOf(bytes, start, end);
  const marks = { decimal, thousands: 'none' } as const;
  return isNumber(text, marks) ? toNumber(text, marks) : NaN;
}

const decoder = new TextDecoder();

export function textOf(bytes: Uint8Array, start: number, end: number): string {
  // Short texts of ASCII, as most are, are made faster by hand.
  if (end - start > 24) return decoder.decode(bytes.subarray(start, end));
  let text = '';
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte >= 128) return decoder.decode(bytes.subarray(start, end));
    text += String.fromCharCode(byte);
  }
  return text;
}

/** As messages show it: in quotes, and of a long one the beginning. */
export function showCell(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);
}

const booleanPairs = ['true false', 'yes no', 't f', 'y n', '1 0', 'on off'].map((pair) =>
  pair.split(' '),
);

/** Whether these are the words for yes and no of one kind. */
export function isBooleanPair(values: readonly string[]): boolean {
  const words = values.map((value) => value.toLowerCase());
  return booleanPairs.some(
    (pair) => words.length === 2 && pair.every((word) => words.includes(word)),
  );
}
