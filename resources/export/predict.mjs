#!/usr/bin/env node
/**
 * Predicts __TARGET__ for the rows of a CSV file, with networks that Parzen trained. Needs Node 18 or later and nothing else.
 *
 *     node predict.mjs rows.csv > predictions.csv
 *
 * The file has a header with these columns, in any order: __COLUMNS__.
 * Options, where it is written in another way than the table that was trained with: --delimiter ';', --decimal ',', --thousands '.' and --encoding windows-1252.
 */
import { readFileSync } from 'node:fs';

const model = __MODEL__;

// Reading --------------------------------------------------------------------

function parseCsv(text, delimiter) {
  const rows = [];
  let row = [];
  let cell = '';
  let isQuoted = false;
  const endCell = () => {
    row.push(cell.trim());
    cell = '';
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (isQuoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') cell += text[++i];
      else isQuoted = false;
    } else if (c === '"' && cell.trim() === '') {
      cell = '';
      isQuoted = true;
    } else if (c === delimiter) endCell();
    else if (c === '\n' || c === '\r') {
      if (c === '\r' && text[i + 1] === '\n') i++;
      endCell();
      if (row.length > 1 || row[0] !== '') rows.push(row);
      row = [];
    } else cell += c;
  }
  endCell();
  if (row.length > 1 || row[0] !== '') rows.push(row);
  return rows;
}

/** UTF-16 where a byte order mark says so, UTF-8, or as the table that was trained with. */
function decode(bytes, encoding) {
  const marks = { fffe: ['utf-16le'], feff: ['utf-16be'] };
  const marked = marks[Buffer.from(bytes.subarray(0, 2)).toString('hex')] ?? [];
  for (const label of encoding ? [encoding] : [...marked, 'utf-8', model.table.encoding])
    try {
      const text = new TextDecoder(label, { fatal: true }).decode(bytes);
      // What is UTF-16 may look like UTF-8 with a NUL at every second place.
      if (!text.includes('\0')) return text;
    } catch {
      // The next may be the right one.
    }
  return null;
}

function findDelimiter(text) {
  const header = text.split(/\r?\n/, 1)[0];
  const counts = [',', ';', '\t', '|'].map((it) => [it, header.split(it).length]);
  return counts.sort((a, b) => b[1] - a[1])[0][0];
}

const missingMarks = ['', 'NA', 'N/A', 'NaN', 'nan', 'null', 'NULL', '?'];

const datePatterns = {
  iso: /^(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})(?:[T ](?<hour>\d{2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,]\d+)?)?)? ?(?:Z|[+-]\d{2}:?\d{2})?$/,
  dayFirst:
    /^(?<day>\d{1,2})([./-])(?<month>\d{1,2})\2(?<year>\d{4})(?:[T ,]+(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,]\d+)?)?)?$/,
  monthFirst:
    /^(?<month>\d{1,2})([./-])(?<day>\d{1,2})\2(?<year>\d{4})(?:[T ,]+(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,]\d+)?)?)?$/,
};

const dateParts = {
  year: (date) => date.getUTCFullYear(),
  month: (date) => date.getUTCMonth(),
  day: (date) => date.getUTCDate() - 1,
  weekday: (date) => (date.getUTCDay() + 6) % 7,
  hour: (date) => date.getUTCHours() + date.getUTCMinutes() / 60,
};
const datePeriods = { month: 12, day: 31, weekday: 7, hour: 24 };

// Cells to features ----------------------------------------------------------

const numberPatterns = {
  '.': /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/,
  ',': /^[+-]?(\d+(,\d*)?|,\d+)([eE][+-]?\d+)?$/,
};

