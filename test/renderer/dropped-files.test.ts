import { describe, expect, it } from 'vitest';

import { kindOfFile } from '../../src-renderer/composables/useDroppedFiles.ts';

describe('kindOfFile', () => {
  it.each([
    ['/data/Flowers.CSV', 'table'],
    ['a.tsv', 'table'],
    ['C:\\data\\rows.txt', 'table'],
    ['iris.yaml', 'spec'],
    ['spec.YML', 'spec'],
    ['spec.json', 'spec'],
    ['studies.db', 'study'],
    ['journal.log', 'study'],
    ['no-ending', 'study'],
  ] as const)('%s is a %s', (path, kind) => {
    expect(kindOfFile(path)).toBe(kind);
  });
});
