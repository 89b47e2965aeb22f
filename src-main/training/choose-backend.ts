import { isNativeTensorFlowInstalled, loadBackend } from './backends.ts';
import type { DataPart, TrainingData } from './datasets/dataset.ts';
import { BackendError, messageOf } from './errors.ts';
import { beyondFused, isPartlyFused, isWithinFused } from './fused-limits.ts';
import { createRng } from '../tuner/math/rng.ts';
import { initialWeights } from './models/initializers.ts';
import type { ModelFactory } from './models/model.ts';
import type { TrialPlan } from './plan.ts';
import { countParameters } from './plan.ts';
import type { NetworkStudySpec } from './spec.ts';
import { largestPlan } from './suggest-plan.ts';
import type { BackendName, EngineName } from './vocabulary.ts';

/** What the user wants. */
export interface BackendRequest {
  readonly backend: BackendName | 'auto';
  readonly engine: EngineName | 'auto';
}

/** What networks are trained with, and why. */
export interface BackendDecision {
  readonly backend: BackendName;
  readonly engine: EngineName;
  /** A sentence for the user. */
  readonly reason: string;
}

interface Candidate {
  readonly backend: BackendName;
  readonly engine: EngineName;
}

/** Calibration takes about this long in all. */
const CALIBRATION_MS = 1000;
/** Batches per measurement, and validation rows. */
const CALIBRATION_BATCHES = 8;
const CALIBRATION_ROWS = 1024;

/**
 * Below so many multiply-adds per batch (forward) the cost of starting each operation decides, and the fused engine, which starts one per epoch, is
 * faster than native TensorFlow on every machine it was measured on.
 */
const SMALL_BATCH_WORK = 2e7;

/**
 * Decides once per study, so that equal networks are trained alike.
 *
 * @throws BackendError when what was asked for cannot be had.
 */
export async function chooseBackend(
  request: BackendRequest,
  spec: NetworkStudySpec,
  data: TrainingData,
): Promise<BackendDecision> {
  const decision = await choose(request, spec, data);
  if (decision.engine === 'tfjs') return decision;
  const { fusedDenseFactory } = await import('./models/fused-dense.ts');
  const reason = `${decision.reason} Matrix products run on ${fusedDenseFactory.kernels}.`;
  return { ...decision, reason };
}

async function choose(
  request: BackendRequest,
  spec: NetworkStudySpec,
  data: TrainingData,
): Promise<BackendDecision> {
  const { backend, engine } = request;
  const hasCategories = Boolean(data.categories?.length);
  const beyond = beyondFused(spec.network, hasCategories);
  if (engine === 'fused' || (engine === 'auto' && backend === 'wasm' && !beyond)) {
    if (backend !== 'auto' && backend !== 'wasm')
      throw new BackendError(`The fused engine runs on wasm only, but \`backend\` is ${backend}.`);
    if (beyond)
      throw new BackendError(
        `The fused engine has no ${beyond}. Set \`engine\` to auto, mixed or tfjs, or take the ${beyond} out of the space.`,
      );
    return { backend: 'wasm', engine: 'fused', reason: 'As asked for.' };
  }
  const isMixed =
    engine === 'mixed' ||
    (engine === 'auto' &&
      (backend === 'auto' || backend === 'wasm') &&
      isPartlyFused(spec.network, hasCategories));
  const because =
    beyond && engine !== 'tfjs'
      ? ` The fused engine has no ${beyond}${isMixed ? '; it trains the networks without' : ''}.`
      : '';
  const used = isMixed ? 'mixed' : 'tfjs';
  if (backend !== 'auto') return { backend, engine: used, reason: `As asked for.${because}` };
  if (engine === 'auto' && !beyond) return chooseFreely(spec, data);
  const decision = await chooseTfjs(spec, data);
  return { ...decision, engine: used, reason: `${decision.reason}${because}` };
}

export async function createModelFactory({ backend, engine }: Candidate): Promise<ModelFactory> {
  if (engine === 'fused') return (await import('./models/fused-dense.ts')).fusedDenseFactory;
  const { createTfjsFactory } = await import('./models/tfjs-network.ts');
  const { tf } = await loadBackend(backend);
  const tfjs = createTfjsFactory(tf, backend);
  if (engine === 'tfjs') return tfjs;
  const { fusedDenseFactory: fused } = await import('./models/fused-dense.ts');
  const partFor = (plan: TrialPlan): ModelFactory =>
    isWithinFused(plan.network) && (backend !== 'tfjs-node' || isSmall(plan)) ? fused : tfjs;
  return { backend, engine, partFor, create: (options) => partFor(options.plan).create(options) };
}

function isSmall(plan: TrialPlan): boolean {
  return workOf(plan) < SMALL_BATCH_WORK;
}

