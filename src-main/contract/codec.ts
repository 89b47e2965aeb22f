/**
 * Plain data as bytes and back, for every wire: MessagePack with three extension types for what it
 * lacks. Typed arrays are one byte for their kind and then their memory (little-endian, as all
 * supported machines are), so a column of 100,000 numbers is copied, never walked.
 */
import { Decoder, Encoder, ExtData } from '@msgpack/msgpack';

/** The kinds of typed array that may travel. The index is part of the format: add at the end. */
const typedArrayKinds = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
] as const;

const extension = {
  typedArray: 1,
  /** An array with `undefined` in it, which MessagePack would turn into null. */
  arrayWithUndefined: 2,
  undefined: 3,
  /** An object with a property of the name `__proto__`, as its entries: assigning that name sets no property. */
  entries: 4,
} as const;

const UNDEFINED = new ExtData(extension.undefined, new Uint8Array(0));

/** Deep enough for any attribute that a study file holds; what is deeper is a cycle. */
const MAX_DEPTH = 1000;

const extensionCodec = { tryToEncode, decode: decodeExtension };
const encoder = new Encoder({
  extensionCodec,
  maxDepth: MAX_DEPTH,
  // A property that is undefined is left out, as in JSON.
  ignoreUndefined: true,
  // Integers as floats keep the sign of -0 and give a number one form only.
  forceIntegerToFloat: true,
});
const decoder = new Decoder({ extensionCodec });

/**
 * Plain data as one array of bytes.
 *
 * @param value null, undefined, booleans, numbers (NaN, infinities and -0 too), strings of whole
 *   characters, arrays, objects without a class, and typed arrays but those of bigints. Properties
 *   that are undefined are left out; text of over 200 bytes loses a byte order mark at its start.
 * @throws TypeError for anything else: functions, symbols, bigints, Maps, Dates, instances of classes.
 */
export function encode(value: unknown): Uint8Array<ArrayBuffer> {
  return encoder.encode(value === undefined ? UNDEFINED : value);
}

/**
 * The value that `encode` was given. Typed arrays are copies that own their whole buffer: they may
 * be kept or transferred without keeping `bytes`.
 *
 * @throws Error when `bytes` did not come from `encode`.
 */
export function decode(bytes: Uint8Array): unknown {
  return decoder.decode(bytes);
}

function tryToEncode(value: unknown): ExtData | null {
  if (Array.isArray(value)) {
    return value.includes(undefined)
      ? new ExtData(extension.arrayWithUndefined, encode(Array.from(value, (x) => x ?? orNull(x))))
      : null;
  }
  if (typeof value === 'object' && value !== null) {
    if (ArrayBuffer.isView(value)) {
      return new ExtData(extension.typedArray, encodeTypedArray(value));
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) {
      return Object.hasOwn(value, '__proto__')
        ? new ExtData(extension.entries, encode(Object.entries(value)))
        : null;
    }
    if (value instanceof ExtData) {
      return value;
    }
  }
  throw new TypeError(`Only plain data can be sent, but got ${describe(value)}.`);
}

function decodeExtension(data: Uint8Array, type: number): unknown {
  switch (type) {
    case extension.typedArray:
      return decodeTypedArray(data);
    case extension.arrayWithUndefined:
      return decode(data);
    case extension.undefined:
      return undefined;
    case extension.entries:
      return Object.fromEntries(decode(data) as [string, unknown][]);
    default:
      throw new TypeError(`No extension has the type ${type}.`);
  }
}

function orNull(value: null | undefined): ExtData | null {
  return value === undefined ? UNDEFINED : null;
}

function encodeTypedArray(array: ArrayBufferView): Uint8Array {
  // A Buffer of Node is a Uint8Array like any other.
  const kind = typedArrayKinds.findIndex((Kind) => array instanceof Kind);
  if (kind < 0) {
    throw new TypeError(`Only plain data can be sent, but got ${describe(array)}.`);
  }
  const data = new Uint8Array(1 + array.byteLength);
  data[0] = kind;
  data.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), 1);
  return data;
}

function decodeTypedArray(data: Uint8Array): ArrayBufferView {
  const Kind = typedArrayKinds[data[0] ?? typedArrayKinds.length];
  if (!Kind) {
    throw new TypeError(`No typed array has the kind ${data[0]}.`);
  }
  const copy = new Uint8Array(data.length - 1);
  copy.set(data.subarray(1));
  return new Kind(copy.buffer);
}

function describe(value: unknown): string {
  return typeof value === 'object' ? Object.prototype.toString.call(value) : `a ${typeof value}`;
}
