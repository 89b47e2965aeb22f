import { z } from 'zod';
import { activations, initializers, shapes } from '../vocabulary.ts';
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
  activation: perLayer(z.enum(activations)).default('relu').describe('Parameter "activation".'),
  dropout: perLayer(z.number().min(0).lt(1))
    .default(0)
    .describe(
      'Share of the outputs of each hidden layer that is dropped in training (parameter "dropout_rate").',
    ),
  init: hyperparameter(z.enum(initializers))
    .default('pytorch')
    .describe(
      'How weights start. "pytorch": weights and biases uniform in ±1/sqrt(inputs of the layer), the default of PyTorch\'s Linear. The others start biases at 0, and weights with variance 2/(inputs + units) (Glorot), 2/inputs (He) or 1/inputs (LeCun), or at right angles to each other with length 1 (orthogonal). Parameter "init".',
    ),
});
