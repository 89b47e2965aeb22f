import { describe, expect, it } from 'vitest';

import { closingLines, type TestReport } from '../../scripts/test-report.ts';

function report(...files: { status: string; message?: string; tests: string[] }[]): TestReport {
  return {
    testResults: files.map(({ status, message, tests }, index) => ({
      name: `file-${index}.test.ts`,
      status,
      message,
      assertionResults: tests.map((state, i) => ({
        fullName: `test ${index}.${i}`,
        status: state,
      })),
    })),
  };
}

describe('closingLines', () => {
  it('counts passed tests over all files', () => {
    const run = report(
      { status: 'passed', tests: ['passed', 'passed'] },
      { status: 'passed', tests: ['passed'] },
    );
    expect(closingLines(0, run)).toEqual({ lines: ['3 passed, 0 failed'], ok: true });
  });

  it('names every skipped test', () => {
    const run = report({ status: 'passed', tests: ['passed', 'skipped', 'pending', 'todo'] });
    expect(closingLines(0, run).lines).toEqual([
      'skipped: test 0.1',
      'skipped: test 0.2',
      'skipped: test 0.3',
      '1 passed, 0 failed, 3 skipped',
    ]);
  });

  it('fails when a test failed', () => {
    const run = report({ status: 'failed', tests: ['passed', 'failed'] });
    expect(closingLines(1, run)).toEqual({ lines: ['1 passed, 1 failed'], ok: false });
  });

  it('counts a file that could not be loaded as one failure, with its reason', () => {
    const run = report(
      { status: 'passed', tests: ['passed'] },
      { status: 'failed', message: 'Cannot find x\nat y', tests: [] },
    );
    expect(closingLines(1, run)).toEqual({
      lines: ['failed: file-1.test.ts: Cannot find x', '1 passed, 1 failed'],
      ok: false,
    });
  });

  it('fails when the runner failed but every test passed', () => {
    const { lines, ok } = closingLines(1, report({ status: 'passed', tests: ['passed'] }));
    expect(lines.at(-1)).toBe('1 passed, 1 failed');
    expect(ok).toBe(false);
  });

  it.each([
    ['no report was written', undefined, 1],
    ['there are no test files', report(), 0],
    ['every test was skipped', report({ status: 'passed', tests: ['skipped'] }), 0],
  ])('fails when %s', (_case, run, exitCode) => {
    const { lines, ok } = closingLines(exitCode, run);
    expect(lines.at(-1)).toMatch(/^0 passed, 1 failed/);
    expect(ok).toBe(false);
  });
});
