import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { ColumnProfile, TableProfile } from '../../../src-main/contract/data.ts';
import { glyphBars } from '../../../src-renderer/wizard/column-glyph.ts';
import {
  columnRoles,
  dataFor,
  formatOf,
  isScaled,
  roleOf,
  rolesFor,
  taskFor,
  withFormat,
  withRole,
} from '../../../src-renderer/wizard/table-roles.ts';

const size: ColumnProfile = {
  name: 'size',
  type: 'category',
  suggestedRole: 'feature',
  note: null,
  dateFormat: null,
  nMissing: 0,
  nDistinct: 3,
  isDistinctCapped: false,
  min: null,
  max: null,
  mean: null,
  top: ['9', '10', '2'].map((value, i) => ({ value, count: 10 - i })),
};

describe('withRole', () => {
  it('gives a column one role at a time, whatever it was before', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...columnRoles), { minLength: 1 }), (roles) => {
        let data: Readonly<Record<string, unknown>> = { target: 'y', ignore: ['id'] };
        for (const role of roles.filter((one) => one !== 'target')) {
          data = withRole(data, size, role);
          expect(roleOf(data, 'size')).toBe(role);
          expect(roleOf(data, 'id')).toBe('ignore');
          expect(roleOf(data, 'y')).toBe('target');
        }
        data = withRole(data, size, 'target');
        expect(roleOf(data, 'size')).toBe('target');
        expect(data).toEqual({ target: 'size', ignore: ['id'] });
      }),
    );
  });

  it('begins an order with the values sorted as numbers where they are', () => {
    expect(withRole({}, size, 'ordinal').ordinal).toEqual({ size: ['2', '9', '10'] });
  });

  it('knows a column that is called constructor', () => {
    const column = { ...size, name: 'constructor' };
    expect(roleOf({}, 'constructor')).toBe('feature');
    const { ordinal } = withRole({}, column, 'ordinal');
    expect(Object.entries(ordinal ?? {})).toEqual([['constructor', ['2', '9', '10']]]);
  });
});

describe('taskFor', () => {
  it('predicts a number where a column has many of them', () => {
    const numbers: ColumnProfile = { ...size, type: 'number', nDistinct: 400 };
    expect(taskFor(numbers)).toBe('regression');
    expect(taskFor({ ...numbers, nDistinct: 3 })).toBe('classification');
    expect(taskFor(size)).toBe('classification');
  });
});

describe('the format of a table', () => {
  it('goes to the places that the spec has for it, and comes back', () => {
    const paths = { delimiter: ['data', 'format', 'delimiter'], decimal: ['data', 'decimal'] };
    const format = { delimiter: '\t', decimal: ',', encoding: 'utf-8' } as const;
    const data = withFormat({ table: 'a', delimiter: ';' }, format, paths);
    expect(data).toEqual({ table: 'a', format: { delimiter: '\t' }, decimal: ',' });
    expect(formatOf(data, paths)).toEqual({ delimiter: '\t', decimal: ',' });
    expect(formatOf({ table: 'a' }, paths)).toEqual({});
  });
});

describe('rolesFor', () => {
  it('offers what fits a column', () => {
    expect(rolesFor(size)).toEqual([
      'target',
      'feature',
      'number',
      'category',
      'ordinal',
      'ignore',
    ]);
    const date = { ...size, type: 'date', top: [], nDistinct: 90 } as const;
    expect(rolesFor(date)).toEqual(['target', 'feature', 'category', 'date', 'ignore']);
  });
});

describe('ways of its own', () => {
  it('of scaling have columns that go into the network as one number', () => {
    const roles = ['feature', 'number', 'ordinal', 'category', 'date', 'target', 'ignore'] as const;
    const scaled = (type: 'number' | 'text') => roles.filter((role) => isScaled({ type }, role));
    expect(scaled('number')).toEqual(['feature', 'number']);
    expect(scaled('text')).toEqual(['number']);
  });

  it('a column keeps as long as it is a feature', () => {
    const data = { target: 'y', columns: { size: { missing: 'mode' }, x: { scaling: 'none' } } };
    expect(withRole(data, size, 'ordinal')).toMatchObject({ columns: data.columns });
    for (const role of ['ignore', 'target'] as const)
      expect(withRole(data, size, role).columns).toEqual({ x: { scaling: 'none' } });
    const { columns } = withRole({ target: 'y', columns: { size: {} } }, size, 'ignore');
    expect(columns).toBeUndefined();
    const own = { size: { missing: 'mode', scaling: 'none' } };
    expect(withRole({ target: 'y', columns: own }, size, 'category')).toMatchObject({
      columns: { size: { missing: 'mode' } },
    });
    expect(
      withRole({ target: 'y', columns: { size: { scaling: 'none' } } }, size, 'category').columns,
    ).toBeUndefined();
  });
});

describe('dataFor', () => {
  it('begins with what the profile suggests', () => {
    const columns = [
      { ...size, name: 'id', suggestedRole: 'ignore' as const },
      { ...size, name: 'day', type: 'date' as const, dateFormat: 'monthFirst' as const },
      { ...size, name: 'when', type: 'date' as const, dateFormat: null, nMissing: 2 },
      { ...size, name: 'y', type: 'number' as const, nDistinct: 500 },
    ];
    const profile = { table: 'a.csv', path: '/a.csv', columns } as unknown as TableProfile;
    expect(dataFor({ ...profile, suggested: { target: null, task: null } })).toEqual({
      table: '/a.csv',
      task: 'regression',
      target: 'y',
      ignore: ['id'],
      dates: { day: { format: 'monthFirst' }, when: { format: 'dayFirst' } },
      missing: 'median',
    });
  });
});

describe('glyphBars', () => {
  it('shows how often each of a few values is', () => {
    expect(glyphBars(size, [], { decimal: '.' })).toEqual([1, 0.9, 0.8]);
  });

  it('shows how many numbers are spread between the smallest and the largest', () => {
    const numbers = { top: [], type: 'number', min: 0, max: 12 } as const;
    const marks = { decimal: '.' } as const;
    const bars = glyphBars(numbers, ['0', '0.5', '11.5', '12', 'no number', 'NA', ''], marks);
    expect(bars).toHaveLength(12);
    expect([bars[0], bars[11]]).toEqual([1, 1]);
    expect(bars.slice(1, 11).every((bar) => bar === 0)).toBe(true);
    expect(glyphBars({ ...numbers, max: 0 }, ['0'], marks)[6]).toBe(1);
  });

  it('reads numbers as the table has them', () => {
    const numbers = { top: [], type: 'number', min: -1200, max: 1200 } as const;
    for (const [cells, decimal] of [
      [['-1.200,0', '1.200', '1.199,5'], ','],
      [['-1,200.0', '1 200', "1'199.5"], '.'],
    ] as const) {
      const bars = glyphBars(numbers, cells, { decimal });
      expect([bars[0], bars[11]]).toEqual([0.5, 1]);
      expect(bars.slice(1, 11).every((bar) => bar === 0)).toBe(true);
    }
    const few = ['10,5', '9,5'].map((value, i) => ({ value, count: 2 - i }));
    expect(glyphBars({ ...numbers, top: few }, [], { decimal: ',' })).toEqual([0.5, 1]);
  });
});
