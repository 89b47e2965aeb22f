/**
 * A network as an ONNX file, for ONNX Runtime and whatever else reads ONNX.
 *
 * Its input are the features before scaling, rows x inputs: numbers as the table has them, and 0/1 for each category; the first nodes scale. The outputs
 * are probabilities, or numbers in the targets' own units. What the inputs and outputs are stands in the file's metadata, as JSON.
 */
import protobuf from 'protobufjs/light.js';
import { imagesOf, NORM_EPSILON, pixelsOf, weightsOf } from '../plan.ts';
import type { ConvolutionPlan, FindWeights, ImageShape, NetworkPlan } from '../plan.ts';
import type { SavedModel } from '../saved-model.ts';
import type { Activation, Norm } from '../vocabulary.ts';
import { embeddingKernel } from './embedding-kernel.ts';
import { describeModel, inputScales } from './inputs.ts';
import { OnnxGraph } from './onnx-graph.ts';
import { IR_VERSION, onnxSchema, OPSET_VERSION } from './onnx-schema.ts';
import type { OnnxModel } from './onnx-schema.ts';
import { unstandardizing } from './output-layer.ts';

/** Several networks answer with the mean. */
export function toOnnx(models: readonly SavedModel[]): Uint8Array {
  const type = protobuf.Root.fromJSON(onnxSchema).lookupType('ModelProto');
  return type.encode(type.fromObject(toMessage(models))).finish();
}

function toMessage(models: readonly SavedModel[]): OnnxModel {
  const [first] = models as [SavedModel];
  const { nInputs, nOutputs } = first.network;
  const graph = new OnnxGraph();
  const { centers, scales } = inputScales(first);
  const centered = graph.add('Sub', 'centering', [
    'features',
    graph.floats('scaling_centers', [nInputs], centers),
  ]);
  const scaled = graph.add('Div', 'scaling', [
    centered,
    graph.floats('scaling_scales', [nInputs], scales),
  ]);
  const answers = models.map((model, member) =>
    addNetwork(graph, model, scaled, `network_${member}`),
  );
  const output = first.classes ? 'probabilities' : 'predictions';
  graph.add(answers.length === 1 ? 'Identity' : 'Mean', output, answers);
  return {
    irVersion: IR_VERSION,
    producerName: 'Parzen',
    opsetImport: [{ domain: '', version: OPSET_VERSION }],
    graph: graph.toMessage({ name: 'features', width: nInputs }, { name: output, width: nOutputs }),
    metadataProps: Object.entries(describeModel(models)).map(([key, value]) => ({
      key,
      value: typeof value === 'string' ? value : JSON.stringify(value),
    })),
  };
}

function addNetwork(graph: OnnxGraph, model: SavedModel, input: string, prefix: string): string {
  const { network, weights, classes } = model;
  const find = weightsOf('dense', network, weights);
  let x = input;
  if (network.embeddings.length > 0) {
    const { kernel, nUnits } = embeddingKernel(model);
    x = addProduct(graph, `${prefix}_embeddings`, x, kernel, nUnits);
  }
  if (network.convolution)
    x = addConvolution(graph, network.convolution, weightsOf('convolution', network, weights), {
      input: x,
      prefix,
    });
  x = addHidden(graph, network, find, { input: x, prefix });
  const last = network.layers.length;
  const [kernel, bias] = [find(last, 'kernel'), find(last, 'bias')];
  const name = `${prefix}_output`;
  if (classes) {
    const logits = addDense(graph, name, x, kernel, bias);
    return graph.add('Softmax', `${prefix}_probabilities`, [logits], { axis: -1 });
  }
  const scaled = unstandardizing(model, kernel, bias);
  return addDense(graph, name, x, scaled.kernel, scaled.bias);
}

interface Place {
  readonly input: string;
  readonly prefix: string;
}

function addHidden(
  graph: OnnxGraph,
  { layers }: NetworkPlan,
  find: FindWeights,
  { input, prefix }: Place,
): string {
  let x = input;
  layers.forEach(({ nUnits, norm, activation, skip }, layer) => {
    const name = `${prefix}_hidden_${layer}`;
    const before = x;
    x = addDense(graph, name, x, find(layer, 'kernel'), find(layer, 'bias'));
    x = addNorm(graph, norm, (role) => find(layer, role), { input: x, prefix: name });
    x = addActivation(graph, activation, `${name}_${activation}`, x);
    const skipped =
      skip === 'projection'
        ? addProduct(graph, `${name}_projection`, before, find(layer, 'projection'), nUnits)
        : before;
    if (skip !== 'none') x = graph.add('Add', `${name}_sum`, [x, skipped]);
  });
  return x;
}

