import { z } from 'zod';
import { classWeightings, losses, metrics, optimizers, schedules } from '../vocabulary.ts';
import { hyperparameter } from './hyperparameter.ts';

const optimizerSchema = z.strictObject({
  type: hyperparameter(z.enum(optimizers)).describe('Parameter "optimizer".'),
  learningRate: hyperparameter(z.number().min(0)).describe('Parameter "learning_rate".'),
  weightDecay: hyperparameter(z.number().min(0))
    .default(0)
    .describe(
      'As in PyTorch: times the weight is added to every gradient, of biases too; with adamW taken off the weight directly. It is not part of the reported loss. Parameter "weight_decay".',
    ),
  l1: hyperparameter(z.number().min(0))
    .default(0)
    .describe(
      'Times the sign of the weight is added to every gradient, of biases too, before clipping. It is not part of the reported loss. Parameter "l1".',
    ),
  clipNorm: hyperparameter(z.number().min(0))
    .default(0)
    .describe(
      'All gradients of a batch together are made no longer than this, as by PyTorch\'s clip_grad_norm_; 0 does not clip. Parameter "clip_norm".',
    ),
  momentum: hyperparameter(z.number().min(0).lt(1))
    .optional()
    .describe('sgd and rmsprop; default 0. Parameter "momentum".'),
  nesterov: hyperparameter(z.boolean())
    .optional()
    .describe('sgd; default false. Parameter "nesterov".'),
  alpha: hyperparameter(z.number().min(0).lt(1))
    .optional()
    .describe('rmsprop: smoothing; default 0.99. Parameter "alpha".'),
  beta1: hyperparameter(z.number().min(0).lt(1))
    .optional()
    .describe('The Adam family; default 0.9. Parameter "beta1".'),
  beta2: hyperparameter(z.number().min(0).lt(1))
    .optional()
    .describe('The Adam family; default 0.999. Parameter "beta2".'),
  epsilon: hyperparameter(z.number().positive())
    .optional()
    .describe(
      'All but sgd: added to the root in the denominator; default 1e-8 (adagrad 1e-10). Parameter "epsilon".',
    ),
});

const scheduleSchema = z.strictObject({
  type: hyperparameter(z.enum(schedules))
    .default('constant')
    .describe(
      '"step" and "exponential" go down by a factor, "cosine" along half a wave to the last of `epochs`, "plateau" when the validation loss no longer falls by more than 0.01 %. Parameter "schedule".',
    ),
  every: hyperparameter(z.int().min(1))
    .optional()
    .describe('step: so many epochs between two steps; default 10. Parameter "schedule_every".'),
  factor: hyperparameter(z.number().positive().max(1))
    .optional()
    .describe(
      'step and plateau: what the rate is multiplied by; default 0.1. Parameter "schedule_factor".',
    ),
  decay: hyperparameter(z.number().positive().max(1))
    .optional()
    .describe(
      'exponential: what the rate is multiplied by after every epoch; default 0.95. Parameter "schedule_decay".',
    ),
  minShare: hyperparameter(z.number().min(0).max(1))
    .optional()
    .describe(
      'cosine and plateau: lowest rate as a share of `learningRate`; default 0. Parameter "schedule_min_share".',
    ),
  patience: hyperparameter(z.int().min(0))
    .optional()
    .describe(
      'plateau: the rate goes down after more than so many epochs in a row without a lower validation loss; default 10. Parameter "schedule_patience".',
    ),
  warmupEpochs: hyperparameter(z.int().min(0))
    .default(0)
    .describe(
      'In so many epochs the rate first grows in equal steps to the full one, from where the schedule begins. Parameter "warmup_epochs".',
    ),
});

/** How it is trained. */
export const trainingSchema = z.strictObject({
  optimizer: optimizerSchema,
  schedule: scheduleSchema
    .prefault({})
    .describe('How the learning rate changes from epoch to epoch.'),
  loss: z
    .strictObject({
      type: hyperparameter(z.enum(losses)).describe('Parameter "loss".'),
      delta: hyperparameter(z.number().positive())
        .optional()
        .describe(
          'huber: where it turns from square to straight; default 1. Parameter "huber_delta".',
        ),
      gamma: hyperparameter(z.number().min(0))
        .optional()
        .describe(
          'focal: how much less rows count that are right already; 0 makes it crossEntropy, default 2. Parameter "focal_gamma".',
        ),
      labelSmoothing: hyperparameter(z.number().min(0).max(1))
        .optional()
        .describe(
          'crossEntropy and focal: share of the target spread evenly over all classes; default 0. Parameter "label_smoothing".',
        ),
      classWeights: z
        .union([
          hyperparameter(z.enum(classWeightings)),
          z
            .record(z.string(), z.number().positive())
            .describe('The weight of each class by its name; classes not named weigh 1.'),
        ])
        .optional()
        .describe(
          'crossEntropy and focal: how much the rows of each class count in the loss. "balanced": training rows / (classes * training rows of the class). Default: none. Parameter "class_weights".',
        ),
    })
    .optional()
    .describe('Default: crossEntropy for classification, mse for regression.'),
  batchSize: hyperparameter(z.int().min(1)).default(32).describe('Parameter "batch_size".'),
  epochs: hyperparameter(z.int().min(1)).describe('At most so many. Parameter "epochs".'),
  earlyStopping: z
    .strictObject({
      metric: z
        .enum(metrics)
        .optional()
        .describe('Measured on the validation rows. Default: the first objective.'),
      patience: hyperparameter(z.int().min(1)).describe(
        'Training ends after so many epochs in a row without a new best. Parameter "patience".',
      ),
      minDelta: hyperparameter(z.number().min(0))
        .default(0)
        .describe('A new best must be better by more than this. Parameter "min_delta".'),
    })
    .optional(),
});
