/**
 * A network as a layers model of TensorFlow.js: `tf.loadLayersModel` reads it in plain `@tensorflow/tfjs`.
 *
 * Its input are the features before scaling: numbers as the table has them, and 0/1 for each category; the first layer scales. The outputs
 * are probabilities, or numbers in the targets' own units.
 */
import { NORM_EPSILON, weightsOf } from '../plan.ts';
import type { SavedModel } from '../saved-model.ts';
import type { Activation } from '../vocabulary.ts';
import { embeddingKernel } from './embedding-kernel.ts';
import { floatBytes } from './float-bytes.ts';
import { inputScales } from './inputs.ts';
import { unstandardizing } from './output-layer.ts';

interface LayerJson {
  readonly class_name: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly inbound_nodes: readonly unknown[];
}

interface NamedWeights {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface LayersModel {
  /** `model.json` */
  readonly topology: string;
  /** `weights.bin` */
  readonly weights: Uint8Array;
}

/** Several networks answer with the mean. @returns null for networks with convolutions, which this does not write. */
export function toLayersModel(models: readonly SavedModel[]): LayersModel | null {
  const [first] = models as [SavedModel];
  if (models.some(({ network }) => network.convolution !== null)) return null;
  const graph = new Graph();
  const { nInputs } = first.network;
  const input = graph.add('InputLayer', 'features', [], {
    batch_input_shape: [null, nInputs],
    dtype: 'float32',
    sparse: false,
  });
  const { centers, scales } = inputScales(first);
  const scaled = graph.add(
    'BatchNormalization',
    'scaling',
    [input],
    { axis: -1, momentum: 0.99, epsilon: 0, center: false, scale: false },
    [
      { name: 'moving_mean', shape: [nInputs], values: centers },
      { name: 'moving_variance', shape: [nInputs], values: scales.map((scale) => scale * scale) },
    ],
  );
  const answers = models.map((model, member) =>
    addNetwork(graph, model, scaled, `network_${member}`),
  );
  const output =
    answers.length === 1 ? (answers[0] as string) : graph.add('Average', 'mean', answers, {});
  return graph.toModel(input, output);
}

function addNetwork(graph: Graph, model: SavedModel, input: string, prefix: string): string {
  const { network, weights, classes } = model;
  const find = weightsOf('dense', network, weights);
  const dense = (
    name: string,
    from: string,
    kernel: Float32Array,
    bias: Float32Array | null,
    nUnits: number,
    activation: string,
  ): string =>
    graph.add(
      'Dense',
      `${prefix}_${name}`,
      [from],
      { units: nUnits, activation, use_bias: bias !== null },
      [
        { name: 'kernel', shape: [kernel.length / nUnits, nUnits], values: kernel },
        ...(bias ? [{ name: 'bias', shape: [nUnits], values: bias }] : []),
      ],
    );

  let x = input;
  if (network.embeddings.length > 0) {
    const { kernel, nUnits } = embeddingKernel(model);
    x = dense('embeddings', x, kernel, null, nUnits, 'linear');
  }
  network.layers.forEach(({ nUnits, norm, activation, skip }, layer) => {
    const name = `hidden_${layer}`;
    const before = x;
    x = dense(name, x, find(layer, 'kernel'), find(layer, 'bias'), nUnits, 'linear');
    if (norm !== 'none') {
      const [scale, shift] = [find(layer, 'normScale'), find(layer, 'normShift')];
      const parameters = [
        { name: 'gamma', shape: [nUnits], values: scale },
        { name: 'beta', shape: [nUnits], values: shift },
      ];
      x =
        norm === 'layer'
          ? graph.add(
              'LayerNormalization',
              `${prefix}_${name}_norm`,
              [x],
              { axis: [-1], epsilon: NORM_EPSILON, center: true, scale: true },
              parameters,
            )
          : graph.add(
              'BatchNormalization',
              `${prefix}_${name}_norm`,
              [x],
              { axis: -1, momentum: 0.9, epsilon: NORM_EPSILON, center: true, scale: true },
              [
                ...parameters,
                {
                  name: 'moving_mean',
                  shape: [nUnits],
                  values: find(layer, 'runningMean'),
                },
                {
                  name: 'moving_variance',
                  shape: [nUnits],
                  values: find(layer, 'runningVariance'),
                },
              ],
            );
    }
    x = addActivation(graph, activation, `${prefix}_${name}_activation`, x);
    const skipped =
      skip === 'projection'
        ? dense(`${name}_projection`, before, find(layer, 'projection'), null, nUnits, 'linear')
        : before;
    if (skip !== 'none') x = graph.add('Add', `${prefix}_${name}_sum`, [x, skipped], {});
  });
  const last = network.layers.length;
  const [kernel, bias] = [find(last, 'kernel'), find(last, 'bias')];
  if (classes) return dense('output', x, kernel, bias, network.nOutputs, 'softmax');
  const scaled = unstandardizing(model, kernel, bias);
  return dense('output', x, scaled.kernel, scaled.bias, network.nOutputs, 'linear');
}

const activationLayers: Readonly<Record<Activation, { class_name: string; config: object }>> = {
  linear: { class_name: 'Activation', config: { activation: 'linear' } },
  relu: { class_name: 'Activation', config: { activation: 'relu' } },
  leakyRelu: { class_name: 'LeakyReLU', config: { alpha: 0.01 } },
  elu: { class_name: 'Activation', config: { activation: 'elu' } },
  selu: { class_name: 'Activation', config: { activation: 'selu' } },
  tanh: { class_name: 'Activation', config: { activation: 'tanh' } },
  swish: { class_name: 'Activation', config: { activation: 'swish' } },
  gelu: { class_name: 'Activation', config: { activation: 'gelu' } },
};

function addActivation(graph: Graph, activation: Activation, name: string, from: string): string {
  const { class_name: className, config } = activationLayers[activation];
  return graph.add(className, name, [from], config as Record<string, unknown>);
}

/** Layers in the order in which they are computed. */
class Graph {
  readonly #layers: LayerJson[] = [];
  readonly #weights: NamedWeights[] = [];

  add(
    className: string,
    name: string,
    from: readonly string[],
    config: Readonly<Record<string, unknown>>,
    weights: readonly NamedWeights[] = [],
  ): string {
    this.#layers.push({
      class_name: className,
      name,
      config: { name, trainable: false, ...config },
      inbound_nodes: from.length === 0 ? [] : [from.map((source) => [source, 0, 0, {}])],
    });
    for (const one of weights) this.#weights.push({ ...one, name: `${name}/${one.name}` });
    return name;
  }

  toModel(input: string, output: string): LayersModel {
    const nBytes = this.#weights.reduce((sum, { values }) => sum + 4 * values.length, 0);
    const weights = new Uint8Array(nBytes);
    let offset = 0;
    for (const { values } of this.#weights) {
      weights.set(floatBytes(values), offset);
      offset += 4 * values.length;
    }
    return {
      topology: JSON.stringify({
        format: 'layers-model',
        generatedBy: 'Parzen',
        convertedBy: null,
        modelTopology: {
          class_name: 'Model',
          config: {
            name: 'parzen',
            layers: this.#layers,
            input_layers: [[input, 0, 0]],
            output_layers: [[output, 0, 0]],
          },
        },
        weightsManifest: [
          {
            paths: ['weights.bin'],
            weights: this.#weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' })),
          },
        ],
      }),
      weights,
    };
  }
}
