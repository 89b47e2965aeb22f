import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Dataset, PartName } from '../../../src-main/training/datasets/dataset.ts';
import { loadDataset } from '../../../src-main/training/datasets/prepare.ts';
import { prepareDataset, readForSpec } from '../../../src-main/training/datasets/prepare-table.ts';
import type { PrepareOptions } from '../../../src-main/training/datasets/prepare-table.ts';
import { bytesSource } from '../../../src-main/training/datasets/table-file.ts';
import { TableError } from '../../../src-main/training/errors.ts';
import { loadSpec, parseSpec } from '../../../src-main/training/spec.ts';
import { imputations } from '../../../src-main/training/vocabulary.ts';
import type { DataSpec, NetworkStudySpecInput } from '../../../src-main/training/spec.ts';

const scalings = ['standard', 'minMax', 'robust', 'none'] as const;

const columns = JSON.parse(readFileSync('test/fixtures/sklearn/columns.json', 'utf8')) as {
  cells: string[];
  nTrain: number;
  cases: {
    missing: 'mean' | 'median' | 'mode';
    scaling: 'standard' | 'minMax' | 'robust';
    features: number[];
  }[];
};

type DataInput = NetworkStudySpecInput['data'];

function dataSpec(input: Partial<DataInput>): DataSpec {
  return parseSpec({
    name: 'x',
    data: {
      table: 'x.csv',
      task: 'classification',
      target: 'y',
      split: { rows: { train: [0, 1, 2, 3], validation: [4], test: [5] } },
      ...input,
    },
    network: { width: [4] },
    training: { optimizer: { type: 'sgd', learningRate: 0.1 }, epochs: 1 },
  }).data;
}

const numbers = 'a,b,y\n1,10,u\n2,20,v\n3,30,u\n4,40,v\n5,50,u\n600,60,v\n';

function prepare(input: Partial<DataInput>, text = numbers, options?: PrepareOptions): Dataset {
  const spec = dataSpec(input);
  const source = bytesSource(new TextEncoder().encode(text), 'x.csv');
  return prepareDataset(readForSpec(source, spec), spec, tmpdir(), options);
}

/** Row numbers of each part. */
function rowsOf({ rows: { train, validation, test } }: Dataset): Record<PartName, number[]> {
  return { train: [...train], validation: [...validation], test: [...test] };
}

/** The first feature of every row of a part. */
function firstColumn(part: { features: Float32Array; nRows: number }): number[] {
  const width = part.features.length / part.nRows;
  return Array.from({ length: part.nRows }, (_, i) => part.features[i * width] as number);
}

