import { describe, expect, it } from 'vitest';

import { isSpecFile, specOfModule } from '../../../src-renderer/components/common/own-objective.ts';

describe('own objectives', () => {
  it.each([
    ['/a/study.yaml', true],
    ['/a/study.yml ', true],
    ['C:\\a\\study.JSON', true],
    ['/a/objective.ts', false],
    ['/a/yaml', false],
  ])('knows whether %j is a spec', (path, expected) => {
    expect(isSpecFile(path)).toBe(expected);
  });

  it.each([
    ['/a/my-objective.ts', 'my-objective'],
    ['C:\\a\\b.c.mjs', 'b.c'],
    ['objective', 'objective'],
  ])('makes a spec of the module %j', (path, name) => {
    expect(specOfModule(path, ['maximize'], 7)).toEqual({
      name,
      run: { module: path },
      objective: [{ name: 'value', direction: 'maximize' }],
      stop: { trials: 7 },
    });
  });

  it('names several objectives apart', () => {
    expect(specOfModule('/a/b.ts', ['minimize', 'maximize'], 7).objective).toEqual([
      { name: 'value 0', direction: 'minimize' },
      { name: 'value 1', direction: 'maximize' },
    ]);
  });
});
