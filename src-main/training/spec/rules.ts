import { beyondFused } from '../fused-limits.ts';
import { lowerBound, possibleValues, upperBound } from '../hyperparameter.ts';
import { targetsOf } from '../data-targets.ts';
import { isCost } from '../objectives-of.ts';
import type { NetworkStudySpec } from '../spec.ts';
import {
  costs,
  lossesOf,
  lossSettings,
  metricsOf,
  optimizerSettings,
  scheduleSettings,
} from '../vocabulary.ts';
import type {
  LossType,
  OptimizerSetting,
  OptimizerType,
  ScheduleSetting,
  ScheduleType,
  Shape,
} from '../vocabulary.ts';
import { stopIssues } from './common.ts';
import type { RuleIssue } from './common.ts';

/** Rules between sections. */
export function crossIssues(spec: NetworkStudySpec): RuleIssue[] {
  const issues: RuleIssue[] = [];
  const { data, network, training } = spec;
  const { task } = data;

  const targets = targetsOf(data);
  if (targets.length > 1 && task === 'classification')
    issues.push({
      path: ['data', 'target'],
      message: `must be one column for classification, but got ${targets.length}.`,
    });
  if (new Set(targets).size < targets.length)
    issues.push({ path: ['data', 'target'], message: 'must have each column once.' });
  if (data.delimiter !== undefined && data.format.delimiter !== undefined)
    issues.push({
      path: ['data', 'delimiter'],
      message: 'must not be there beside `data.format.delimiter`, which says the same.',
    });
  const { decimal, thousands } = data.format;
  if (decimal !== undefined && decimal === thousands)
    issues.push({
      path: ['data', 'format', 'thousands'],
      message: `must be another mark than \`data.format.decimal\`, but both are ${JSON.stringify(decimal)}. Leave out the one that you do not know.`,
    });
  const kinds = {
    ordinal: Object.keys(data.ordinal),
    dates: Object.keys(data.dates),
    categories: data.categories,
    numbers: data.numbers,
  };
  Object.entries(kinds).forEach(([kind, columns], i, all) => {
    columns.forEach((column, k) => {
      const path = ['data', kind, kind === 'ordinal' || kind === 'dates' ? column : k];
      if (targets.includes(column) || data.ignore.includes(column))
        issues.push({
          path,
          message: `must be a feature, but "${column}" is ${targets.includes(column) ? 'to be predicted' : 'ignored'}.`,
        });
      const other = all.slice(i + 1).find(([, others]) => others.includes(column));
      if (other) issues.push({ path, message: `must not be under \`data.${other[0]}\` too.` });
    });
  });
  for (const column of Object.keys(data.columns))
    if (targets.includes(column) || data.ignore.includes(column))
      issues.push({
        path: ['data', 'columns', column],
        message: `must be a feature, but "${column}" is ${targets.includes(column) ? 'to be predicted' : 'ignored'}.`,
      });
  for (const [column, values] of Object.entries(data.ordinal)) {
    const twice = values.map(String).find((value, i, all) => all.indexOf(value) !== i);
    if (twice !== undefined)
      issues.push({
        path: ['data', 'ordinal', column],
        message: `must have each value once, but has ${twice} twice.`,
      });
  }
  for (const key of ['group', 'time', 'column'] as const) {
    const named = (data.split as Partial<Record<typeof key, string>>)[key];
    if (named !== undefined && targets.includes(named))
      issues.push({
        path: ['data', 'split', key],
        message: `must be another column than the one to predict, but got "${named}".`,
      });
  }
  if ('folds' in data.split && data.split.stratify && data.split.group !== undefined)
    issues.push({
      path: ['data', 'split', 'stratify'],
      message: 'must be false with `group`: groups stay whole, whatever classes they have.',
    });

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
  issues.push(...stopIssues(spec.stop, objectives.length, 'folds' in data.split));

  if (spec.engine === 'fused' && spec.backend !== 'auto' && spec.backend !== 'wasm')
    issues.push({
      path: ['engine'],
      message: `must be mixed, tfjs or auto with the backend ${spec.backend}, but got fused, which runs on wasm only.`,
    });
  const beyond = beyondFused(network);
  if (spec.engine === 'fused' && beyond)
    issues.push({
      path: ['engine'],
      message: `must be mixed, tfjs or auto, but got fused, which has no ${beyond}.`,
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

  issues.push(...convolutionIssues(network));
  // A single row has no spread, so there would be nothing that the norm could normalize by. Convolutions have many places in a row.
  if (possibleValues(network.norm).includes('batch') && lowerBound(training.batchSize) < 2)
    issues.push({
      path: ['training', 'batchSize'],
      message: `must be at least 2 where \`network.norm\` may be batch, which normalizes over the rows of a batch, but got 1. \`layer\` goes with any size.`,
    });
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
  for (const key of ['width', 'norm', 'activation', 'dropout', 'init'] as const) {
    const given = network[key];
    if (Array.isArray(given) && given.length < maxDepth)
      issues.push({
        path: ['network', key],
        message: `must have an entry for each of up to ${maxDepth} layers, but got ${given.length}.`,
      });
  }

  if (network.embeddingDims !== undefined && !possibleValues(network.embedding).includes('dims'))
    issues.push({
      path: ['network', 'embeddingDims'],
      message: `applies to the embedding dims only, but it is ${possibleValues(network.embedding).join(' or ')}.`,
    });

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

function convolutionIssues({
  type,
  image,
  conv,
  embedding,
}: NetworkStudySpec['network']): RuleIssue[] {
  const issues: RuleIssue[] = [];
  const isConvolutional = type !== 'dense';
  for (const [key, given] of Object.entries({ image, conv }))
    if ((given !== undefined) !== isConvolutional)
      issues.push({
        path: ['network', key],
        message: isConvolutional
          ? `is required for ${type}.`
          : 'applies to conv1d and conv2d only.',
      });
  if (!isConvolutional) return issues;
  if (type === 'conv1d' && image && image.height !== 1)
    issues.push({
      path: ['network', 'image', 'height'],
      message: `must be 1 for conv1d, but got ${image.height}.`,
    });
  const wide = possibleValues(embedding).find((one) => one !== 'none');
  if (wide)
    issues.push({
      path: ['network', 'embedding'],
      message: `must be none for ${type}, whose features are an image, but got ${wide}.`,
    });
  if (!conv) return issues;
  if (conv.depth === undefined && !Array.isArray(conv.filters)) {
    issues.push({
      path: ['network', 'conv', 'depth'],
      message: 'is required unless `filters` is a list with an entry per block.',
    });
    return issues;
  }
  const { depth, filters } = conv;
  const maxDepth = depth === undefined ? (filters as unknown[]).length : upperBound(depth);
  for (const key of [
    'filters',
    'kernel',
    'pool',
    'norm',
    'activation',
    'dropout',
    'init',
  ] as const) {
    const given = conv[key];
    if (Array.isArray(given) && given.length < maxDepth)
      issues.push({
        path: ['network', 'conv', key],
        message: `must have an entry for each of up to ${maxDepth} blocks, but got ${given.length}.`,
      });
  }
  return issues;
}
