import { z } from 'zod';
import { activations, embeddings, initializers, norms, shapes, skips } from '../vocabulary.ts';
import { hyperparameter, perLayer } from './hyperparameter.ts';

/** What is trained. */
export const networkSchema = z.strictObject({
  type: z.literal('dense').default('dense'),
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
      'What normalizes the sums of a hidden layer before its activation, with a scale and a shift that are trained. "batch": each unit over the rows of the batch, and over all rows seen so far when the network predicts. "layer": each row over its units. As PyTorch\'s BatchNorm1d and LayerNorm, with an epsilon of 1e-5 and a momentum of 0.1. The fused engine has none, so a study that may use one trains with tfjs. Parameter "norm".',
    ),
  activation: perLayer(z.enum(activations))
    .default('relu')
    .describe(
      'As PyTorch has them: the slope of leakyRelu below 0 is 0.01, the alpha of elu 1, gelu is the exact one (with erf), swish is x * sigmoid(x), also called SiLU. Parameter "activation".',
    ),
  skip: hyperparameter(z.enum(skips))
    .default('none')
    .describe(
      '"residual": every hidden layer but the first adds its inputs to its outputs, after dropout; where it has another width, its inputs times a matrix that is trained. The fused engine cannot, so a study that may do so trains with tfjs. Not asked for networks with fewer than two hidden layers. Parameter "skip".',
    ),
  dropout: perLayer(z.number().min(0).lt(1))
    .default(0)
    .describe(
      'Share of the outputs of each hidden layer that is dropped in training (parameter "dropout_rate").',
    ),
  embedding: hyperparameter(z.enum(embeddings))
    .default('none')
    .describe(
      'What the network sees of a category column. "none": its 0/1 features. The others give each category a vector of numbers that is trained: "dims" of `embeddingDims` numbers, "rule" of half as many as the column has categories, rounded up, and at most 50. The fused engine cannot, so a study that may do so trains with tfjs. Asked for tables with category columns only. Parameter "embedding".',
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
