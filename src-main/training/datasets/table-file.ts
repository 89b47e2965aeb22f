import { isAscii, isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { messageOf, TableError } from '../errors.ts';

/** Where the bytes of a table are. */
export interface TableSource {
  /** What errors call it. */
  readonly name: string;
  readonly path: string | null;
  readonly sizeBytes: number;
  /** Reads from the beginning; `block` is used again for the next one. */
  eachBlock(onBlock: (block: Uint8Array) => void): void;
}

export interface ReadProgress {
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

const BLOCK_BYTES = 2 ** 20;

/** @throws TableError when there is no such file or it cannot be read. */
export function fileSource(path: string): TableSource {
  const read = <Result>(use: (file: number) => Result): Result => {
    let file: number | undefined;
    try {
      // A pipe would wait for somebody to write into it, and could not be read twice.
      if (!statSync(path).isFile())
        throw new TableError(`A table must be a file, but ${path} is none. Give a file's path.`);
      file = openSync(path, 'r');
      return use(file);
    } catch (error) {
      if (error instanceof Error && 'syscall' in error)
        throw new TableError(`The table ${path} cannot be read: ${messageOf(error)}`, {
          cause: error,
        });
      throw error;
    } finally {
      if (file !== undefined) closeSync(file);
    }
  };
  return {
    name: basename(path),
    path,
    sizeBytes: read((file) => fstatSync(file).size),
    eachBlock: (onBlock) =>
      read((file) => {
        const block = new Uint8Array(BLOCK_BYTES);
        for (let nRead; (nRead = readSync(file, block)) > 0;) onBlock(block.subarray(0, nRead));
      }),
  };
}

export function bytesSource(bytes: Uint8Array, name: string): TableSource {
  return { name, path: null, sizeBytes: bytes.length, eachBlock: (onBlock) => onBlock(bytes) };
}

/** SHA-256 of the table's bytes, hexadecimal. */
export function hashOf(source: TableSource): string {
  const hash = createHash('sha256');
  source.eachBlock((block) => hash.update(block));
  return hash.digest('hex');
}

/** The bytes do not follow the encoding. */
export class EncodingError extends TableError {
  /** Whether all but a few of its characters are UTF-8, so that it can be nothing else. */
  readonly isUtf8Otherwise: boolean;

  constructor(
    message: string,
    options: ErrorOptions & { readonly isUtf8Otherwise?: boolean } = {},
  ) {
    super(message, options);
    this.isUtf8Otherwise = options.isUtf8Otherwise ?? false;
  }
}

/** Whether bytes have characters beyond ASCII in UTF-8: those of no other encoding look like them. */
export function hasUtf8Characters(bytes: Uint8Array): boolean {
  return /[^\0-\x7f\ufffd]/.test(new TextDecoder().decode(bytes));
}

/**
 * The whole table as UTF-8 without byte order mark, block by block.
 *
 * @param onProgress Called after every block.
 * @returns SHA-256 of the bytes as they are in the file, hexadecimal.
 * @throws EncodingError
 */
export function readText(
  source: TableSource,
  encoding: string,
  onText: (utf8: Uint8Array) => void,
  onProgress?: (progress: ReadProgress) => void,
): string {
  const hash = createHash('sha256');
  let bytesDone = 0;
  const toUtf8 = isUtf8Label(encoding) ? checkUtf8(source) : transcode(source, encoding);
  source.eachBlock((block) => {
    hash.update(block);
    onText(toUtf8(block, false));
    bytesDone += block.length;
    onProgress?.({ bytesDone, bytesTotal: source.sizeBytes });
  });
  onText(toUtf8(new Uint8Array(0), true));
  return hash.digest('hex');
}

/** The first bytes, as many as detecting a format takes. */
export function readSample(source: TableSource, nBytes: number): Uint8Array {
  const sample = new Uint8Array(Math.min(nBytes, source.sizeBytes));
  let nRead = 0;
  try {
    source.eachBlock((block) => {
      const used = block.subarray(0, sample.length - nRead);
      sample.set(used, nRead);
      nRead += used.length;
      if (nRead === sample.length) throw enough;
    });
  } catch (error) {
    if (error !== enough) throw error;
  }
  return sample.subarray(0, nRead);
}

const enough = new Error('The sample is complete.');

type ToUtf8 = (block: Uint8Array, isLast: boolean) => Uint8Array;

function isUtf8Label(encoding: string): boolean {
  return ['utf-8', 'utf8'].includes(encoding.toLowerCase());
}

function checkUtf8(source: TableSource): ToUtf8 {
  /** The beginning of a character that goes on in the next block. */
  let rest = new Uint8Array(0);
  let isFirst = true;
  let offset = 0;
  let isUtf8Otherwise = false;
  return (block, isLast) => {
    let bytes = rest.length > 0 ? concat(rest, block) : block;
    const nWhole = isLast ? bytes.length : bytes.length - nBytesOfOpenCharacter(bytes);
    rest = bytes.slice(nWhole);
    bytes = bytes.subarray(0, nWhole);
    if (!isUtf8(bytes)) {
      const at = offset + nValidBytes(bytes);
      throw new EncodingError(
        `${source.name} is not UTF-8 text in line ${lineOf(source, at)} (byte ${at}). Correct it, save the table as "CSV UTF-8", or set \`data.format.encoding\`, such as windows-1252.`,
        { isUtf8Otherwise: isUtf8Otherwise || hasUtf8Characters(bytes) },
      );
    }
    isUtf8Otherwise ||= !isAscii(bytes);
    offset += nWhole;
    if (isFirst && bytes.length > 0) {
      isFirst = false;
      if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return bytes.subarray(3);
    }
    return bytes;
  };
}

/** How many bytes come before the first that is no UTF-8. */
function nValidBytes(bytes: Uint8Array): number {
  let [valid, end] = [0, bytes.length];
  // Any beginning up to the first bad byte is UTF-8, but for a character cut off.
  while (valid < end) {
    const middle = (valid + end + 1) >> 1;
    const beginning = bytes.subarray(0, middle);
    if (isUtf8(beginning.subarray(0, middle - nBytesOfOpenCharacter(beginning)))) valid = middle;
    else end = middle - 1;
  }
  return valid - nBytesOfOpenCharacter(bytes.subarray(0, valid));
}

function lineOf(source: TableSource, offset: number): number {
  let line = 1;
  let start = 0;
  source.eachBlock((block) => {
    const before = block.subarray(0, Math.max(0, offset - start));
    for (const byte of before) if (byte === 10) line++;
    start += block.length;
  });
  return line;
}

function nBytesOfOpenCharacter(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function transcode(source: TableSource, encoding: string): ToUtf8 {
  let decoder: InstanceType<typeof TextDecoder>;
  try {
    decoder = new TextDecoder(encoding, { fatal: true });
  } catch (error) {
    throw new TableError(
      `\`data.format.encoding\` must be the name of an encoding, such as utf-8, utf-16le or windows-1252, but got ${encoding}.`,
      { cause: error },
    );
  }
  return (block, isLast) => {
    try {
      return Buffer.from(decoder.decode(block, { stream: !isLast }), 'utf8');
    } catch (error) {
      throw new EncodingError(
        `${source.name} is not ${encoding} text. Set \`data.format.encoding\` to what it is, or save it as "CSV UTF-8".`,
        { cause: error },
      );
    }
  };
}
