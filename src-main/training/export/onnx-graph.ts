import { floatBytes } from './float-bytes.ts';
import { attributeTypes, dataTypes } from './onnx-schema.ts';
import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from './onnx-schema.ts';

/** Of operators. `FLOATS` tells which numbers are no integers. */
type Attributes = Readonly<Record<string, number | readonly number[]>>;

const FLOATS = ['epsilon', 'alpha'];

/** Nodes in the order in which they are computed, with the constants they need. A node's only output has the name of the node. */
export class OnnxGraph {
  readonly #nodes: OnnxNode[] = [];
  readonly #constants: OnnxTensor[] = [];

  /** @returns `name` */
  add(opType: string, name: string, input: readonly string[], attributes: Attributes = {}): string {
    this.#nodes.push({
      input,
      output: [name],
      name,
      opType,
      attribute: Object.entries(attributes).map(([key, value]) => toAttribute(key, value)),
    });
    return name;
  }

  /** @returns `name` */
  floats(name: string, dims: readonly number[], values: Float32Array): string {
    const rawData = floatBytes(values);
    this.#constants.push({ name, dims, dataType: dataTypes.float, rawData });
    return name;
  }

  /** A list of integers. @returns `name` */
  integers(name: string, values: readonly number[]): string {
    const rawData = new Uint8Array(8 * values.length);
    const view = new DataView(rawData.buffer);
    values.forEach((value, i) => view.setBigInt64(8 * i, BigInt(value), true));
    this.#constants.push({ name, dims: [values.length], dataType: dataTypes.int64, rawData });
    return name;
  }

  toMessage(input: RowsOf, output: RowsOf): OnnxModel['graph'] {
    return {
      name: 'parzen',
      node: this.#nodes,
      initializer: this.#constants,
      input: [toValue(input)],
      output: [toValue(output)],
    };
  }
}

/** Any number of rows, so many numbers wide. */
interface RowsOf {
  readonly name: string;
  readonly width: number;
}

function toValue({ name, width }: RowsOf): OnnxValue {
  const shape = { dim: [{ dimParam: 'rows' }, { dimValue: width }] };
  return { name, type: { tensorType: { elemType: dataTypes.float, shape } } };
}

function toAttribute(name: string, value: number | readonly number[]): OnnxAttribute {
  if (typeof value !== 'number') return { name, type: attributeTypes.ints, ints: value };
  return FLOATS.includes(name)
    ? { name, type: attributeTypes.float, f: value }
    : { name, type: attributeTypes.int, i: value };
}