/** Multiply-adds per batch, forward. */
function workOf({ network, training }: TrialPlan): number {
  return training.batchSize * countParameters(network);
}

async function chooseFreely(spec: NetworkStudySpec, data: TrainingData): Promise<BackendDecision> {
  const fused = { backend: 'wasm', engine: 'fused' } as const;
  if (!isNativeTensorFlowInstalled())
    return {
      ...fused,
      reason:
        'Dense networks train fastest in the fused WebAssembly engine where native TensorFlow is not installed.',
    };
  const plan = await largestPlan(spec, data);
  if (isSmall(plan))
    return {
      ...fused,
      reason: `Even the largest network of the space is small (${toMillions(workOf(plan))} million multiplications per batch): the fused WebAssembly engine is fastest there.`,
    };
  return calibrate([fused, { backend: 'tfjs-node', engine: 'tfjs' }], plan, data);
}

async function chooseTfjs(spec: NetworkStudySpec, data: TrainingData): Promise<BackendDecision> {
  const candidates: Candidate[] = [{ backend: 'wasm', engine: 'tfjs' }];
  if (isNativeTensorFlowInstalled()) candidates.push({ backend: 'tfjs-node', engine: 'tfjs' });
  return calibrate(candidates, await largestPlan(spec, data), data);
}

/** The candidate that trains the largest network of the space fastest on the real rows; cpu where none works. */
async function calibrate(
  candidates: readonly Candidate[],
  plan: TrialPlan,
  data: TrainingData,
): Promise<BackendDecision> {
  const sample = sampleOf(data, plan.training.batchSize);
  const timed: (Candidate & { readonly ms: number })[] = [];
  const problems: string[] = [];
  for (const candidate of candidates)
    try {
      // tfjs has one current backend, so each candidate is timed before the next one is loaded.
      const factory = await createModelFactory(candidate);
      const ms = timeEpoch(factory, plan, sample, CALIBRATION_MS / candidates.length);
      timed.push({ ...candidate, ms });
    } catch (error) {
      if (!(error instanceof BackendError)) throw error;
      problems.push(messageOf(error));
    }
  const because = problems.map((problem) => ` ${problem}`).join('');
  timed.sort((a, b) => a.ms - b.ms);
  const [fastest] = timed;
  if (!fastest)
    return {
      backend: 'cpu',
      engine: 'tfjs',
      reason: `Plain JavaScript, because nothing faster works here.${because}`,
    };
  const { backend, engine } = fastest;
  if (timed.length === 1)
    return { backend, engine, reason: `The only fast one that works here.${because}` };
  return {
    backend,
    engine,
    reason: `Measured on the largest network of the space, ${sample.train.nRows} training rows: ${timed
      .map((one) => `${nameOf(one)} ${one.ms.toPrecision(3)} ms`)
      .join(', ')}.`,
  };
}

function nameOf({ backend, engine }: Candidate): string {
  return engine === 'fused' ? 'wasm (fused)' : backend;
}

/**
 * Milliseconds of an epoch after a first one that warms up: of the fastest within the budget, or their mean processor time where that is less. Then other
 * programs took the rest, and would decide instead of the candidates; one that computes in several threads takes more processor time than it lasts.
 */
function timeEpoch(
  factory: ModelFactory,
  plan: TrialPlan,
  data: TrainingData,
  budgetMs: number,
): number {
  const model = factory.create({
    plan,
    data,
    weights: initialWeights(plan.network, createRng('calibration')),
    dropoutSeed: 0,
  });
  const order = Int32Array.from({ length: data.train.nRows }, (_, i) => i);
  const startedAt = performance.now();
  const { learningRate } = plan.training.optimizer;
  model.runEpoch(0, order, learningRate);
  const usageBefore = process.cpuUsage();
  let fastest = Infinity;
  let nEpochs = 0;
  do {
    const epochStartedAt = performance.now();
    model.runEpoch(++nEpochs, order, learningRate);
    fastest = Math.min(fastest, performance.now() - epochStartedAt);
  } while (performance.now() - startedAt < budgetMs);
  const { user, system } = process.cpuUsage(usageBefore);
  model.dispose();
  return Math.min(fastest, (user + system) / 1000 / nEpochs);
}

function sampleOf(data: TrainingData, batchSize: number): TrainingData {
  return {
    ...data,
    train: firstRows(data.train, CALIBRATION_BATCHES * batchSize),
    validation: firstRows(data.validation, CALIBRATION_ROWS),
  };
}

function firstRows(part: DataPart, limit: number): DataPart {
  const nRows = Math.min(part.nRows, limit);
  return {
    nRows,
    features: part.features.subarray(0, (part.features.length / part.nRows) * nRows),
    targets: part.targets.subarray(0, (part.targets.length / part.nRows) * nRows),
  };
}

function toMillions(count: number): string {
  return (count / 1e6).toPrecision(2);
}
