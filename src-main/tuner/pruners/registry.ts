import { InvalidArgumentError } from '../errors.ts';
import { checkPart, type OptionSpec, type OptionValues } from '../options.ts';
import { HyperbandPruner, hyperbandPrunerOptions } from './hyperband.ts';
import { NopPruner, nopPrunerOptions } from './nop.ts';
import { PatientPruner, patientPrunerOptions, type PatientPrunerOptions } from './patient.ts';
import {
  MedianPruner,
  medianPrunerOptions,
  PercentilePruner,
  percentilePrunerOptions,
} from './percentile.ts';
import type { Pruner } from './pruner.ts';
import { SuccessiveHalvingPruner, successiveHalvingPrunerOptions } from './successive-halving.ts';
import { ThresholdPruner, thresholdPrunerOptions } from './threshold.ts';
import { WilcoxonPruner, wilcoxonPrunerOptions } from './wilcoxon.ts';

/** A pruner as data: what forms, documentation, spec files and conformance tests are made from. */
export interface PrunerEntry {
  /** As in spec files: lower case with hyphens. */
  readonly name: string;
  readonly title: string;
  /** One sentence. */
  readonly description: string;
  readonly options: readonly OptionSpec[];
  /** @throws InvalidArgumentError for an unknown option or a wrong value. */
  create(options?: OptionValues): Pruner;
}

const entries = [
  {
    name: 'median',
    title: 'Median',
    description:
      'Stops a trial that is worse than the median of the complete trials at the same step.',
    options: medianPrunerOptions,
    create: (options) => new MedianPruner(options),
  },
  {
    name: 'percentile',
    title: 'Percentile',
    description:
      'Stops a trial that is not among the best part of the complete trials at the same step.',
    options: percentilePrunerOptions,
    create: (options) => new PercentilePruner(options),
  },
  {
    name: 'successive-halving',
    title: 'Successive halving',
    description:
      'Lets only the best of the trials that got as far go on, at steps that lie further and further apart.',
    options: successiveHalvingPrunerOptions,
    create: (options) => new SuccessiveHalvingPruner(options),
  },
  {
    name: 'hyperband',
    title: 'Hyperband',
    description: 'Runs successive halving in several brackets, from impatient to patient.',
    options: hyperbandPrunerOptions,
    create: (options) => new HyperbandPruner(options),
  },
  {
    name: 'patient',
    title: 'Patient',
    description:
      'Stops a trial, or asks another pruner, once the trial has not improved for some time.',
    options: patientPrunerOptions,
    create: (options = {}) =>
      new PatientPruner({ ...options, wrapped: toPruner(options.wrapped) } as PatientPrunerOptions),
  },
  {
    name: 'threshold',
    title: 'Threshold',
    description: 'Stops a trial that reports a value outside fixed bounds.',
    options: thresholdPrunerOptions,
    create: (options) => new ThresholdPruner(options),
  },
  {
    name: 'wilcoxon',
    title: 'Wilcoxon',
    description:
      'Stops a trial that a signed-rank test finds worse than the best one, for objectives that average over instances such as folds.',
    options: wilcoxonPrunerOptions,
    create: (options) => new WilcoxonPruner(options),
  },
  {
    name: 'nop',
    title: 'None',
    description: 'Never stops a trial.',
    options: nopPrunerOptions,
    create: (options) => new NopPruner(options),
  },
] as const satisfies readonly PrunerEntry[];

/** All pruners, the default first. */
export const pruners: readonly PrunerEntry[] = entries;

/** The names of all pruners. */
export type PrunerName = (typeof entries)[number]['name'];

/**
 * @param name One of `PrunerName`, which editors propose; any text is taken, as names come from files too, and checked.
 * @throws InvalidArgumentError for an unknown name, an unknown option or a wrong value.
 */
export function createPruner(name: PrunerName | (string & {}), options: OptionValues = {}): Pruner {
  const entry = pruners.find((one) => one.name === name);
  if (!entry)
    throw new InvalidArgumentError(
      `The pruner must be one of ${pruners.map((one) => one.name).join(', ')}, but got "${name}".`,
    );
  return entry.create(options);
}

/** A pruner given as such, or as data: `{ type: 'median', options: { nWarmupSteps: 5 } }`. */
function toPruner(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || 'prune' in value) return value;
  const { type, options } = checkPart(value);
  return createPruner(type, options);
}
