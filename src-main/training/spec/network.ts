import { z } from 'zod';
import {
  activations,
  embeddings,
  initializers,
  networkTypes,
  norms,
  shapes,
  skips,
} from '../vocabulary.ts';
import { hyperparameter, perLayer } from './hyperparameter.ts';

const imageSchema = z.strictObject({
  height: z.int().min(1).max(4096).default(1).describe('Rows of pixels; 1 for conv1d.'),
  width: z.int().min(1).max(1_000_000).describe('Pixels of a row, or places of a sequence.'),
  channels: z.int().min(1).max(4096).default(1).describe('Numbers of each pixel or place.'),
});

const convSchema = z.strictObject({
  depth: hyperparameter(z.int().min(1).max(20))
    .optional()
    .describe(
      'Number of blocks (parameter "n_conv_layers"). Default: as many as `filters` lists. A block is a convolution that keeps the size of the image (zeros around it, stride 1), then norm, activation, pooling and dropout.',
    ),
  filters: perLayer(z.int().min(1).max(4096)).describe(
    'Channels that each block makes (parameters "conv_filters_layer_{layer}").',
  ),
  kernel: perLayer(z.int().min(1).max(31))
    .default(3)
    .describe(
      'Width, and for conv2d height, of what a filter sees at once. Parameter "conv_kernel".',
    ),
  pool: perLayer(z.int().min(1).max(16))
    .default(2)
    .describe(
      'So many neighbours, for conv2d along both sides, become one, the largest of them; 1 keeps all. Never more than the image still has; what does not fill a window is left out. Parameter "conv_pool".',
    ),
  norm: perLayer(z.enum(norms))
    .default('none')
    .describe(
      '"batch": each channel over rows and places; "layer": each place over its channels. Parameter "conv_norm".',
    ),
  activation: perLayer(z.enum(activations))
    .default('relu')
    .describe('Parameter "conv_activation".'),
  dropout: perLayer(z.number().min(0).lt(1))
    .default(0)
    .describe('Share of the outputs that is dropped in training. Parameter "conv_dropout_rate".'),
  init: perLayer(z.enum(initializers))
    .default('pytorch')
    .describe(
      'As of dense layers; the inputs are those that a filter sees at once. Parameter "conv_init".',
    ),
});

/** What is trained. */
export const networkSchema = z.strictObject({
  type: z
    .enum(networkTypes)
    .default('dense')
    .describe(
      '"dense": each layer sees all of the one before. "conv1d" and "conv2d" take the features of a row for a sequence or an image, look at neighbours together in blocks of convolutions (`conv`), and go on with dense layers. The fused engine is for dense networks only.',
    ),
  image: imageSchema
    .optional()
    .describe(
      'Of conv1d and conv2d: how the features of a row, in the order of the columns, make an image: row by row, the channels of a pixel side by side. Their number must be height * width * channels.',
    ),
  conv: convSchema.optional().describe('The blocks of conv1d and conv2d.'),
  depth: hyperparameter(z.int().min(0).max(100))
    .optional()
    .describe('Number of hidden layers (parameter "n_layers"). Default: as many as `width` lists.'),
  width: perLayer(z.int().min(1).max(65536)).describe(
    'Units of the hidden layers (parameters "hidden_dim_layer_{layer}").',
  ),
  shape: hyperparameter(z.enum(shapes))
    .default('free')
    .describe(
      '"free": each layer has a width of its own. The others make all widths of that of the first layer, so the parameters of further layers are not asked for: "constant" takes it for all, "pyramid" goes down to the outputs by the same factor from layer to layer, "hourglass" halves it from layer to layer up to the middle and then goes back. Parameter "shape".',
    ),
  norm: perLayer(z.enum(norms))
    .default('none')
    .describe(
      'What normalizes the sums of a hidden layer before its activation, with a scale and a shift that are trained. "batch": each unit over the rows of the batch, and over all rows seen so far when the network predicts. "layer": each row over its units. As PyTorch\'s BatchNorm1d and LayerNorm, with an epsilon of 1e-5 and a momentum of 0.1; a last batch of a single row, which PyTorch refuses, is normalized as when the network predicts. The fused engine has none: networks with one train with tfjs. Parameter "norm".',
    ),
  activation: perLayer(z.enum(activations))
    .default('relu')
    .describe(
      'As PyTorch has them: the slope of leakyRelu below 0 is 0.01, the alpha of elu 1, gelu is the exact one (with erf), swish is x * sigmoid(x), also called SiLU. Parameter "activation".',
    ),
  skip: hyperparameter(z.enum(skips))
    .default('none')
    .describe(
      '"residual": every hidden layer but the first adds its inputs to its outputs, after dropout; where it has another width, its inputs times a matrix that is trained. The fused engine cannot: such networks train with tfjs. Not asked for networks with fewer than two hidden layers. Parameter "skip".',
    ),
  dropout: perLayer(z.number().min(0).lt(1))
    .default(0)
    .describe(
      'Share of the outputs of each hidden layer that is dropped in training (parameter "dropout_rate").',
    ),
  embedding: hyperparameter(z.enum(embeddings))
    .default('none')
    .describe(
      'What the network sees of a category column. "none": its 0/1 features. The others give each category a vector of numbers that is trained: "dims" of `embeddingDims` numbers, "rule" of half as many as the column has categories, rounded up, and at most 50. The fused engine cannot: such networks train with tfjs. Asked for tables with category columns only. Parameter "embedding".',
    ),
  embeddingDims: hyperparameter(z.int().min(1).max(1000))
    .optional()
    .describe(
      'Numbers per category for the embedding "dims", but never more than the column has categories; default 8. Parameter "embedding_dims".',
    ),
  init: perLayer(z.enum(initializers))
    .default('pytorch')
    .describe(
      'How weights start. "pytorch": weights and biases uniform in ±1/sqrt(inputs of the layer), the default of PyTorch\'s Linear. The others start biases at 0, and weights with variance 2/(inputs + units) (Glorot), 2/inputs (He) or 1/inputs (LeCun), or at right angles to each other with length 1 (orthogonal). The output layer starts as the last hidden one. Parameter "init".',
    ),
});
