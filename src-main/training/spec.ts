import { readFileSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { closest, distance as editDistance } from 'fastest-levenshtein';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import type { CategoricalChoice } from '../tuner/distributions.ts';
import { pruners } from '../tuner/pruners/registry.ts';
import { samplers } from '../tuner/samplers/registry.ts';
import { algorithmSchema } from './algorithm-schema.ts';
import { messageOf, SpecError } from './errors.ts';
import type { SpecIssue } from './errors.ts';
import { isSpace, toDistribution, upperBound } from './hyperparameter.ts';
import type { Hyperparameter, Space } from './hyperparameter.ts';
import { isCost } from './objectives-of.ts';
import { resourcesDir } from './resources.ts';
import {
  activations,
  backends,
  classWeightings,
  costs,
  engines,
  imputations,
  initializers,
  losses,
  lossesOf,
  lossSettings,
  metrics,
  metricsOf,
  optimizers,
  optimizerSettings,
  schedules,
  scheduleSettings,
  shapes,
  tasks,
} from './vocabulary.ts';
import type {
  LossType,
  OptimizerSetting,
  OptimizerType,
  ScheduleSetting,
  ScheduleType,
  Shape,
} from './vocabulary.ts';

const fraction = z.number().min(0).max(1);
const rows = z.array(z.int().min(0)).describe('Row numbers, counted from 0 below the header.');
const cell = z.union([z.string(), z.number()]);

/** `value` itself, or a part of the search space all of whose values are valid as `value`. */
function hyperparameter<T extends CategoricalChoice>(value: z.ZodType<T>) {
  const space = z
    .strictObject({
      name: z
        .string()
        .min(1)
        .max(512)
        .optional()
        .describe(
          'The parameter\'s name in the study. "{layer}" in it is replaced by the layer\'s number, counted from 0, and makes a setting of layers one parameter per layer.',
        ),
      float: z
        .tuple([z.number(), z.number()])
        .optional()
        .describe('Any number from the first to the second.'),
      int: z
        .tuple([z.int(), z.int()])
        .optional()
        .describe('A whole number from the first to the second, both included.'),
      choices: z.array(value).min(1).optional().describe('One of these; they have no order.'),
      log: z.boolean().optional().describe('Sample on a logarithmic scale.'),
      step: z
        .number()
        .positive()
        .optional()
        .describe('Distance between the values allowed, counted from the lower bound.'),
    })
    .meta({ oneOf: ['float', 'int', 'choices'].map((kind) => ({ required: [kind] })) })
    .check((context) => {
      if (context.issues.length > 0) return;
      for (const issue of spaceIssues(context.value, value))
        context.issues.push({ code: 'custom', input: context.value, ...issue });
    });
  return z.union([value, space]) as unknown as z.ZodType<Hyperparameter<T>, Hyperparameter<T>>;
}

function spaceIssues(
  space: Space,
  value: z.ZodType,
): { path: (string | number)[]; message: string }[] {
  const kinds = (['float', 'int', 'choices'] as const).filter((kind) => space[kind] !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1)
    return [
      {
        path: [],
        message: `must have exactly one of \`float\`, \`int\` and \`choices\`, but got ${kinds.length === 0 ? 'none' : kinds.map((given) => `\`${given}\``).join(' and ')}.`,
      },
    ];
  if (kind === 'choices') {
    const given = (['log', 'step'] as const).find((key) => space[key] !== undefined);
    return given ? [{ path: [given], message: 'does not apply to `choices`.' }] : [];
  }
  const bounds = space[kind] as [number, number];
  const outside = bounds.flatMap((bound, i) => {
    const rule = value.safeParse(bound).error?.issues[0];
    return rule ? [{ path: [kind, i], message: describeIssue(rule, bound) }] : [];
  });
  if (outside.length > 0) return outside;
  if (kind === 'float' && !value.safeParse(bounds[0] + (bounds[1] - bounds[0]) / Math.PI).success)
    return [{ path: [kind], message: 'must be `int`: the setting takes whole numbers only.' }];
  try {
    toDistribution(space);
    return [];
  } catch (error) {
    return [{ path: [], message: messageOf(error) }];
  }
}

/** One setting for all layers, or a list with an entry per layer. */
function perLayer<T extends CategoricalChoice>(value: z.ZodType<T>) {
  const setting = hyperparameter(value);
  return z.union([setting, z.array(setting).min(1)]);
}

const objectiveSchema = z.strictObject({
  metric: z
    .enum([...metrics, ...costs])
    .describe(
      'Measured on the validation rows after every epoch: f1 is the mean over the classes, rocAuc with more than two classes the mean over one against the rest, logLoss the cross-entropy without class weights or smoothing, loss what training minimizes. Beside such a metric also "parameters", the number of trainable weights, or "trainingSeconds", the time of all epochs.',
    ),
  direction: z
    .enum(['minimize', 'maximize'])
    .optional()
    .describe(
      "Default: the metric's own (accuracy, balancedAccuracy, f1, rocAuc and r2 up, all others down).",
    ),
  value: z
    .enum(['best', 'last'])
    .default('best')
    .describe(
      "The trial's value: of the best epoch by the first objective, or of the last epoch trained.",
    ),
});

const splitSchema = z.union([
  z.strictObject({
    fractions: z.strictObject({ train: fraction, validation: fraction, test: fraction }),
    stratify: z
      .boolean()
      .optional()
      .describe('Keep the share of each class. Default: true for classification.'),
    seed: z.int().min(0).default(0),
  }),
  z.strictObject({
    rows: z
      .union([
        z.string(),
        z.strictObject({
          about: z.string().optional(),
          train: rows,
          validation: rows,
          test: rows.default([]),
        }),
      ])
      .describe(
        'The rows of each part, or the path of a JSON file (relative to the spec) that holds them.',
      ),
  }),
  z.strictObject({
    column: z
      .string()
      .describe('A column that says where each row belongs; it is not used as a feature.'),
    train: z.array(cell).min(1).optional().describe('Default: all other values.'),
    validation: z.array(cell).min(1).default(['validation']),
    test: z.array(cell).default(['test']),
  }),
]);

const dataSchema = z.strictObject({
  table: z
    .string()
    .min(1)
    .describe(
      'A table that comes with Parzen (breast_cancer, diabetes, digits, iris, wine), or the path of a CSV file with a header, relative to the spec.',
    ),
  delimiter: z
    .string()
    .length(1)
    .optional()
    .describe('Default: a tab for .tsv files, else a comma.'),
  task: z.enum(tasks),
  target: z.string().min(1).describe('The column to predict.'),
  ignore: z.array(z.string()).default([]).describe('Columns that are no features.'),
  categories: z
    .array(z.string())
    .default([])
    .describe(
      'Feature columns to be taken as categories although they hold numbers. Columns with text are categories anyway. Categories become one column each (one-hot).',
    ),
  ordinal: z
    .record(z.string(), z.array(cell).min(2))
    .default({})
    .describe(
      'Feature columns whose values have an order, each with all its values from the lowest to the highest. They become one column, the place in that list, which is scaled as numbers are.',
    ),
  rareCategories: z
    .int()
    .min(1)
    .default(1)
    .describe(
      'Categories that fewer training rows have than this share one column, and so do those that no training row has. 1: each has a column of its own.',
    ),
  missing: z
    .enum(['error', 'drop', ...imputations])
    .default('error')
    .describe(
      'Rows with empty cells: "error" refuses the table, "drop" leaves these rows out. The others fill them in, by what the training rows have: "mean" and "median" in columns of numbers, where categories get the most frequent one; "mode" the most frequent value everywhere; "ownCategory" makes a category of having no value, and gives numbers the median beside a column that is 1 where there is none (columns that training rows have gaps in). Rows without a target are left out then.',
    ),
  split: splitSchema,
  scaling: z
    .strictObject({
      method: z
        .enum(['standard', 'minMax', 'robust', 'none'])
        .default('standard')
        .describe(
          'Of numbers: mean 0 and deviation 1, range 0 to 1, median 0 and distance of the quartiles 1, or as they are.',
        ),
      fit: z
        .enum(['train', 'all'])
        .default('train')
        .describe(
          'Which rows the means and ranges are taken from. "all" lets the validation and test rows shift and stretch the features that the network learns from. That is information about them which a network in use does not have (a leak), so scores come out too good; it is there to repeat studies that did so.',
        ),
    })
    .prefault({}),
});

const networkSchema = z.strictObject({
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

const trainingSchema = z.strictObject({
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
      minDelta: z
        .number()
        .min(0)
        .default(0)
        .describe('A new best must be better by more than this.'),
    })
    .optional(),
});

export const studySpecSchema = z
  .strictObject({
    $schema: z.string().optional().describe('For editors; not read.'),
    name: z.string().min(1).max(512).describe("The study's name."),
    description: z.string().optional(),
    objective: z
      .union([objectiveSchema, z.array(objectiveSchema).min(1)])
      .optional()
      .describe(
        'What is optimized: one metric or several. Default: accuracy for classification, mse for regression.',
      ),
    data: dataSchema,
    network: networkSchema,
    training: trainingSchema,
    sampler: algorithmSchema(samplers)
      .prefault({ type: 'tpe' })
      .describe('Chooses the parameters.'),
    pruner: algorithmSchema(pruners)
      .prefault({ type: 'nop' })
      .describe('Gives up poor trials early.'),
    stop: z
      .strictObject({
        trials: z.int().min(1).optional().describe('So many finished trials.'),
        timeoutS: z.number().positive().optional().describe('So many seconds.'),
        target: z.number().optional().describe('A value at least this good (one objective).'),
        noImprovementTrials: z
          .int()
          .min(1)
          .optional()
          .describe('So many finished trials in a row without a new best (one objective).'),
      })
      .prefault({})
      .describe('The study ends when the first of these is true.'),
    seed: z
      .int()
      .min(0)
      .optional()
      .describe('Everything random derives from it. Default: drawn anew for each study.'),
    jobs: z.int().min(1).max(1024).default(1).describe('Trials that run at the same time.'),
    backend: z
      .enum(['auto', ...backends])
      .default('auto')
      .describe(
        'What computes: native TensorFlow, WebAssembly or plain JavaScript. "auto" measures which is fastest for this network.',
      ),
    engine: z
      .enum(['auto', ...engines])
      .default('auto')
      .describe(
        'How networks are trained: "fused" does whole epochs in WebAssembly and knows dense networks only; "tfjs" goes operation by operation. "auto" takes the fused one where it can.',
      ),
    perTrialTimeoutS: z
      .number()
      .positive()
      .optional()
      .describe('A trial that runs longer is ended and counts as failed. Default: no limit.'),
  })
  .superRefine((spec, context) => {
    for (const { path, message } of crossIssues(spec))
      context.addIssue({ code: 'custom', path, message });
  });

/** A study spec as people write it. */
export type StudySpecInput = z.input<typeof studySpecSchema>;
/** A valid study spec with its defaults filled in. Plain data: it can be stored and sent. */
export type StudySpec = z.output<typeof studySpecSchema>;
export type DataSpec = StudySpec['data'];
export type SplitSpec = DataSpec['split'];

/** A spec and where it came from. */
export interface LoadedSpec {
  readonly spec: StudySpec;
  /** Paths in the spec are relative to this folder. */
  readonly baseDir: string;
}

/**
 * A spec from a file (YAML or JSON), or one that comes with Parzen by its name, such as `iris`.
 *
 * @throws SpecError with every broken rule; also when the file cannot be read.
 */
export function loadSpec(pathOrName: string): LoadedSpec {
  const path = /^[\w-]+$/.test(pathOrName)
    ? join(resourcesDir(), 'studies', `${pathOrName}.yaml`)
    : resolve(pathOrName);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new SpecError(pathOrName, [{ path: '', message: `cannot be read: ${messageOf(error)}` }]);
  }
  return { spec: parseSpecText(text, basename(path)), baseDir: dirname(path) };
}

/**
 * @param source What errors call the spec: a file name; `.json` is read as JSON, all else as YAML, of which JSON is a part.
 * @throws SpecError
 */
export function parseSpecText(text: string, source = 'The spec'): StudySpec {
  if (extname(source) === '.json')
    try {
      return parseSpec(JSON.parse(text), source);
    } catch (error) {
      if (error instanceof SyntaxError)
        throw new SpecError(source, [{ path: '', message: `is not JSON: ${error.message}` }]);
      throw error;
    }
  const document = parseDocument(text, { lineCounter: new LineCounter() });
  if (document.errors.length > 0)
    throw new SpecError(
      source,
      document.errors.map(({ message }) => ({ path: '', message: `is not YAML: ${message}` })),
    );
  return parseSpec(document.toJS(), source);
}

/** @throws SpecError with every broken rule. */
export function parseSpec(input: unknown, source = 'The spec'): StudySpec {
  const result = studySpecSchema.safeParse(input, { reportInput: true });
  if (result.success) return result.data;
  throw new SpecError(source, toSpecIssues(result.error.issues, input));
}

/** The schema for editors, as shipped in `resources/schema/study-spec.schema.json`. */
export function studySpecJsonSchema(): Record<string, unknown> {
  return {
    title: 'Parzen study spec',
    ...z.toJSONSchema(studySpecSchema, { io: 'input', reused: 'inline' }),
  };
}

/** Rules between sections. */
function crossIssues(spec: StudySpec): { path: (string | number)[]; message: string }[] {
  const issues: { path: (string | number)[]; message: string }[] = [];
  const { data, network, training } = spec;
  const { task } = data;

  for (const [column, values] of Object.entries(data.ordinal)) {
    const twice = values.map(String).find((value, i, all) => all.indexOf(value) !== i);
    if (twice !== undefined)
      issues.push({
        path: ['data', 'ordinal', column],
        message: `must have each value once, but has ${twice} twice.`,
      });
    if (column === data.target || data.ignore.includes(column))
      issues.push({
        path: ['data', 'ordinal', column],
        message: 'must be a feature, but is the target or ignored.',
      });
    if (data.categories.includes(column))
      issues.push({
        path: ['data', 'ordinal', column],
        message: 'must not be under `data.categories` too.',
      });
  }

  const objectives = Array.isArray(spec.objective) ? spec.objective : [spec.objective];
  objectives.forEach((objective, i) => {
    if (!objective) return;
    const { metric } = objective;
    const path = ['objective', ...(Array.isArray(spec.objective) ? [i] : []), 'metric'];
    const known: readonly string[] = metricsOf[task];
    if (isCost(metric)) {
      if (i === 0)
        issues.push({
          path,
          message: `must be one of ${known.join(', ')} in the first objective, which tells the best epoch, but got ${metric}.`,
        });
    } else if (!known.includes(metric))
      issues.push({
        path,
        message: `must be one of ${[...known, ...costs].join(', ')} for ${task}, but got ${metric}.`,
      });
  });
  const stopMetric = training.earlyStopping?.metric;
  if (stopMetric && !metricsOf[task].includes(stopMetric))
    issues.push({
      path: ['training', 'earlyStopping', 'metric'],
      message: `must be one of ${metricsOf[task].join(', ')} for ${task}, but got ${stopMetric}.`,
    });
  if (objectives.length > 1)
    for (const key of ['target', 'noImprovementTrials'] as const)
      if (spec.stop[key] !== undefined)
        issues.push({ path: ['stop', key], message: 'is possible with one objective only.' });

  if (spec.engine === 'fused' && spec.backend !== 'auto' && spec.backend !== 'wasm')
    issues.push({
      path: ['engine'],
      message: `must be tfjs or auto with the backend ${spec.backend}, but got fused, which runs on wasm only.`,
    });

  if ('fractions' in data.split) {
    const { train, validation, test } = data.split.fractions;
    if (Math.abs(train + validation + test - 1) > 1e-9)
      issues.push({
        path: ['data', 'split', 'fractions'],
        message: `must add up to 1, but got ${train + validation + test}.`,
      });
    for (const [part, share] of Object.entries({ train, validation }))
      if (share === 0)
        issues.push({
          path: ['data', 'split', 'fractions', part],
          message: 'must be above 0, but got 0.',
        });
  }

  if (network.depth === undefined && !Array.isArray(network.width))
    issues.push({
      path: ['network', 'depth'],
      message: 'is required unless `width` is a list with an entry per layer.',
    });
  const shapeTypes = possibleValues<Shape>(network.shape);
  const shaped = shapeTypes.find((shape) => shape !== 'free');
  if (shaped && Array.isArray(network.width))
    issues.push({
      path: ['network', 'width'],
      message: `must be one setting, not a list with an entry per layer, for the shape ${shaped}.`,
    });
  const maxDepth = network.depth === undefined ? 0 : upperBound(network.depth);
  for (const key of ['width', 'activation', 'dropout'] as const) {
    const given = network[key];
    if (Array.isArray(given) && given.length < maxDepth)
      issues.push({
        path: ['network', key],
        message: `must have an entry for each of up to ${maxDepth} layers, but got ${given.length}.`,
      });
  }

  const types = possibleValues<OptimizerType>(training.optimizer.type);
  for (const key of Object.keys(optimizerSettings) as OptimizerSetting[]) {
    const users: readonly OptimizerType[] = optimizerSettings[key];
    if (training.optimizer[key] !== undefined && !types.some((type) => users.includes(type)))
      issues.push({
        path: ['training', 'optimizer', key],
        message: `applies to ${users.join(', ')} only, but the optimizer is ${types.join(' or ')}.`,
      });
  }
  const scheduleTypes = possibleValues(training.schedule.type);
  for (const key of Object.keys(scheduleSettings) as ScheduleSetting[]) {
    const users: readonly ScheduleType[] = scheduleSettings[key];
    if (training.schedule[key] !== undefined && !scheduleTypes.some((type) => users.includes(type)))
      issues.push({
        path: ['training', 'schedule', key],
        message: `applies to ${users.join(', ')} only, but the schedule is ${scheduleTypes.join(' or ')}.`,
      });
  }
  const { loss } = training;
  if (loss) {
    const given = possibleValues(loss.type);
    const wrong = given.find((type) => !lossesOf[task].includes(type));
    if (wrong)
      issues.push({
        path: ['training', 'loss', 'type'],
        message: `must be one of ${lossesOf[task].join(', ')} for ${task}, but got ${wrong}.`,
      });
    for (const key of Object.keys(lossSettings) as (keyof typeof lossSettings)[]) {
      const users: readonly LossType[] = lossSettings[key];
      if (loss[key] !== undefined && !given.some((type) => users.includes(type)))
        issues.push({
          path: ['training', 'loss', key],
          message: `applies to ${users.join(', ')} only, but the loss is ${given.join(' or ')}.`,
        });
    }
  }
  return issues;
}

function possibleValues<T extends string>(value: Hyperparameter<T>): T[] {
  return isSpace(value) ? (value.choices ?? []) : [value];
}

type Issue = z.core.$ZodIssue;

function toSpecIssues(issues: readonly Issue[], input: unknown): SpecIssue[] {
  return issues.flatMap(flattenUnion).flatMap((issue): SpecIssue[] => {
    if (issue.code === 'invalid_union' && issue.discriminator !== undefined) {
      const { path } = issue;
      const names = alternativesAt(path).map((node) => node.const);
      const given = valueAt(input, path);
      return [
        {
          path: formatPath(path),
          message:
            given === undefined
              ? 'is required.'
              : `must be one of ${names.join(', ')}, but got ${showValue(given)}.${suggestion(given, names)}`,
        },
      ];
    }
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        path: formatPath([...issue.path, key]),
        message: unknownKeyMessage(key, knownKeys(issue.path)),
      }));
    return [
      { path: formatPath(issue.path), message: describeIssue(issue, valueAt(input, issue.path)) },
    ];
  });
}

/** Of a union's branches the one that the input was most likely meant for. */
function flattenUnion(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const branches = issue.errors.map((branch) =>
    branch.flatMap((inner) =>
      flattenUnion({ ...inner, path: [...issue.path, ...inner.path] } as Issue),
    ),
  );
  const distance = (branch: Issue[]): number =>
    branch.reduce((sum, { code, path }) => {
      if (path.length > issue.path.length) return sum + 1;
      return sum + (code === 'invalid_type' ? 100 : 10);
    }, 0);
  const alternatives = new Set(issue.errors.map((branch) => branch[0]?.code));
  if (alternatives.size === 1 && branches.every((branch) => distance(branch) >= 100))
    return [issue];
  return branches.reduce((best, branch) => (distance(branch) < distance(best) ? branch : best));
}

function describeIssue(issue: Issue, value: unknown): string {
  const but = `, but got ${showValue(value)}.`;
  switch (issue.code) {
    case 'custom':
      return issue.message;
    case 'invalid_type':
      if (value === undefined) return 'is required.';
      return `must be ${withArticle(issue.expected)}${but}`;
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}${but}${suggestion(value, issue.values)}`;
    case 'too_small':
      return issue.origin === 'number' || issue.origin === 'int'
        ? `must be ${issue.inclusive ? 'at least' : 'above'} ${issue.minimum}${but}`
        : `must have at least ${issue.minimum} ${issue.origin === 'string' ? 'characters' : 'entries'}${but}`;
    case 'too_big':
      return issue.origin === 'number' || issue.origin === 'int'
        ? `must be ${issue.inclusive ? 'at most' : 'below'} ${issue.maximum}${but}`
        : `must have at most ${issue.maximum} ${issue.origin === 'string' ? 'characters' : 'entries'}${but}`;
    case 'invalid_union':
      if (value === undefined) return 'is required.';
      return `must be ${[...new Set(issue.errors.map(([first]) => (first?.code === 'invalid_type' ? withArticle(first.expected) : 'of another form')))].join(' or ')}${but}`;
    default:
      return `${issue.message}${but}`;
  }
}