/** From rows of features to images with their channels first, as ONNX has them, and back to rows of features. */
function addConvolution(
  graph: OnnxGraph,
  plan: ConvolutionPlan,
  find: FindWeights,
  { input, prefix }: Place,
): string {
  const images = imagesOf(plan);
  const { height, width, channels } = plan.image;
  // A size of 0 keeps the number of rows.
  const image = graph.add('Reshape', `${prefix}_image`, [
    input,
    graph.integers(`${prefix}_image_shape`, [0, height, width, channels]),
  ]);
  let x = graph.add('Transpose', `${prefix}_channels_first`, [image], { perm: CHANNELS_FIRST });
  plan.layers.forEach(({ norm, activation, ...block }, layer) => {
    const { nFilters, kernelHeight, kernelWidth, poolHeight, poolWidth } = block;
    const name = `${prefix}_convolution_${layer}`;
    const nChannels = (images[layer] as ImageShape).channels;
    const [top, left] = [Math.floor((kernelHeight - 1) / 2), Math.floor((kernelWidth - 1) / 2)];
    x = graph.add(
      'Conv',
      name,
      [
        x,
        graph.floats(
          `${name}_kernel`,
          [nFilters, nChannels, kernelHeight, kernelWidth],
          filtersFirst(find(layer, 'kernel'), nChannels, nFilters),
        ),
        graph.floats(`${name}_bias`, [nFilters], find(layer, 'bias')),
      ],
      {
        kernel_shape: [kernelHeight, kernelWidth],
        pads: [top, left, kernelHeight - 1 - top, kernelWidth - 1 - left],
      },
    );
    // Batch norm takes channels from the second axis, layer norm from the last.
    if (norm === 'layer')
      x = graph.add('Transpose', `${name}_norm_in`, [x], { perm: CHANNELS_LAST });
    x = addNorm(graph, norm, (role) => find(layer, role), { input: x, prefix: name });
    if (norm === 'layer')
      x = graph.add('Transpose', `${name}_norm_out`, [x], { perm: CHANNELS_FIRST });
    x = addActivation(graph, activation, `${name}_${activation}`, x);
    if (poolHeight * poolWidth > 1)
      x = graph.add('MaxPool', `${name}_pool`, [x], {
        kernel_shape: [poolHeight, poolWidth],
        strides: [poolHeight, poolWidth],
      });
  });
  const last = graph.add('Transpose', `${prefix}_channels_last`, [x], { perm: CHANNELS_LAST });
  return graph.add('Reshape', `${prefix}_pixels`, [
    last,
    graph.integers(`${prefix}_pixels_shape`, [0, pixelsOf(images.at(-1) as ImageShape)]),
  ]);
}

const CHANNELS_FIRST = [0, 3, 1, 2];
const CHANNELS_LAST = [0, 2, 3, 1];

/** From height x width x channels x filters to filters x channels x height x width. */
function filtersFirst(kernel: Float32Array, nChannels: number, nFilters: number): Float32Array {
  const nPlaces = kernel.length / (nChannels * nFilters);
  const result = new Float32Array(kernel.length);
  for (let place = 0; place < nPlaces; place++)
    for (let channel = 0; channel < nChannels; channel++)
      for (let filter = 0; filter < nFilters; filter++)
        result[(filter * nChannels + channel) * nPlaces + place] = kernel[
          (place * nChannels + channel) * nFilters + filter
        ] as number;
  return result;
}

function addDense(
  graph: OnnxGraph,
  name: string,
  input: string,
  kernel: Float32Array,
  bias: Float32Array,
): string {
  const nUnits = bias.length;
  return graph.add('Gemm', name, [
    input,
    graph.floats(`${name}_kernel`, [kernel.length / nUnits, nUnits], kernel),
    graph.floats(`${name}_bias`, [nUnits], bias),
  ]);
}

function addProduct(
  graph: OnnxGraph,
  name: string,
  input: string,
  matrix: Float32Array,
  nUnits: number,
): string {
  const shape = [matrix.length / nUnits, nUnits];
  return graph.add('MatMul', name, [input, graph.floats(`${name}_matrix`, shape, matrix)]);
}

function addNorm(
  graph: OnnxGraph,
  norm: Norm,
  find: (role: Parameters<FindWeights>[1]) => Float32Array,
  { input, prefix }: Place,
): string {
  if (norm === 'none') return input;
  const name = `${prefix}_norm`;
  const array = (role: Parameters<FindWeights>[1]): string => {
    const values = find(role);
    return graph.floats(`${name}_${role}`, [values.length], values);
  };
  const parameters = [input, array('normScale'), array('normShift')];
  return norm === 'layer'
    ? graph.add('LayerNormalization', name, parameters, { axis: -1, epsilon: NORM_EPSILON })
    : graph.add(
        'BatchNormalization',
        name,
        [...parameters, array('runningMean'), array('runningVariance')],
        { epsilon: NORM_EPSILON },
      );
}

function addActivation(
  graph: OnnxGraph,
  activation: Activation,
  name: string,
  input: string,
): string {
  switch (activation) {
    case 'linear':
      return input;
    case 'relu':
      return graph.add('Relu', name, [input]);
    case 'leakyRelu':
      return graph.add('LeakyRelu', name, [input], { alpha: 0.01 });
    case 'elu':
      return graph.add('Elu', name, [input]);
    case 'selu':
      return graph.add('Selu', name, [input]);
    case 'tanh':
      return graph.add('Tanh', name, [input]);
    case 'swish':
      return graph.add('Mul', name, [input, graph.add('Sigmoid', `${name}_sigmoid`, [input])]);
    // ONNX has Gelu from operator set 20 on, which fewer programs read.
    case 'gelu': {
      const scaled = graph.add('Mul', `${name}_scaled`, [
        input,
        graph.floats(`${name}_root`, [], Float32Array.of(Math.SQRT1_2)),
      ]);
      const erf = graph.add('Erf', `${name}_erf`, [scaled]);
      const half = graph.floats(`${name}_half`, [], Float32Array.of(0.5));
      const share = graph.add('Add', `${name}_share`, [
        graph.add('Mul', `${name}_erf_half`, [erf, half]),
        half,
      ]);
      return graph.add('Mul', name, [input, share]);
    }
  }
}
