import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { studyFilesIn } from '../../src-main/electron/command-line.ts';

describe('studyFilesIn', () => {
  let dir: string;
  let file: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'parzen-command-line-'));
    file = join(dir, 'my studý #1.db');
    writeFileSync(file, '');
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('finds files by path, by name in the working directory, and by URL', () => {
    const argv = ['parzen', file, 'my studý #1.db', pathToFileURL(file).href];
    expect(studyFilesIn(argv, dir)).toEqual([file, file, file]);
  });

  it('takes no flag, no other file, no folder, nothing that is missing or elsewhere for one', () => {
    mkdirSync(join(dir, 'folder.db'));
    writeFileSync(join(dir, 'table.csv'), '');
    writeFileSync(join(dir, '--log.db'), '');
    const argv = ['--log.db', 'table.csv', 'folder.db', 'none.db', 'file://host/x.db', 'file:%.db'];
    expect(studyFilesIn(['parzen', ...argv], dir)).toEqual([]);
  });

  it('does not take the program itself for a file', () => {
    expect(studyFilesIn([file], dir)).toEqual([]);
  });
});
