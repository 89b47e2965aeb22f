/** The part of vitest's JSON report that the closing lines are made from. */
export interface TestReport {
  testResults: {
    name: string;
    status: string;
    message?: string;
    assertionResults: { fullName: string; status: string }[];
  }[];
}

/**
 * What `npm test` prints last: every test that was skipped (its name says what it needs), every file
 * that failed as a whole, and `N passed, M failed` (`, K skipped`). A run that went wrong in a way the
 * report does not show counts as one failure, and so does one without a single test.
 */
export function closingLines(
  exitCode: number,
  report: TestReport | undefined,
): { lines: string[]; ok: boolean } {
  const lines: string[] = [];
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for (const file of report?.testResults ?? []) {
    let failedHere = 0;
    for (const test of file.assertionResults) {
      if (test.status === 'passed') {
        passed += 1;
      } else if (test.status === 'failed') {
        failedHere += 1;
      } else {
        skipped += 1;
        lines.push(`skipped: ${test.fullName}`);
      }
    }
    if (file.status === 'failed' && failedHere === 0) {
      failedHere = 1;
      lines.push(`failed: ${file.name}: ${file.message?.split('\n')[0] ?? 'no reason given'}`);
    }
    failed += failedHere;
  }
  if (passed + failed === 0) {
    failed = 1;
    lines.push(report ? 'failed: no test ran' : 'failed: the test runner left no report');
  } else if (failed === 0 && exitCode !== 0) {
    failed = 1;
    lines.push(`failed: the test runner ended with exit code ${exitCode}, see above`);
  }
  lines.push(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  return { lines, ok: failed === 0 };
}
