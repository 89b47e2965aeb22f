import { expect, it } from 'vitest';
import type { RunLogLine } from '../../src-main/contract/runs.ts';
import { RunLog } from '../../src-main/services/run-log.ts';

it('tells every line, and keeps the last ones', () => {
  const told: RunLogLine[] = [];
  const log = new RunLog((line) => told.push(line));
  for (let i = 0; i < 5000; i++) log.add(i % 2 === 0 ? 'info' : 'warn', `line ${i}`);
  expect(told).toHaveLength(5000);
  expect(log.lines.length).toBeGreaterThanOrEqual(500);
  expect(log.lines.length).toBeLessThan(1000);
  expect(log.lines).toEqual(told.slice(-log.lines.length));
  expect(log.lines.at(-1)).toMatchObject({ index: 4999, level: 'warn', message: 'line 4999' });
});
