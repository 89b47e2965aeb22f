import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitLines } from '../../src-main/training/lines.ts';

function linesOf(pieces: readonly string[]): string[] {
  const lines: string[] = [];
  const splitter = splitLines((line) => lines.push(line));
  for (const piece of pieces) splitter.push(piece);
  splitter.end();
  return lines;
}

describe('splitLines', () => {
  it('gives the same lines wherever a stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a\r\n]{0,4}$/)), (pieces) => {
        expect(linesOf(pieces)).toEqual(linesOf([pieces.join('')]));
      }),
    );
  });

  it('knows both line ends, and a last line without one', () => {
    expect(linesOf(['a\r', '\nb\n\nc'])).toEqual(['a', 'b', '', 'c']);
  });

  it('does not wait for the end of a line for ever', () => {
    const lines = linesOf(Array.from({ length: 300 }, () => 'x'.repeat(1000)));
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.join('')).toBe('x'.repeat(300_000));
  });
});