describe('loadDataset', () => {
  const iris = loadSpec('iris');

  it("splits iris as the notebook's train_test_split does", async () => {
    const fixture = JSON.parse(readFileSync('test/fixtures/optuna/iris_split.json', 'utf8')) as {
      train: number[];
      val: number[];
      test: number[];
    };
    const dataset = await loadDataset(iris);
    const { classes, train } = dataset;
    expect(rowsOf(dataset)).toEqual({
      train: fixture.train,
      validation: fixture.val,
      test: fixture.test,
    });
    expect(classes).toEqual(
      ['setosa', 'versicolor', 'virginica'].map((name) => ({ name, nTrainRows: 30 })),
    );
    expect([...train.targets.slice(0, 5)]).toEqual(
      fixture.train.slice(0, 5).map((row) => Math.floor(row / 50)),
    );
  });

  // sklearn.preprocessing.StandardScaler().fit(x): mean_ and scale_ of all 150 rows of iris.
  it('scales as scikit-learn does when told to fit on all rows', async () => {
    const data = { ...iris.spec.data, scaling: { method: 'standard', fit: 'all' } as const };
    const { encodings } = await loadDataset({ ...iris, spec: { ...iris.spec, data } });
    const [first] = encodings;
    expect(first).toMatchObject({ column: 'sepal_length_cm', type: 'number' });
    expect(first).toHaveProperty('center', expect.closeTo(5.843333333333334, 10));
    expect(first).toHaveProperty('scale', expect.closeTo(0.8253012917851409, 10));
  });

  it('keeps the tables that come with Parzen usable', async () => {
    for (const [table, target, task] of [
      ['breast_cancer', 'diagnosis', 'classification'],
      ['diabetes', 'progression', 'regression'],
      ['digits', 'digit', 'classification'],
      ['wine', 'cultivar', 'classification'],
    ] as const) {
      const data = dataSpec({
        table,
        target,
        task,
        split: { fractions: { train: 0.6, validation: 0.2, test: 0.2 } },
      });
      const dataset = await loadDataset({ spec: { ...iris.spec, data }, baseDir: '.' });
      expect(dataset.train.features.every(Number.isFinite)).toBe(true);
      expect(dataset.nOutputs).toBe({ breast_cancer: 2, diabetes: 1, digits: 10, wine: 3 }[table]);
    }
  });

  it('refuses an image that the columns do not fill', async () => {
    const digits = loadSpec('digits-conv');
    const network = { ...digits.spec.network, image: { height: 8, width: 7, channels: 1 } };
    await expect(loadDataset({ ...digits, spec: { ...digits.spec, network } })).rejects.toThrow(
      'must have height * width * channels = 64',
    );
  });

  it('refuses weights of classes that the table does not have', async () => {
    const spec = parseSpec({
      ...iris.spec,
      training: { ...iris.spec.training, loss: { type: 'focal', classWeights: { setossa: 2 } } },
    });
    await expect(loadDataset({ ...iris, spec })).rejects.toThrow(
      '`training.loss.classWeights` must name classes of column "species", which are setosa, versicolor, virginica, but names "setossa".',
    );
  });

  it('finds tables and rows relative to the spec', async () => {
    const baseDir = mkdtempSync(join(tmpdir(), 'parzen-data-'));
    writeFileSync(join(baseDir, 'x.csv'), 'a,y\n1,u\n2,v\n3,u\n4,v\n');
    writeFileSync(join(baseDir, 'rows.json'), '{"train": [0, 1], "validation": [2, 3]}');
    const spec = { ...iris.spec, data: dataSpec({ split: { rows: 'rows.json' } }) };
    expect(rowsOf(await loadDataset({ spec, baseDir }))).toEqual({
      train: [0, 1],
      validation: [2, 3],
      test: [],
    });
    await expect(loadDataset({ spec, baseDir: tmpdir() })).rejects.toThrow(/There is no table/);
  });
});

