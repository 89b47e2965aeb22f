import { describe, expect, it } from 'vitest';
import { buildDense } from '../../../src-main/training/fused/build.ts';
import { readBuild } from './builds.ts';

describe('buildDense', () => {
  it('compiles the sources to the bytes that are checked in', async () => {
    const files = await buildDense();
    expect([...files.keys()]).toEqual(['dense.wasm', 'dense-relaxed.wasm']);
    for (const [name, bytes] of files) {
      expect(Buffer.from(bytes).equals(readBuild(name)), name).toBe(true);
    }
  });

  it('uses no relaxed instruction in the plain build', () => {
    // Everything relaxed starts with the SIMD prefix and a number from 0x100 on (LEB128: 0x80-0xff, 0x02).
    const plain = Buffer.from(readBuild('dense.wasm'));
    const relaxed = Buffer.from(readBuild('dense-relaxed.wasm'));
    const multiplyAdd = Buffer.from([0xfd, 0x85, 0x02]);
    expect(plain.includes(multiplyAdd)).toBe(false);
    expect(relaxed.includes(multiplyAdd)).toBe(true);
  });
});