const thousandsPatterns = {
  none: null,
  '.': /^[+-]?[1-9]\d{0,2}(\.\d{3})+(,\d*)?$/,
  ',': /^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/,
  ' ': /^[+-]?[1-9]\d{0,2}([ \u00a0\u202f]\d{3})+([.,]\d*)?$/,
  "'": /^[+-]?[1-9]\d{0,2}(['’]\d{3})+([.,]\d*)?$/,
};

/** NaN where the cell is no number that is written so. */
function toNumber(cell, { decimal, thousands }) {
  const [before, after] = cell.split(new RegExp(`(?=[${decimal}])`));
  const plain = thousandsPatterns[thousands]?.test(cell)
    ? before.replaceAll(/[.,' \u00a0\u202f’]/g, '') + (after ?? '')
    : cell;
  return numberPatterns[decimal].test(plain) ? Number(plain.replace(',', '.')) : NaN;
}

/** null where there is no such day or time, such as 31 February. */
function toDate({ year, month, day, hour = 0, minute = 0, second = 0 }) {
  const date = new Date(0);
  date.setUTCFullYear(Number(year), month - 1, Number(day));
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === Number(day);
  if (!exists || hour > 23 || minute > 59 || second > 59) return null;
  date.setUTCHours(Number(hour), Number(minute), Number(second));
  return date;
}

/** By column: values that the network has not met. */
const unknown = new Map(model.encodings.map(({ column }) => [column, new Set()]));

function encodeCell(encoding, cell, marks, fail) {
  const isGap = missingMarks.includes(cell);
  if (encoding.type === 'category') {
    const { values, hasOthers, fill } = encoding;
    const features = new Array(values.length + Number(hasOthers)).fill(0);
    const place = values.indexOf(isGap ? fill : cell);
    if (place >= 0) features[place] = 1;
    else if (hasOthers) features[values.length] = 1;
    if (place < 0 && !isGap) unknown.get(encoding.column).add(cell);
    return features;
  }
  const flag = encoding.flagsMissing ? [Number(isGap)] : [];
  if (encoding.type === 'number') {
    const { order, center, scale, fill } = encoding;
    if (isGap && fill === null) fail('has no value, and the network never saw that');
    const number = order ? order.indexOf(cell) : toNumber(cell, marks);
    if (!isGap && (order ? number < 0 : !Number.isFinite(number)))
      fail(
        order
          ? `has ${JSON.stringify(cell)}, but must have one of ${order.join(', ')}`
          : `has ${JSON.stringify(cell)}, but must have a number with decimals after "${marks.decimal}" (--decimal says what stands there, --thousands what stands between thousands)`,
      );
    const scaled = ((isGap ? fill : number) - center) / scale;
    if (!Number.isFinite(Math.fround(scaled)))
      fail(`has ${JSON.stringify(cell)}, which is too large to compute with`);
    return [scaled, ...flag];
  }
  const groups = datePatterns[encoding.format].exec(cell)?.groups;
  const date = groups ? toDate(groups) : null;
  if (isGap ? !encoding.allowsMissing : !date)
    fail(`has ${JSON.stringify(cell)} where a date must be`);
  const parts = encoding.parts.flatMap(({ part, isCyclic, center, scale, fill }) => {
    if (isGap) return fill;
    const value = dateParts[part](date);
    if (!isCyclic) return [(value - center) / scale];
    const angle = (2 * Math.PI * value) / datePeriods[part];
    return [Math.sin(angle), Math.cos(angle)];
  });
  return [...parts, ...flag];
}

// Features to outputs --------------------------------------------------------

function erfc(x) {
  // By the series of positive terms (Abramowitz and Stegun 7.1.6).
  const size = Math.abs(x);
  if (size > 6) return x > 0 ? 0 : 2;
  let term = size;
  let sum = size;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * size * size) / (2 * n + 1);
    sum += term;
  }
  return 1 - Math.sign(x) * 2 * Math.sqrt(1 / Math.PI) * Math.exp(-size * size) * sum;
}

const activations = {
  linear: (x) => x,
  relu: (x) => Math.max(0, x),
  leakyRelu: (x) => (x > 0 ? x : 0.01 * x),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  selu: (x) => (x > 0 ? 1.0507009873554805 * x : 1.7580993408473766 * Math.expm1(x)),
  tanh: Math.tanh,
  swish: (x) => x / (1 + Math.exp(-x)),
  gelu: (x) => 0.5 * x * erfc(-x * Math.SQRT1_2),
};

function toFloats(base64) {
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'));
  return new Float32Array(bytes.buffer);
}

function multiply(x, kernel, nUnits) {
  const y = new Float64Array(nUnits);
  x.forEach((value, i) => {
    for (let unit = 0; unit < nUnits; unit++) y[unit] += value * kernel[i * nUnits + unit];
  });
  return Float32Array.from(y);
}

/** Norms see rows of as many numbers as they have scales. */
function normalize(y, norm, at, name) {
  if (norm === 'none') return y;
  const [scale, shift, mean, variance] = [
    'normScale',
    'normShift',
    'runningMean',
    'runningVariance',
  ].map((role) => at[`${name}.${role}`]);
  const n = scale.length;
  const normalized = new Float32Array(y.length);
  for (let start = 0; start < y.length; start += n) {
    const row = y.subarray(start, start + n);
    const average = row.reduce((sum, value) => sum + value, 0) / n;
    const spread = row.reduce((sum, value) => sum + (value - average) ** 2, 0) / n;
    row.forEach((value, i) => {
      const [center, width] = norm === 'layer' ? [average, spread] : [mean[i], variance[i]];
      normalized[start + i] = ((value - center) / Math.sqrt(width + 1e-5)) * scale[i] + shift[i];
    });
  }
  return normalized;
}

function convolve({ image, layers }, at, x) {
  let { height, width, channels } = image;
  layers.forEach(
    ({ nFilters, kernelHeight, kernelWidth, norm, activation, poolHeight, poolWidth }, layer) => {
      const [kernel, bias] = [at[`convolution.${layer}.kernel`], at[`convolution.${layer}.bias`]];
      const sums = new Float64Array(height * width * nFilters);
      for (let pixel = 0; pixel < height * width; pixel++) {
        const to = sums.subarray(pixel * nFilters, (pixel + 1) * nFilters);
        to.set(bias);
        for (let i = 0; i < kernelHeight; i++)
          for (let j = 0; j < kernelWidth; j++) {
            const row = Math.floor(pixel / width) + i - Math.floor((kernelHeight - 1) / 2);
            const column = (pixel % width) + j - Math.floor((kernelWidth - 1) / 2);
            if (row < 0 || row >= height || column < 0 || column >= width) continue;
            for (let channel = 0; channel < channels; channel++)
              for (let filter = 0; filter < nFilters; filter++)
                to[filter] +=
                  x[(row * width + column) * channels + channel] *
                  kernel[((i * kernelWidth + j) * channels + channel) * nFilters + filter];
          }
      }
      const y = normalize(Float32Array.from(sums), norm, at, `convolution.${layer}`).map(
        activations[activation],
      );
      const [nRows, nColumns] = [Math.floor(height / poolHeight), Math.floor(width / poolWidth)];
      x = new Float32Array(nRows * nColumns * nFilters).fill(-Infinity);
      for (let row = 0; row < nRows * poolHeight; row++)
        for (let column = 0; column < nColumns * poolWidth; column++)
          for (let filter = 0; filter < nFilters; filter++) {
            const to =
              (Math.floor(row / poolHeight) * nColumns + Math.floor(column / poolWidth)) *
                nFilters +
              filter;
            x[to] = Math.max(x[to], y[(row * width + column) * nFilters + filter]);
          }
      [height, width, channels] = [nRows, nColumns, nFilters];
    },
  );
  return x;
}

function createNetwork({ embeddings, convolution, layers, weights }) {
  const at = Object.fromEntries(
    Object.entries(weights).map(([name, base64]) => [name, toFloats(base64)]),
  );
  const dense = (x, layer) => {
    const bias = at[`dense.${layer}.bias`];
    return multiply(x, at[`dense.${layer}.kernel`], bias.length).map(
      (value, unit) => value + bias[unit],
    );
  };
  return (features) => {
    let x = [];
    let read = 0;
    embeddings.forEach(({ start, nCategories, nDims }, i) => {
      x.push(
        ...features.slice(read, start),
        ...multiply(
          features.slice(start, start + nCategories),
          at[`embedding.${i}.embedding`],
          nDims,
        ),
      );
      read = start + nCategories;
    });
    x = Float32Array.from([...x, ...features.slice(read)]);
    if (convolution) x = convolve(convolution, at, x);
    layers.forEach(({ norm, activation, skip, nUnits }, layer) => {
      const y = normalize(dense(x, layer), norm, at, `dense.${layer}`);
      const skipped =
        skip === 'identity'
          ? x
          : skip === 'projection'
            ? multiply(x, at[`dense.${layer}.projection`], nUnits)
            : null;
      x = y.map((value, i) => activations[activation](value) + (skipped ? skipped[i] : 0));
    });
    return dense(x, layers.length);
  };
}

function toAnswer(outputs) {
  if (model.classes === null)
    return Array.from(
      outputs,
      (value, i) => model.targetScales[i].mean + model.targetScales[i].scale * value,
    );
  const max = Math.max(...outputs);
  const exps = Array.from(outputs, (value) => Math.exp(value - max));
  const sum = exps.reduce((a, b) => a + b, 0);
  return exps.map((value) => value / sum);
}

// Writing --------------------------------------------------------------------

const option = (name) => {
  const i = process.argv.indexOf(name);
  return i < 0 ? undefined : process.argv.splice(i, 2)[1];
};
const delimiterGiven = option('--delimiter');
const decimal = option('--decimal') ?? model.table.decimal;
const thousands =
  option('--thousands') ?? (model.table.thousands === decimal ? 'none' : model.table.thousands);
const encodingGiven = option('--encoding');
if (!(decimal in numberPatterns)) {
  process.stderr.write(`--decimal must be . or , but got ${decimal}.\n`);
  process.exit(2);
}
if (!(thousands in thousandsPatterns) || thousands === decimal) {
  process.stderr.write(
    `--thousands must be none, ".", ",", " " or "'", and not what --decimal is, but got ${JSON.stringify(thousands)}.\n`,
  );
  process.exit(2);
}
const [, , path] = process.argv;
if (path === undefined) {
  process.stderr.write('node predict.mjs rows.csv > predictions.csv\n');
  process.exit(2);
}
const text = decode(readFileSync(path), encodingGiven);
if (text === null) {
  const tried = encodingGiven ?? [...new Set(['utf-8', model.table.encoding])].join(' or ');
  process.stderr.write(`${path} is not ${tried} text. Say what it is: --encoding windows-1252.\n`);
  process.exit(1);
}
const [header, ...rows] = parseCsv(text, delimiterGiven ?? findDelimiter(text));
const columnOf = (name) => {
  const i = header.indexOf(name);
  if (i >= 0) return i;
  process.stderr.write(`${path} has no column "${name}".\n`);
  process.exit(1);
};
const columns = model.encodings.map(({ column }) => columnOf(column));
const networks = model.members.map(createNetwork);
const quote = (cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : String(cell));
const lines = [
  (model.classes === null
    ? model.targets.map((name) => `predicted_${name}`)
    : [`predicted_${model.targets[0]}`, ...model.classes.map((name) => `probability_${name}`)]
  )
    .map(quote)
    .join(','),
];
rows.forEach((row, i) => {
  if (row.length !== header.length) {
    process.stderr.write(
      `${path}: row ${i} must have ${header.length} cells, as the header has, but has ${row.length}.\n`,
    );
    process.exit(1);
  }
  const features = model.encodings.flatMap((encoding, k) =>
    encodeCell(encoding, row[columns[k]], { decimal, thousands }, (problem) => {
      process.stderr.write(`${path}: row ${i}, column "${encoding.column}" ${problem}.\n`);
      process.exit(1);
    }),
  );
  const x = Float32Array.from(features);
  const answers = networks.map((network) => toAnswer(network(x)));
  const means = answers[0].map(
    (_, k) => answers.reduce((sum, answer) => sum + answer[k], 0) / answers.length,
  );
  lines.push(
    (model.classes === null
      ? means
      : [quote(model.classes[means.indexOf(Math.max(...means))]), ...means]
    ).join(','),
  );
});
for (const [column, values] of unknown)
  if (values.size > 0)
    process.stderr.write(
      `Column "${column}": ${[...values]
        .slice(0, 10)
        .map((value) => JSON.stringify(value))
        .join(
          ', ',
        )}${values.size > 10 ? ', …' : ''} unknown from training; counts as none of the known categories, or as a rare one.\n`,
    );
process.stdout.write(`${lines.join('\n')}\n`);