describe('prepareDataset', () => {
  it('fits on training rows only, so nothing that changes elsewhere changes them', () => {
    const other = 'a,b,y\n1,10,u\n2,20,v\n3,30,u\n4,40,v\n-70,9,u\n1e6,-5,v\n';
    for (const method of scalings) {
      const [before, after] = [numbers, other].map((table) =>
        prepare({ scaling: { method } }, table),
      );
      expect(after?.train).toEqual(before?.train);
      expect(after?.encodings).toEqual(before?.encodings);
    }
  });

  it('leaks with `fit: all`, which is why it says so', () => {
    const other = 'a,b,y\n1,10,u\n2,20,v\n3,30,u\n4,40,v\n5,50,u\n6,60,v\n';
    const scaling = { method: 'standard', fit: 'all' } as const;
    expect(prepare({ scaling }, other).train).not.toEqual(prepare({ scaling }).train);
  });

  it('gives training rows mean 0 and deviation 1, or the range 0 to 1', () => {
    const standard = firstColumn(prepare({}).train);
    expect(standard.reduce((sum, x) => sum + x, 0)).toBeCloseTo(0, 5);
    expect(standard.reduce((sum, x) => sum + x * x, 0) / 4).toBeCloseTo(1, 5);
    const minMax = prepare({ scaling: { method: 'minMax' } });
    expect(firstColumn(minMax.train)).toEqual([0, 1 / 3, 2 / 3, 1].map(Math.fround));
    expect(firstColumn(minMax.validation)[0]).toBeCloseTo(4 / 3, 6);
    expect(firstColumn(prepare({ scaling: { method: 'none' } }).train)).toEqual([1, 2, 3, 4]);
  });

  it('takes any name of a column', () => {
    const names = ['constructor', '__proto__', 'toString', 'a.b', 'ü "x"'];
    const header = names.map((name) => `"${name.replaceAll('"', '""')}"`).join(',');
    const rows = Array.from({ length: 6 }, (_, i) => `${i},r${i % 2},yes,${i},${i},${'uv'[i % 2]}`);
    const { encodings, train } = prepare({}, `${header},y\n${rows.join('\n')}\n`);
    expect(encodings.map(({ column }) => column)).toEqual(names);
    expect(train.features.every(Number.isFinite)).toBe(true);
  });

  it('leaves a constant column at 0', () => {
    const table = 'a,y\n7,u\n7,v\n7,u\n7,v\n7,u\n8,v\n';
    expect(firstColumn(prepare({}, table).train)).toEqual([0, 0, 0, 0]);
  });

  it('refuses a column without any value in the training rows', () => {
    const table = 'a,b,y\n1,,u\n2,,v\n3,,u\n4,,v\n5,5,u\n6,6,v\n';
    expect(() => prepare({ missing: 'median' }, table)).toThrow(
      'x.csv: column "b" has no value in any training row. Put it under `data.ignore`.',
    );
  });

  it('refuses text in a column of which all training rows have numbers, as the table writes them', () => {
    const format = { decimal: ',', thousands: '.' } as const;
    const table = `a;y\n1.234,5;u\n2;v\n3;u\n4;v\n${'x;u\nz;v\n'.repeat(4)}`;
    const split = { rows: { train: [0, 1, 2, 3], validation: [4, 5, 6, 7], test: [8, 9, 10, 11] } };
    expect(() => prepare({ format, split }, table)).toThrow(
      'x.csv: row 4, column "a" has "x", but all training rows have numbers.',
    );
  });

  it('turns categories of the training rows into columns and tells of others', () => {
    const table = 'a,c,y\n1,red,u\n2,blue,v\n3,red,u\n4,blue,v\n5,green,u\n6,red,v\n';
    const data = prepare({ scaling: { method: 'none' } }, table);
    expect(data.nFeatures).toBe(3);
    expect(data.categories).toEqual([{ column: 'c', start: 1, size: 2 }]);
    expect([...data.train.features.slice(0, 6)]).toEqual([1, 0, 1, 2, 1, 0]);
    expect([...data.validation.features]).toEqual([5, 0, 0]);
    expect(data.warnings).toEqual([
      'Column "c": "green" is in no training row and counts as none of the known categories.',
    ]);
  });

  it('takes numbers as categories when told so', () => {
    expect(prepare({ categories: ['b'] }).encodings[1]).toEqual({
      column: 'b',
      type: 'category',
      values: ['10', '20', '30', '40'],
      hasOthers: false,
      fill: '',
    });
  });

  it('leaves out ignored columns, the target and the one that splits', () => {
    const table = 'id,a,part,y\n1,1,t,u\n2,2,t,v\n3,3,val,u\n4,4,tst,v\n';
    const data = prepare(
      {
        ignore: ['id'],
        split: { column: 'part', train: ['t'], validation: ['val'], test: ['tst'] },
      },
      table,
    );
    expect(data.encodings.map(({ column }) => column)).toEqual(['a']);
    expect(rowsOf(data)).toEqual({ train: [0, 1], validation: [2], test: [3] });
  });

  it('sorts classes, numbers by size', () => {
    const table = 'a,y\n1,10\n2,9\n3,10\n4,9\n5,9\n6,10\n';
    expect(prepare({}, table).classes?.map(({ name }) => name)).toEqual(['9', '10']);
  });

  it('standardizes the target of a regression by the training rows', () => {
    const table = 'a,y\n1,10\n2,20\n3,30\n4,40\n5,1000\n6,0\n';
    const { targetScales, train, validation } = prepare({ task: 'regression' }, table);
    expect(targetScales).toEqual([{ mean: 25, scale: Math.sqrt(125) }]);
    expect(train.targets[0]).toBeCloseTo(-15 / Math.sqrt(125), 6);
    expect(validation.targets[0]).toBeCloseTo(975 / Math.sqrt(125), 4);
  });

  it('refuses empty cells with row, column and the way out, or drops the rows', () => {
    const table = 'a,b,y\n1,1,u\n2,NA,v\n3,3,u\n4,4,v\n5,5,u\n6,6,v\n';
    expect(() => prepare({}, table)).toThrow(
      'x.csv: row 1, column "b" has no value. Fill it in, put the column under `data.ignore`, or set `data.missing`: `drop` leaves such rows out, mean, median, mode, ownCategory fill them in.',
    );
    const dropped = prepare({ missing: 'drop' }, table);
    expect(rowsOf(dropped).train).toEqual([0, 2, 3]);
    expect(dropped.warnings).toEqual(['1 of 6 rows have empty cells and are left out.']);
    expect(rowsOf(prepare({ ignore: ['b'] }, table)).train).toEqual([0, 1, 2, 3]);
  });

  it.each(columns.cases)(
    "fills and scales as scikit-learn's pipeline: $missing, $scaling",
    ({ missing, scaling, features }) => {
      const lines = columns.cells.map((value, i) => `${value},${i % 2 ? 'u' : 'v'}`);
      const all = columns.cells.map((_, i) => i);
      const rows = {
        train: all.slice(0, columns.nTrain),
        validation: all.slice(columns.nTrain, -1),
        test: all.slice(-1),
      };
      const { train, validation, test } = prepare(
        { missing, scaling: { method: scaling }, split: { rows } },
        `a,y\n${lines.join('\n')}\n`,
      );
      [train, validation, test].flatMap(firstColumn).forEach((value, i) => {
        expect(value).toBeCloseTo(features[i] as number, 4);
      });
    },
  );

  const gaps = 'a,c,s,y\n1,red,low,u\n,red,mid,v\n3,,,u\n8,blue,high,v\n';
  const ordinal = { s: ['low', 'mid', 'high'] };

  it.each(imputations.flatMap((missing) => scalings.map((method) => ({ missing, method }))))(
    'learns nothing of other rows: $missing, $method',
    ({ missing, method }) => {
      const settings = { missing, ordinal, rareCategories: 2, scaling: { method } } as const;
      const [before, after] = ['5,blue,low,u\n6,red,mid,v\n', '-1e6,green,high,v\n,,,u\n'].map(
        (others) => prepare(settings, gaps + others),
      );
      expect(after?.train).toEqual(before?.train);
      expect(after?.encodings).toEqual(before?.encodings);
      expect(after?.validation).not.toEqual(before?.validation);
    },
  );

  it('makes a category of empty cells, and flags them beside numbers', () => {
    const settings = { missing: 'ownCategory', ordinal, scaling: { method: 'none' } } as const;
    const data = prepare(settings, `${gaps}5,red,,u\n,blue,low,v\n`);
    // a with its flag, c as '', blue, red, s as its place with its flag.
    const rows = Array.from({ length: 4 }, (_, i) => [
      ...data.train.features.slice(7 * i, 7 * i + 7),
    ]);
    expect(rows).toEqual([
      [1, 0, 0, 0, 1, 0, 0],
      [3, 1, 0, 0, 1, 1, 0],
      [3, 0, 1, 0, 0, 1, 1],
      [8, 0, 0, 1, 0, 2, 0],
    ]);
    expect([...data.validation.features]).toEqual([5, 0, 0, 0, 1, 1, 1]);
    expect([...data.test.features]).toEqual([3, 1, 0, 1, 0, 0, 0]);
  });

  it('leaves out rows without a target where it fills in features', () => {
    const table = 'a,y\n1,u\n,v\n3,\n4,v\n5,u\n6,v\n';
    const data = prepare({ missing: 'mean' }, table);
    expect(rowsOf(data).train).toEqual([0, 1, 3]);
    expect(data.warnings).toEqual(['1 of 6 rows have no value to predict and are left out.']);
  });

  it('puts rare and unknown categories together', () => {
    const table = 'c,y\nred,u\nblue,v\nred,u\ngreen,v\nblue,u\nblack,v\n';
    const data = prepare({ rareCategories: 2 }, table);
    expect(data.encodings).toEqual([
      { column: 'c', type: 'category', values: ['red'], hasOthers: true, fill: '' },
    ]);
    expect([...data.train.features]).toEqual([1, 0, 0, 1, 1, 0, 0, 1]);
    expect([...data.test.features]).toEqual([0, 1]);
    expect(data.warnings).toEqual([
      'Column "c": "black" is in no training row and counts as one of the rare categories.',
    ]);
  });

  it('scales places in an order as numbers', () => {
    const settings = { ordinal, scaling: { method: 'minMax' }, missing: 'mode' } as const;
    const { encodings } = prepare(settings, `${gaps}5,red,low,u\n6,red,high,v\n`);
    expect(encodings[2]).toEqual({
      column: 's',
      type: 'number',
      center: 0,
      scale: 2,
      order: ordinal.s,
      fill: 0,
      flagsMissing: false,
    });
  });

  it.each<[string, Partial<DataInput>, string]>([
    [
      'a value that the order does not have',
      { ordinal: { b: [10, 20, 30, 40, 50] } },
      'row 5, column "b" has "60", which is not among its values: 10, 20, 30, 40, 50. Correct the cell, or add the value under `data.ordinal` at its place, or put the column under `data.categories`.',
    ],
    ['an unknown ordinal column', { ordinal: { z: [1, 2] } }, '`data.ordinal` must name columns'],
    ['an unknown target', { target: 'yy' }, 'there is no "yy". Did you mean "y"?'],
    ['an unknown ignored column', { ignore: ['z'] }, '`data.ignore` must name columns of x.csv'],
    ['nothing to learn from', { ignore: ['a', 'b'] }, 'no column left to learn from'],
    [
      'text to predict as a number',
      { task: 'regression' },
      'row 0, column "y" must be a number, but is "u". It is to be predicted. Correct it, or set `data.task: classification`.',
    ],
    [
      'a row that is not there',
      { split: { rows: { train: [0], validation: [6] } } },
      'must be below 6, the number of rows of x.csv, but one is 6',
    ],
    [
      'a row in two parts',
      { split: { rows: { train: [0, 1], validation: [1] } } },
      'row 1 is in train and in validation',
    ],
    [
      'a row given twice',
      { split: { rows: { train: [0, 1, 1], validation: [2] } } },
      'train rows have row 1 twice',
    ],
    [
      'a class that training rows lack',
      { split: { rows: { train: [0, 2], validation: [1] } } },
      'no training row has the class "v"',
    ],
    [
      'a split by an unknown column',
      { split: { column: 'part' } },
      '`data.split.column` must name columns of x.csv',
    ],
    [
      'a name in other letters',
      { ignore: ['B'] },
      'there is no "B". Did you mean "b"? Its columns are a, b, y.',
    ],
    [
      'a part without rows',
      { split: { column: 'b', validation: [10, 20, 30, 40, 50, 60] } },
      'leaves no row to train with: column "b" has the values 10, 20, 30, 40, 50, 60, and `data.split.train` takes all that others do not name.',
    ],
    [
      'a column that has other words for the part',
      { split: { column: 'b' } },
      'leaves no row to validate with: column "b" has the values 10, 20, 30, 40, 50, 60, and `data.split.validation` takes those that are validation.',
    ],
    [
      'a table too small for its shares',
      { split: { fractions: { train: 0.98, validation: 0.01, test: 0.01 } } },
      'leaves no row to validate with: it has 6 usable rows. Use a larger table, or choose other `data.split.fractions`.',
    ],
    [
      'too few groups',
      { split: { group: 'b', fractions: { train: 0.98, validation: 0.01, test: 0.01 } } },
      'leaves no row to validate with: 6 usable rows are in 6 groups of "b", which stay whole.',
    ],
    [
      'too few times',
      { split: { time: 'a', fractions: { train: 0.98, validation: 0.01, test: 0.01 } } },
      'leaves no row to validate with: 6 usable rows have 6 different times in column "a"',
    ],
    [
      'a value to validate with that no row has',
      { split: { column: 'b', validation: [10, 11], test: [20] } },
      '`data.split.validation` must name values of column "b" of x.csv, but none of its cells is "11".',
    ],
    [
      'a value to train with that no row has',
      { split: { column: 'b', train: ['all'], validation: [10] } },
      '`data.split.train` must name values of column "b" of x.csv, but none of its cells is "all".',
    ],
    [
      'a value of the split that no row has',
      { split: { column: 'b', validation: [10], test: ['nothing'] } },
      '`data.split.test` must name values of column "b" of x.csv, but none of its cells is "nothing". Its values are 10, 20',
    ],
  ])('refuses %s', (_what, input, message) => {
    expect(() => prepare(input)).toThrow(TableError);
    expect(() => prepare(input)).toThrow(message);
  });

  describe('for training on the validation rows too', () => {
    const text = 'a,c,y\n1,red,u\n2,red,v\n3,blue,u\n4,red,v\n10,green,u\n600,grey,v\n';
    const learned = (data: Dataset, column: string) =>
      data.encodings.find((encoding) => encoding.column === column);

    it('learns from both, and from no test row', () => {
      const data = prepare({}, text, { rows: 'trainAndValidation' });
      expect(data.train.nRows).toBe(5);
      expect(rowsOf(data)).toEqual({ train: [0, 1, 2, 3, 4], validation: [4], test: [5] });
      expect(learned(data, 'a')).toMatchObject({ center: 4 });
      expect(learned(data, 'c')).toMatchObject({ values: ['blue', 'green', 'red'] });
      expect(data.classes?.map(({ nTrainRows }) => nTrainRows)).toEqual([3, 2]);
    });

    it('takes in every row once where scales are of all rows', () => {
      const scaling = { fit: 'all' } as const;
      const data = prepare({ scaling }, text, { rows: 'trainAndValidation' });
      expect(learned(data, 'a')).toMatchObject({ center: 620 / 6 });
    });

    it('has no folds any more, and the same test rows', () => {
      const split = { folds: 2, test: 0.34 };
      const [before, after] = [{}, { rows: 'trainAndValidation' } as const].map((options) =>
        prepare({ split, ignore: ['c'] }, text, options),
      ) as [Dataset, Dataset];
      expect(after.folds).toBeUndefined();
      expect(rowsOf(after).test).toEqual(rowsOf(before).test);
      expect(rowsOf(after).train.sort()).toEqual(
        [...rowsOf(before).train, ...rowsOf(before).validation].sort(),
      );
    });

    it('reads rows as it was learned before', () => {
      const { encodings, targetScales } = prepare({}, text, { rows: 'trainAndValidation' });
      const data = prepare({}, text, { known: { encodings, targetScales } });
      expect(data.encodings).toEqual(encodings);
      expect(data.nFeatures).toBe(4);
      expect(firstColumn(data.test)).toEqual([Math.fround((600 - 4) / Math.sqrt(10))]);
    });
  });

  describe('with columns that are treated in ways of their own', () => {
    const text = 'a,b,c,y\n1,,red,u\n2,20,,v\n,30,red,u\n4,90,blue,v\n5,50,red,u\n6,60,red,v\n';
    const encodingOf = (data: Dataset, name: string) =>
      data.encodings.find(({ column }) => column === name);

    it('fills in and scales each as it says, and all others as the table', () => {
      const data = prepare(
        {
          missing: 'mean',
          columns: {
            a: { missing: 'ownCategory', scaling: 'none' },
            b: { scaling: 'minMax' },
            c: { missing: 'ownCategory' },
          },
        },
        text,
      );
      expect(data.train.nRows).toBe(4);
      expect(encodingOf(data, 'a')).toMatchObject({ fill: 2, flagsMissing: true, center: 0 });
      expect(encodingOf(data, 'b')).toMatchObject({ fill: 140 / 3, center: 20, scale: 70 });
      expect(encodingOf(data, 'c')).toMatchObject({ values: ['', 'blue', 'red'] });
    });

    it('leaves rows out for one of them only', () => {
      const data = prepare({ missing: 'mean', columns: { a: { missing: 'drop' } } }, text);
      expect(rowsOf(data).train).toEqual([0, 1, 3]);
      expect(data.warnings).toEqual(['1 of 6 rows have empty cells and are left out.']);
      expect(encodingOf(data, 'a')).toMatchObject({ fill: null });
      expect(encodingOf(data, 'b')).toMatchObject({ fill: 55 });
    });

    it('refuses empty cells in one of them only', () => {
      const columns = { a: { missing: 'error' } } as const;
      expect(() => prepare({ missing: 'mean', columns }, text)).toThrow(
        'x.csv: row 2, column "a" has no value. Fill it in, put the column under `data.ignore`, or set `data.columns.a.missing`: `drop` leaves',
      );
    });

    it.each<[string, DataInput['columns'], string]>([
      ['one that is not there', { d: {} }, '`data.columns` must name columns of x.csv'],
      [
        'a scale for categories',
        { c: { scaling: 'robust' } },
        '`data.columns.c.scaling` must be left out: column "c" of x.csv holds categories',
      ],
    ])('refuses %s', (_, columns, message) => {
      expect(() => prepare({ missing: 'mean', columns }, text)).toThrow(message);
    });
  });

  it('refuses a row that no part is named for', () => {
    const text = 'a,part,y\n1,,u\n2,,v\n3,validation,u\n';
    expect(() => prepare({ split: { column: 'part' } }, text)).toThrow(
      'x.csv: row 0, column "part" must say which part the row belongs to, but has no value. Fill it in.',
    );
  });

  it('says what to do about a row without a target', () => {
    expect(() => prepare({}, 'a,y\n1,u\n2,\n')).toThrow(
      'x.csv: row 1, column "y" has no value. It is to be predicted. Fill it in, or set `data.missing`: `drop` and',
    );
  });

  it('says that no row is left, and why', () => {
    const text = 'a,b,y\n1,,u\n2,,v\n';
    expect(() => prepare({ missing: 'drop' }, text)).toThrow(
      'x.csv has no row in which all of a, b, y have a value. Put columns that are often empty under `data.ignore`, or let `data.missing` fill them in.',
    );
    expect(() => prepare({ missing: 'mean' }, 'a,y\n1,\n2,\n')).toThrow(
      'x.csv has no row with a value to predict.',
    );
  });

  it('warns of whole numbers that are longer than they are kept', () => {
    const rows = Array.from({ length: 6 }, (_, i) => `${i},${10n ** 18n + BigInt(i)},${i % 2}`);
    const [warning, ...others] = prepare({}, `a,id,y\n${rows.join('\n')}\n`).warnings;
    expect(others).toEqual([]);
    expect(warning).toMatch(
      /^Column "id" has whole numbers with more digits than are kept, first in row 0/,
    );
  });
});

describe('splits by fractions', () => {
  const table = `a,y\n${Array.from({ length: 100 }, (_, i) => `${i},${i % 10 === 0 ? 'rare' : 'common'}`).join('\n')}\n`;
  const fractions = { train: 0.6, validation: 0.2, test: 0.2 };

  it('keep the share of each class', () => {
    const rows = rowsOf(prepare({ split: { fractions } }, table));
    const nRare = (part: readonly number[]) => part.filter((row) => row % 10 === 0).length;
    expect([rows.train, rows.validation, rows.test].map((part) => part.length)).toEqual([
      60, 20, 20,
    ]);
    expect([rows.train, rows.validation, rows.test].map(nRare)).toEqual([6, 2, 2]);
  });

  it('use every row once, the same way for the same seed', () => {
    const [first, again, other] = [3, 3, 4].map((seed) =>
      rowsOf(prepare({ split: { fractions, seed } }, table)),
    );
    const all = [...(first?.train ?? []), ...(first?.validation ?? []), ...(first?.test ?? [])];
    expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });
});