function withArticle(type: string): string {
  const names: Record<string, string> = {
    int: 'a whole number',
    number: 'a number',
    string: 'a text',
    boolean: 'true or false',
    array: 'a list',
    tuple: 'a list',
    object: 'a section with keys',
  };
  return names[type] ?? type;
}

function showValue(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  if (text === undefined) return 'nothing';
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function unknownKeyMessage(key: string, known: readonly string[]): string {
  return `is not a known key.${suggestion(key, known) || (known.length > 0 ? ` Known are ${known.join(', ')}.` : '')}`;
}

function suggestion(value: unknown, known: readonly unknown[]): string {
  const names = known.filter((name): name is string => typeof name === 'string');
  if (typeof value !== 'string' || names.length === 0) return '';
  const nearest = closest(
    value.toLowerCase(),
    names.map((name) => name.toLowerCase()),
  );
  const name = names.find((candidate) => candidate.toLowerCase() === nearest) ?? '';
  return isNear(value, name) ? ` Did you mean \`${name}\`?` : '';
}

/** Whether a slip of the keyboard could turn one into the other. */
function isNear(given: string, name: string): boolean {
  const [a, b] = [given, name].map((text) => text.toLowerCase().replaceAll(/[_-]/g, ''));
  if (a === b) return true;
  // Of so short a name a slip leaves nothing to know it by.
  if (name.length < 3) return false;
  return editDistance(a as string, b as string) <= Math.max(2, Math.floor(name.length / 3));
}

function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`))
    .join('');
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key],
    input,
  );
}

interface SchemaNode {
  const?: unknown;
  properties?: Record<string, SchemaNode>;
  items?: SchemaNode;
  prefixItems?: SchemaNode[];
  anyOf?: SchemaNode[];
  oneOf?: SchemaNode[];
}

/** The schemas that what stands at this place of a spec may follow. */
function alternativesAt(path: readonly PropertyKey[]): SchemaNode[] {
  const branches = (node: SchemaNode): SchemaNode[] =>
    node.properties ? [node] : ((node.anyOf ?? node.oneOf)?.flatMap(branches) ?? [node]);
  return path.reduce<SchemaNode[]>(
    (nodes, key) =>
      nodes
        .flatMap((node) =>
          typeof key === 'number'
            ? (node.prefixItems?.[key] ?? node.items ?? [])
            : (node.properties?.[String(key)] ?? []),
        )
        .flatMap(branches),
    branches(studySpecJsonSchema() as SchemaNode),
  );
}

/** The keys that may stand at this place of a spec. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  return [...new Set(alternativesAt(path).flatMap((node) => Object.keys(node.properties ?? {})))];
}
