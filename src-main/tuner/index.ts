/**
 * The tuner as a library: define-by-run hyperparameter tuning with Optuna's ideas, words and file format. Nothing here needs Electron, TensorFlow or a
 * database driver; `openStorage` (beside this folder) opens SQLite files and journals.
 */
export * from './distributions.ts';
export * from './errors.ts';
export type { Evaluation, Importance, ImportanceEvaluator } from './importance/evaluator.ts';
export {
  studyOfTrials,
  type ImportanceStudy,
  type ImportanceTarget,
} from './importance/importance-data.ts';
export {
  getPairImportances,
  getParamImportances,
  type ImportanceOptions,
  type Importances,
} from './importance/param-importances.ts';
export { createImportanceEvaluator, importanceEvaluators } from './importance/registry.ts';
export * from './logger.ts';
export { createRng, type Rng } from './math/rng.ts';
export { HyperbandPruner } from './pruners/hyperband.ts';
export { NopPruner } from './pruners/nop.ts';
export { PatientPruner } from './pruners/patient.ts';
export { MedianPruner, PercentilePruner } from './pruners/percentile.ts';
export { createPruner, pruners, type PrunerEntry, type PrunerName } from './pruners/registry.ts';
export type { Pruner, PruningDecision } from './pruners/pruner.ts';
export { replayPruner, type PrunerReplay, type ReplayOptions } from './pruners/replay.ts';
export { SuccessiveHalvingPruner } from './pruners/successive-halving.ts';
export { ThresholdPruner } from './pruners/threshold.ts';
export { WilcoxonPruner } from './pruners/wilcoxon.ts';
export { AutoSampler } from './samplers/auto.ts';
export { BruteForceSampler } from './samplers/brute-force.ts';
export { CmaEsSampler } from './samplers/cma-es/cma-es-sampler.ts';
export { GpSampler } from './samplers/gp/gp-sampler.ts';
export { GridSampler } from './samplers/grid.ts';
export { NsgaIISampler } from './samplers/nsga/nsga-ii-sampler.ts';
export { NsgaIIISampler } from './samplers/nsga/nsga-iii-sampler.ts';
export { PartialFixedSampler } from './samplers/partial-fixed.ts';
export { QmcSampler } from './samplers/qmc.ts';
export { RandomSampler } from './samplers/random.ts';
export {
  createSampler,
  samplers,
  type SamplerEntry,
  type SamplerName,
} from './samplers/registry.ts';
export { TpeSampler } from './samplers/tpe/tpe-sampler.ts';
export type { Sampler, SamplerOptions } from './samplers/sampler.ts';
export {
  categorical,
  defineSpace,
  float,
  int,
  type ParamOf,
  type ParamsOf,
} from './search-space/define-space.ts';
export { InMemoryStorage } from './storages/in-memory.ts';
export type {
  FrozenStudy,
  ReadOptions,
  Storage,
  TrialChanges,
  WriteOptions,
} from './storages/storage.ts';
export { isBetter, studyDirections, type StudyDirection } from './study/direction.ts';
export { hypervolumeHistory } from './study/hypervolume-history.ts';
export type {
  LocalObjective,
  ObjectiveContext,
  OptimizeCallback,
  OptimizeOptions,
} from './study/optimize.ts';
export { bestTrials, paretoFront } from './study/pareto-front.ts';
export {
  copyStudy,
  createStudy,
  deleteStudy,
  loadStudy,
  Study,
  type CopyStudyOptions,
  type CreateStudyOptions,
  type LoadStudyOptions,
  type TellOptions,
} from './study/study.ts';
export type { StudyView } from './study/study-view.ts';
export { reportCrossValidationScores } from './terminators/error-evaluators.ts';
export {
  improvementHistory,
  type ImprovementHistory,
  type ImprovementHistoryOptions,
} from './terminators/improvement-history.ts';
export { createTerminator, terminators } from './terminators/registry.ts';
export { terminatorCallback, type Terminator } from './terminators/terminator.ts';
export {
  constraintValues,
  fixedParams,
  isFeasible,
  metricNames,
  studyEnd,
  type StudyEnd,
} from './system-attrs.ts';
export {
  isFinished,
  lastStep,
  trialStates,
  type Attrs,
  type AttrValue,
  type FrozenTrial,
  type NewTrial,
  type TrialState,
  type TrialTemplate,
} from './trial/frozen-trial.ts';
export type { Objective, Trial } from './trial/trial.ts';
export { csvAttrs, trialsToCsv, type TrialsCsvOptions } from './trials-csv.ts';
