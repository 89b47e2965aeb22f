import { describe, expect, it } from 'vitest';

import { bestSoFarModel } from '../../../src-renderer/charts/best-so-far.ts';
import { specDifferences } from '../../../src-renderer/components/study/spec-differences.ts';
import { keyId, parseKeyId } from '../../../src-renderer/stores/study-key.ts';
import { chartTheme } from '../helpers/chart-theme.ts';

describe('specDifferences', () => {
  it('names the settings that differ by their paths', () => {
    const a = { name: 'a', training: { batchSize: 16, epochs: 100 }, sampler: { type: 'tpe' } };
    const b = { name: 'b', training: { batchSize: 32, epochs: 100 }, sampler: { type: 'random' } };
    expect(specDifferences([a, b])).toEqual([
      { path: 'training.batchSize', values: ['16', '32'] },
      { path: 'sampler.type', values: ['tpe', 'random'] },
    ]);
  });

  it('treats lists as values, and the settings of studies without a spec as not known', () => {
    const [a, b] = [{ network: { width: [32, 64] } }, { network: { width: [] } }];
    expect(specDifferences([a, b, null])).toEqual([
      { path: 'network.width', values: ['[32,64]', 'none', ''] },
    ]);
    expect(specDifferences([a, null])).toEqual([]);
    expect(specDifferences([null, null])).toEqual([]);
  });
});

it('shows the beginning of a long list, and still tells two of them apart', () => {
  const rows = Array.from({ length: 90 }, (_, i) => i);
  const [found] = specDifferences([{ rows }, { rows: rows.with(80, 0) }]);
  const shown = '0, 1, 2, 3, 4, 5, 6, 7, … (90)';
  expect(found).toEqual({ path: 'rows', values: [shown, shown] });
});

describe('bestSoFarModel', () => {
  it('has a line per study, each point named', () => {
    const model = bestSoFarModel(
      [
        { name: 'a', color: '#000000', x: Float64Array.of(0, 3), y: Float64Array.of(5, 2) },
        { name: 'b', color: '#111111', x: Float64Array.of(1), y: Float64Array.of(4) },
      ],
      'loss',
      chartTheme,
    );
    expect(model.layers[0]?.label?.(1)).toBe('a\nbest after trial 3: 2');
    expect(model.table().nRows).toBe(3);
  });
});

it('reads study ids back, also when a storage id has slashes', () => {
  for (const key of [
    { storageId: 's1', studyId: 7 },
    { storageId: 'file:/a/b.db', studyId: 12 },
  ])
    expect(parseKeyId(keyId(key))).toEqual(key);
  expect(parseKeyId('nonsense')).toBeNull();
  expect(parseKeyId('s1/zero')).toBeNull();
});
