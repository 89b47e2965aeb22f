import { describe, expect, it } from 'vitest';

import type { ClassificationReport } from '../../../src-main/contract/evaluation.ts';
import { text } from '../../../src-renderer/text.ts';
import { calibrationModel } from '../../../src-renderer/charts/calibration.ts';
import { tableToCsv } from '../../../src-renderer/charts/chart.ts';
import { columnImportanceModel } from '../../../src-renderer/charts/column-importance.ts';
import { confusionCells, confusionModel } from '../../../src-renderer/charts/confusion-matrix.ts';
import { residualsModel } from '../../../src-renderer/charts/residuals.ts';
import { rocModel } from '../../../src-renderer/charts/roc.ts';
import { trainingCurvesModel } from '../../../src-renderer/charts/training-curves.ts';
import { modelChoices } from '../../../src-renderer/components/model/model-choices.ts';
import { chartTheme } from '../helpers/chart-theme.ts';

const roc = { falsePositiveRates: [0, 0, 1], truePositiveRates: [0, 0.5, 1], area: 0.75 };
const classOf = (name: string) => ({ name, support: 4, precision: 1, recall: 1, f1: 1, roc });
const report: ClassificationReport = {
  nRows: 8,
  accuracy: 0.75,
  accuracyInterval: { low: 0.4, high: 0.93 },
  balancedAccuracy: 0.75,
  f1: 0.73,
  rocAuc: 0.75,
  logLoss: 0.5,
  confusion: [
    [4, 0],
    [2, 2],
  ],
  classes: [classOf('no'), classOf('yes')],
  calibration: [{ low: 0.8, high: 0.9, nRows: 8, confidence: 0.85, accuracy: 0.75 }],
  calibrationError: 0.1,
};

describe('confusionModel', () => {
  it('has a cell for every pair, as a share of the class', () => {
    expect(confusionCells(report)).toEqual([
      { actual: 0, answer: 0, nRows: 4, share: 1 },
      { actual: 0, answer: 1, nRows: 0, share: 0 },
      { actual: 1, answer: 0, nRows: 2, share: 0.5 },
      { actual: 1, answer: 1, nRows: 2, share: 0.5 },
    ]);
  });

  it('puts the first class on top and says the counts', () => {
    const { layers, table } = confusionModel(report, chartTheme);
    expect(Array.from(layers[0]?.y ?? [])).toEqual([1, 1, 0, 0]);
    expect(layers[0]?.label?.(2)).toBe('2 rows of yes\nanswered no');
    expect(tableToCsv(table())).toBe('Class,no,yes\r\nno,4,0\r\nyes,2,2\r\n');
  });
});

describe('rocModel', () => {
  it('draws one curve for two classes, one per class for more, and none where there is none', () => {
    expect(rocModel(report.classes, chartTheme).layers).toHaveLength(1);
    const three = [...report.classes, { ...classOf('maybe'), roc: null }];
    const model = rocModel(three, chartTheme);
    expect(model.layers).toHaveLength(2);
    expect(model.legend.map(({ name }) => name)).toEqual(['no (0.75)', 'yes (0.75)']);
    expect(model.layers[0]?.label?.(1)).toBe('no\n50 % found with 0 % of the others');
    expect(rocModel([three[2]!], chartTheme).emptyText).toBeDefined();
  });
});

describe('calibrationModel', () => {
  it('says of each bin how many answers, how sure and how right', () => {
    const { layers, note } = calibrationModel(report, chartTheme);
    expect(layers[0]?.label?.(0)).toBe('8 answers given with 85 %\n75 % are right');
    expect(note).toContain('0.1');
  });
});

describe('residualsModel', () => {
  it('shows what is missing from the prediction', () => {
    const { layers, table } = residualsModel(
      {
        target: 'y',
        nRows: 2,
        mse: 1,
        rmse: 1,
        mae: 1,
        r2: 0,
        intervals: {
          rmse: { low: 0, high: 1 },
          mae: { low: 0, high: 1 },
          r2: { low: 0, high: 1 },
        },
        predicted: [1, 3],
        actual: [2, 2],
      },
      chartTheme,
    );
    expect(Array.from(layers[0]?.y ?? [])).toEqual([1, -1]);
    expect(table().cell(1, 2)).toBe(-1);
  });
});

describe('trainingCurvesModel', () => {
  const history = {
    trainLoss: [2, 1],
    valLoss: [3, 2],
    trainAccuracy: null,
    valAccuracy: null,
  };

  it('has training and validation rows over the epochs', () => {
    const { layers, legend } = trainingCurvesModel(history, 'loss', chartTheme);
    expect(layers.map(({ y }) => Array.from(y))).toEqual([
      [2, 1],
      [3, 2],
    ]);
    expect(legend).toHaveLength(2);
    expect(layers[1]?.label?.(1)).toBe('Validation rows\nepoch 1: 2');
  });

  it('is empty where there is no accuracy', () => {
    expect(trainingCurvesModel(history, 'accuracy', chartTheme).emptyText).toBeDefined();
  });
});

describe('columnImportanceModel', () => {
  it('shows no column as worth less than nothing, and says what is left out', () => {
    const many = Array.from({ length: 40 }, (_, i) => ({
      column: `c${i}`,
      drop: 0.3 - i / 100,
      deviation: 0.01,
    }));
    const { layers, note } = columnImportanceModel(many, 'Accuracy', chartTheme);
    expect(layers[0]?.x.length).toBe(30);
    expect(note).toContain('the first 30 of 40');
    const none = columnImportanceModel(
      [{ column: 'a', drop: -0.1, deviation: 0 }],
      'Accuracy',
      chartTheme,
    );
    expect(Array.from(none.layers[0]?.x ?? [])).toEqual([0]);
  });
});

describe('modelChoices', () => {
  it('offers what was trained again first, then trials that are there, then all of them together', () => {
    const choices = modelChoices({
      folder: '/x',
      sizeBytes: 1,
      limit: 5,
      checkpoints: [
        { trialNumber: 4, values: [1], sizeBytes: 10 },
        { trialNumber: 2, values: [1], sizeBytes: 10 },
        { trialNumber: 1, values: [0.9], sizeBytes: null },
      ],
      retrained: [
        {
          id: 'a',
          createdAtMs: 0,
          trialNumbers: [4, 2],
          rows: 'trainAndValidation',
          members: [],
          mean: null,
          deviation: null,
        },
      ],
      repeated: null,
      tests: [],
      unreadable: [],
      nTestRows: 3,
      network: null,
      history: null,
      trialNumber: null,
      noise: null,
      candidates: [],
      retrain: null,
      job: null,
    });
    expect(choices.map(({ choice }) => choice)).toEqual([
      { type: 'retrained', id: 'a' },
      { type: 'trial', trialNumber: 4 },
      { type: 'trial', trialNumber: 2 },
      { type: 'ensemble', size: 2 },
    ]);
    expect(choices[0]?.label).toContain('Trials 4, 2 again');
    expect(choices[0]?.label).toContain('training and validation rows');
  });

  it('names the first of many trials', () => {
    const numbers = Array.from({ length: 25 }, (_, i) => i);
    expect(text.model.trialsAgain([3])).toBe('Trial 3');
    expect(text.model.trialsAgain(numbers.slice(0, 6))).toBe('Trials 0, 1, 2, 3, 4, 5');
    expect(text.model.trialsAgain(numbers)).toBe('Trials 0, 1, 2, 3, 4 and 20 more');
  });
});
