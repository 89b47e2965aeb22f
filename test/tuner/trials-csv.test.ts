import { describe, expect, it } from 'vitest';
import { trialsToCsv, type CsvStudy } from '../../src-main/tuner/trials-csv.ts';
import type { FrozenTrial } from '../../src-main/tuner/trial/frozen-trial.ts';
import { readHistory, readReference } from '../helpers/reference.ts';

const single: CsvStudy = { directions: ['minimize'], systemAttrs: {} };

function trial(fields: Partial<FrozenTrial>): FrozenTrial {
  return {
    trialId: 1,
    number: 0,
    state: 'running',
    values: null,
    startedAtMs: null,
    completedAtMs: null,
    params: {},
    internalParams: {},
    distributions: {},
    intermediateValues: new Map(),
    userAttrs: {},
    systemAttrs: {},
    ...fields,
  };
}

describe('trialsToCsv', () => {
  it('gives the bytes of trials_dataframe().to_csv() for parameters of every kind', () => {
    expect(trialsToCsv(single, readHistory('flat').trials.slice(0, 30))).toBe(
      readReference('optuna-5.0/flat30.csv'),
    );
  });

  it('gives them for conditional parameters, pruned, failed and running trials', () => {
    expect(trialsToCsv(single, readHistory('cond').trials)).toBe(
      readReference('optuna-5.0/cond.csv'),
    );
  });

  it('gives them for two header rows and for some attributes', () => {
    const { trials } = readHistory('cond');
    expect(trialsToCsv(single, trials, { multiIndex: true })).toBe(
      readReference('optuna-5.0/cond_multi_index.csv'),
    );
    expect(trialsToCsv(single, trials, { attrs: ['number', 'value', 'params', 'state'] })).toBe(
      readReference('optuna-5.0/cond_attrs_subset.csv'),
    );
  });

  it('names the columns of several objectives by index or by metric name', () => {
    for (const [file, systemAttrs] of [
      ['multiobjective.csv', {}],
      ['multiobjective_metric_names.csv', { 'study:metric_names': ['loss', 'acc'] }],
    ] as const) {
      const expected = readReference(`optuna-5.0/${file}`);
      const rows = expected
        .split('\n')
        .slice(1, -1)
        .map((line) => line.split(','));
      const trials = readHistory('flat')
        .trials.slice(0, rows.length)
        .map((one, i) => ({
          ...one,
          values: [Number(rows[i]?.[2]), Number(rows[i]?.[3])],
          params: { x_float: one.params.x_float ?? null },
          distributions: { x_float: one.distributions.x_float as never },
        }));
      expect(trialsToCsv({ directions: ['minimize', 'maximize'], systemAttrs }, trials)).toBe(
        expected,
      );
    }
  });

  it('writes attributes as pandas does: holes, mixed kinds, lists, quotes', () => {
    const trials = [
      trial({
        userAttrs: {
          flag: true,
          count: 3,
          note: 'a,"b"\nc',
          list: [1, 'x', { y: null, z: 0.5 }],
          mixed: 1,
        },
      }),
      trial({
        number: 1,
        userAttrs: { flag: false, mixed: "it's", tiny: 1e-5, big: 1e16, inf: Infinity },
      }),
    ];
    expect(trialsToCsv(single, trials, { attrs: ['user_attrs'] })).toBe(
      ',user_attrs_big,user_attrs_count,user_attrs_flag,user_attrs_inf,user_attrs_list,user_attrs_mixed,user_attrs_note,user_attrs_tiny\n' +
        `0,,3.0,True,,"[1, 'x', {'y': None, 'z': 0.5}]",1,"a,""b""\nc",\n` +
        "1,1e+16,,False,inf,,it's,,1e-05\n",
    );
  });

  it('gives every time of a column microseconds, or none', () => {
    const startedAtMs = Date.UTC(2026, 0, 1, 12);
    const state = 'complete';
    const times = (completedAtMs: number): string =>
      trialsToCsv(single, [trial({ state, values: [1], startedAtMs, completedAtMs })], {
        attrs: ['datetime_start', 'datetime_complete', 'duration'],
      }).split('\n')[1] as string;
    expect(times(startedAtMs + 2000)).toBe(
      '0,2026-01-01 12:00:00,2026-01-01 12:00:02,0 days 00:00:02',
    );
    expect(times(startedAtMs + 93_600_000.001)).toBe(
      '0,2026-01-01 12:00:00,2026-01-02 14:00:00.000001,1 days 02:00:00.000001',
    );
  });

  it('guards formulas only when asked to', () => {
    const trials = [trial({ userAttrs: { note: '=1+1', value: -1 } })];
    expect(trialsToCsv(single, trials, { attrs: ['user_attrs'] })).toContain('0,=1+1,-1\n');
    expect(trialsToCsv(single, trials, { attrs: ['user_attrs'], guardFormulas: true })).toContain(
      "0,'=1+1,-1\n",
    );
  });

  it('writes an empty frame for no trials', () => {
    expect(trialsToCsv(single, [])).toBe('""\n');
  });
});
