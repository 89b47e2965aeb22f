import { isDeepStrictEqual } from 'node:util';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decode, encode } from '../../src-main/contract/codec.ts';

const roundTrip = (value: unknown): unknown => decode(encode(value));

/** Anything a call or an event may carry, with the odd values in it. */
function plainData() {
  const scalar = fc.oneof(
    fc.constantFrom(
      null,
      undefined,
      true,
      false,
      -0,
      NaN,
      Infinity,
      -Infinity,
      2 ** 60,
      -(2 ** 40),
    ),
    fc.integer(),
    fc.double(),
    fc.string({ unit: 'binary' }),
  );
  const typedArray = fc.oneof(
    fc.float64Array(),
    fc.float32Array(),
    fc.int32Array(),
    fc.uint32Array(),
    fc.int16Array(),
    fc.uint16Array(),
    fc.int8Array(),
    fc.uint8Array(),
    fc.uint8ClampedArray(),
  );
  // `undefined` as a property is left out by design and has its own test.
  const isValue = (value: unknown): boolean => value !== undefined;
  const keys = fc.oneof(
    fc.constantFrom('__proto__', 'constructor', '', '0'),
    fc.string({ unit: 'binary' }),
  );
  return fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      scalar,
      typedArray,
      fc.array(tie('value')),
      fc
        .array(fc.tuple(keys, tie('value').filter(isValue)), { maxLength: 6 })
        .map((entries) => Object.fromEntries(entries)),
    ),
  })).value;
}

describe('codec', () => {
  it('gives back what it was given', () => {
    fc.assert(
      fc.property(plainData(), (value) => {
        expect(isDeepStrictEqual(roundTrip(value), value)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives back the same bytes when it encodes again', () => {
    fc.assert(
      fc.property(plainData(), (value) => {
        const bytes = encode(value);
        expect(encode(decode(bytes))).toStrictEqual(bytes);
      }),
    );
  });

  it('leaves out properties that are undefined', () => {
    expect(roundTrip({ a: undefined, b: [{ c: undefined }] })).toStrictEqual({ b: [{}] });
  });

  it('tells undefined from null, also where an array has holes', () => {
    const withHole: unknown[] = [1];
    withHole[2] = 3;
    expect(roundTrip([undefined, null, [undefined]])).toStrictEqual([undefined, null, [undefined]]);
    expect(roundTrip(withHole)).toStrictEqual([1, undefined, 3]);
    expect(roundTrip(undefined)).toBeUndefined();
    expect(roundTrip(null)).toBeNull();
  });

  it('keeps a property named __proto__ a property, and nobody else gets it', () => {
    const hostile: unknown = JSON.parse('{"__proto__": {"isAdmin": true}, "a": {"__proto__": 1}}');
    const result = roundTrip(hostile) as object;
    expect(result).toStrictEqual(hostile);
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  it('decodes from any offset into typed arrays that own their buffer', () => {
    const bytes = encode({ odd: 'x', values: Float64Array.of(1, NaN, -Infinity) });
    for (let offset = 0; offset < 8; offset += 1) {
      const message = new Uint8Array(bytes.length + offset);
      message.set(bytes, offset);
      const { values } = decode(message.subarray(offset)) as { values: Float64Array };
      expect(values).toStrictEqual(Float64Array.of(1, NaN, -Infinity));
      expect(values.buffer.byteLength).toBe(24);
    }
  });

  it('sends the part that a subarray shows, not the array behind it', () => {
    const column = new Float64Array(10_000).fill(7);
    const bytes = encode(column.subarray(5, 7));
    expect(bytes.length).toBeLessThan(32);
    expect(decode(bytes)).toStrictEqual(Float64Array.of(7, 7));
    expect(decode(encode(Buffer.from([1, 2])))).toStrictEqual(Uint8Array.of(1, 2));
  });

  it('carries text beyond ASCII, and long text', () => {
    for (const text of ['ü→🎲', '\u{feff}x', '\0', 'ü🎲'.repeat(50_000)]) {
      expect(roundTrip({ [text]: text })).toStrictEqual({ [text]: text });
    }
  });

  it('carries attributes nested as deep as JSON comes', () => {
    const depth = 900;
    const nested: unknown = JSON.parse('[{"a":'.repeat(depth / 2) + '1' + '}]'.repeat(depth / 2));
    expect(JSON.stringify(roundTrip(nested))).toBe(JSON.stringify(nested));
  });

  it.each([
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a bigint', 1n],
    ['a Map', new Map()],
    ['a Date', new Date(0)],
    ['an instance', new (class Thing {})()],
    ['an array of bigints', new BigInt64Array(1)],
    ['a DataView', new DataView(new ArrayBuffer(1))],
  ])('refuses %s, wherever it is', (_name, value) => {
    expect(() => encode(value)).toThrow(TypeError);
    expect(() => encode({ deep: [value] })).toThrow('Only plain data can be sent');
  });

  it('refuses a cycle', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(() => encode(cycle)).toThrow();
  });

  it('refuses bytes that are none of its own', () => {
    for (const bytes of [[], [0xc1], [0xc7, 0, 9], [0xc7, 1, 1, 200], [0x91], [0xc0, 0xc0]]) {
      expect(() => decode(Uint8Array.from(bytes))).toThrow();
    }
  });
});
