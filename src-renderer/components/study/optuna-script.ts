import type { CategoricalChoice, Distribution } from '../../../src-main/tuner/distributions.ts';

/** What the script is made of. */
export interface OptunaScriptStudy {
  readonly studyName: string;
  /** Of the file; `journal:` before it for Optuna's journal. */
  readonly path: string;
  readonly seed: number | null;
  /** The study's own spec; null where another program made it. */
  readonly spec: Readonly<Record<string, unknown>> | null;
  readonly params: readonly {
    readonly name: string;
    readonly distribution: Distribution;
    /** Whether complete trials lack it: the script cannot know when. */
    readonly isConditional?: boolean;
  }[];
}

/** Optuna's classes for ours, and the options that mean the same in both. */
const samplers: Readonly<Record<string, { name: string; options: readonly string[] }>> = {
  tpe: {
    name: 'TPESampler',
    options: ['nStartupTrials', 'nEiCandidates', 'multivariate', 'group'],
  },
  random: { name: 'RandomSampler', options: [] },
  'cma-es': { name: 'CmaEsSampler', options: ['nStartupTrials'] },
  gp: { name: 'GPSampler', options: ['nStartupTrials'] },
  qmc: { name: 'QMCSampler', options: [] },
  'nsga-ii': { name: 'NSGAIISampler', options: ['populationSize'] },
  'nsga-iii': { name: 'NSGAIIISampler', options: ['populationSize'] },
  'brute-force': { name: 'BruteForceSampler', options: [] },
};
const curvePruner = ['nStartupTrials', 'nWarmupSteps', 'intervalSteps', 'nMinTrials'];
const pruners: Readonly<Record<string, { name: string; options: readonly string[] }>> = {
  median: { name: 'MedianPruner', options: curvePruner },
  percentile: { name: 'PercentilePruner', options: ['percentile', ...curvePruner] },
  'successive-halving': {
    name: 'SuccessiveHalvingPruner',
    options: ['minResource', 'reductionFactor', 'minEarlyStoppingRate', 'bootstrapCount'],
  },
  hyperband: {
    name: 'HyperbandPruner',
    options: ['minResource', 'maxResource', 'reductionFactor', 'bootstrapCount'],
  },
  threshold: {
    name: 'ThresholdPruner',
    options: ['lower', 'upper', 'nWarmupSteps', 'intervalSteps'],
  },
  patient: { name: 'PatientPruner', options: ['wrappedPruner', 'patience', 'minDelta'] },
  wilcoxon: { name: 'WilcoxonPruner', options: ['pThreshold', 'nStartupSteps'] },
  nop: { name: 'NopPruner', options: [] },
};

/** A script that opens the same study with Optuna, with its sampler, pruner and search space, and is complete but for the training. */
export function optunaScript(study: OptunaScriptStudy): string {
  const sampler = construct(study.spec?.['sampler'], samplers, 'optuna.samplers', study.seed);
  const pruner = constructPruner(study.spec?.['pruner']);
  const lines = [
    'import optuna',
    '',
    'study = optuna.load_study(',
    `    study_name=${quote(study.studyName)},`,
    `    storage=${storageOf(study.path)},`,
    ...(sampler ? [`    sampler=${sampler},`] : []),
    ...(pruner ? [`    pruner=${pruner},`] : []),
    ')',
    'print(study.trials_dataframe())',
  ];
  if (study.params.length === 0) return lines.join('\n');
  return [
    ...lines,
    '',
    '',
    'def suggest(trial):',
    '    return {',
    ...study.params.map(({ name, distribution, isConditional }) => {
      const comment = isConditional ? '  # only some trials have it' : '';
      return `        ${quote(name)}: ${suggestion(name, distribution)},${comment}`;
    }),
    '    }',
    '',
    '',
    'def objective(trial):',
    '    params = suggest(trial)',
    '    raise NotImplementedError("Train with these parameters, and return the value.")',
    '',
    '',
    '# study.optimize(objective, n_trials=10)',
  ].join('\n');
}

function storageOf(path: string): string {
  const [, journal] = /^journal:(.*)$/s.exec(path) ?? [];
  if (journal === undefined) return quote(`sqlite:///${path.replaceAll('\\', '/')}`);
  const backend = `optuna.storages.journal.JournalFileBackend(${quote(journal)})`;
  return `optuna.storages.JournalStorage(${backend})`;
}

interface Algorithm {
  readonly type?: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** What Optuna has to be told although we have a default, or is told by another name. */
function constructPruner(pruner: unknown): string | null {
  const { type, options = {} } = (pruner ?? {}) as Algorithm;
  const module = 'optuna.pruners';
  if (type === 'percentile') {
    const { percentile } = options;
    const given = { ...options, percentile: percentile ?? 25 };
    return construct({ type, options: given }, pruners, module, null);
  }
  if (type !== 'patient') return construct(pruner, pruners, module, null);
  const { wrapped: inner = null } = options;
  const wrapped = inner === null ? 'None' : constructPruner(inner);
  if (wrapped === null) return null;
  return construct(pruner, pruners, module, null, { wrappedPruner: wrapped });
}

/** @param code Options that are code already. */
function construct(
  algorithm: unknown,
  known: typeof samplers,
  module: string,
  seed: number | null,
  code: Readonly<Record<string, string>> = {},
): string | null {
  const { type, options = {} } = (algorithm ?? {}) as Algorithm;
  const entry = known[type ?? ''];
  if (!entry) return null;
  const given = entry.options
    .filter((name) => name in code || isGiven(name, options[name]))
    .map(
      (name) => `${snakeCase(name)}=${code[name] ?? literal(options[name] as CategoricalChoice)}`,
    );
  // numpy takes 32 bits.
  const seeds = seed === null ? [] : [`seed=${seed % 2 ** 32}`];
  return `${module}.${entry.name}(${[...given, ...seeds].join(', ')})`;
}

/** What Optuna chooses by itself it does so where nothing is said, or in pruners with the same word. */
function isGiven(name: string, value: unknown): boolean {
  return value !== undefined && value !== null && !(name === 'multivariate' && value === 'auto');
}

function suggestion(name: string, distribution: Distribution): string {
  if (distribution.type === 'categorical')
    return `trial.suggest_categorical(${quote(name)}, [${distribution.choices.map(literal).join(', ')}])`;
  const { type, low, high, log, step } = distribution;
  const range = [quote(name), literal(low), literal(high)];
  const isPlainStep = step === null || (type === 'int' && step === 1);
  const options = [...(log ? ['log=True'] : []), ...(isPlainStep ? [] : [`step=${literal(step)}`])];
  return `trial.suggest_${type}(${[...range, ...options].join(', ')})`;
}

/** As Python writes it. */
function literal(value: CategoricalChoice): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return quote(value);
  if (Number.isNaN(value)) return 'float("nan")';
  return Number.isFinite(value) ? String(value) : `float("${value < 0 ? '-' : ''}inf")`;
}

/**
 * A Python string literal. JSON's escapes are Python's too. What is not seen, or turns the order of what is seen around, is
 * escaped: the script must do what it shows.
 */
function quote(value: string): string {
  return JSON.stringify(value).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) as number;
    const digits = code.toString(16);
    return code > 0xffff ? `\\U${digits.padStart(8, '0')}` : `\\u${digits.padStart(4, '0')}`;
  });
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
