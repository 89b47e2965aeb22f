/**
 * The messages that an ONNX file is made of, as far as networks of Parzen need them: a description that protobufjs reads. The numbers of the fields are
 * those of `onnx/onnx.proto3` in the ONNX repository, whose other fields may be missing in a file.
 */
import type { INamespace } from 'protobufjs/light.js';

/** IR version 8 is the one that came with operator set 17, the first with LayerNormalization. */
export const IR_VERSION = 8;
export const OPSET_VERSION = 17;

/** `TensorProto.DataType` */
export const dataTypes = { float: 1, int64: 7 } as const;

/** `AttributeProto.AttributeType` */
export const attributeTypes = { float: 1, int: 2, ints: 7 } as const;

export interface OnnxAttribute {
  readonly name: string;
  readonly type: number;
  readonly f?: number;
  readonly i?: number;
  readonly ints?: readonly number[];
}

export interface OnnxNode {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name: string;
  readonly opType: string;
  readonly attribute: readonly OnnxAttribute[];
}

export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: number;
  /** Little-endian. */
  readonly rawData: Uint8Array;
}

/** Name and shape of what goes in or comes out. */
export interface OnnxValue {
  readonly name: string;
  readonly type: {
    readonly tensorType: {
      readonly elemType: number;
      readonly shape: { readonly dim: readonly { dimValue?: number; dimParam?: string }[] };
    };
  };
}

export interface OnnxModel {
  readonly irVersion: number;
  readonly producerName: string;
  readonly opsetImport: readonly { readonly domain: string; readonly version: number }[];
  readonly graph: {
    readonly name: string;
    readonly node: readonly OnnxNode[];
    readonly initializer: readonly OnnxTensor[];
    readonly input: readonly OnnxValue[];
    readonly output: readonly OnnxValue[];
  };
  readonly metadataProps: readonly { readonly key: string; readonly value: string }[];
}

const one = (type: string, id: number) => ({ type, id });
const many = (type: string, id: number) => ({ rule: 'repeated', type, id });

export const onnxSchema: INamespace = {
  nested: {
    ModelProto: {
      fields: {
        irVersion: one('int64', 1),
        producerName: one('string', 2),
        graph: one('GraphProto', 7),
        opsetImport: many('OperatorSetIdProto', 8),
        metadataProps: many('StringStringEntryProto', 14),
      },
    },
    OperatorSetIdProto: { fields: { domain: one('string', 1), version: one('int64', 2) } },
    StringStringEntryProto: { fields: { key: one('string', 1), value: one('string', 2) } },
    GraphProto: {
      fields: {
        node: many('NodeProto', 1),
        name: one('string', 2),
        initializer: many('TensorProto', 5),
        input: many('ValueInfoProto', 11),
        output: many('ValueInfoProto', 12),
      },
    },
    NodeProto: {
      fields: {
        input: many('string', 1),
        output: many('string', 2),
        name: one('string', 3),
        opType: one('string', 4),
        attribute: many('AttributeProto', 5),
      },
    },
    AttributeProto: {
      fields: {
        name: one('string', 1),
        f: one('float', 2),
        i: one('int64', 3),
        ints: many('int64', 8),
        type: one('int32', 20),
      },
    },
    TensorProto: {
      fields: {
        dims: many('int64', 1),
        dataType: one('int32', 2),
        name: one('string', 8),
        rawData: one('bytes', 9),
      },
    },
    ValueInfoProto: { fields: { name: one('string', 1), type: one('TypeProto', 2) } },
    TypeProto: {
      fields: { tensorType: one('Tensor', 1) },
      nested: {
        Tensor: { fields: { elemType: one('int32', 1), shape: one('TensorShapeProto', 2) } },
      },
    },
    TensorShapeProto: {
      fields: { dim: many('Dimension', 1) },
      nested: {
        Dimension: { fields: { dimValue: one('int64', 1), dimParam: one('string', 2) } },
      },
    },
  },
};
