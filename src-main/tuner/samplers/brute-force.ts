/**
 * Brute force: every combination of values that the objective can ask for, each once, whatever conditions it has; then the study ends.
 *
 * What trials suggested forms a tree: a node is a parameter, its branches are the values it can take, and a path from the root to a leaf is
 * a trial. Values are drawn so that branches with more to try are taken more often, but none is starved. Follows
 * `optuna/samplers/_brute_force.py` (5.0), from which it differs: the tree of finished trials is kept up, not built for each suggestion.
 */
import {
  countValues,
  describeDistribution,
  isSameDistribution,
  toExternal,
  type Distribution,
  type ParamValue,
  type SearchSpace,
} from '../distributions.ts';
import { InvalidArgumentError } from '../errors.ts';
import { logger } from '../logger.ts';
import { createRng, type Rng } from '../math/rng.ts';
import { checkOptions, seedOption, type OptionSpec } from '../options.ts';
import type { StudyHistory } from '../study/study-history.ts';
import type { StudyView } from '../study/study-view.ts';
import type { FrozenTrial } from '../trial/frozen-trial.ts';
import type { Sampler, SamplerOptions } from './sampler.ts';

export interface BruteForceSamplerOptions extends SamplerOptions {
  /**
   * Go on as long as running trials might lead to branches nobody has seen yet; some combinations may then be tried twice. Only matters
   * with several trials at once. @default false
   */
  avoidPrematureStop?: boolean;
}

export const bruteForceSamplerOptions: readonly OptionSpec[] = [
  {
    type: 'boolean',
    name: 'avoidPrematureStop',
    title: 'Wait for running trials',
    description:
      'Go on as long as running trials might lead to branches nobody has seen yet, at the price of repetitions.',
    default: false,
  },
  seedOption,
];

interface CheckedOptions {
  avoidPrematureStop: boolean;
  seed: number | null;
}

export class BruteForceSampler implements Sampler {
  readonly name = 'brute-force';
  readonly #options: CheckedOptions;
  readonly #trees = new WeakMap<StudyHistory, FinishedTree>();

  /** @throws InvalidArgumentError for an unknown option or a wrong value. */
  constructor(options: BruteForceSamplerOptions = {}) {
    this.#options = checkOptions<CheckedOptions>(
      'BruteForceSampler',
      bruteForceSamplerOptions,
      options,
    );
  }

  async inferRelativeSearchSpace(): Promise<SearchSpace> {
    return {};
  }

  async sampleRelative(): Promise<Readonly<Record<string, ParamValue>>> {
    return {};
  }

  /** @throws InvalidArgumentError for a continuous parameter. */
  async sampleIndependent(
    study: StudyView,
    trial: FrozenTrial,
    name: string,
    distribution: Distribution,
  ): Promise<ParamValue> {
    requireFinite(name, distribution);
    const rng = createRng(this.#options.seed ?? study.seed, trial.number, 'brute-force', name);
    const index = await this.#withRunning(study, trial.number, (root) => {
      let node: TreeNode | null = root;
      for (const step of pathOf(trial)) node = node?.descend(step) ?? null;
      if (node !== null && !node.isAsking(name, distribution))
        logger.warn(
          `Trial ${trial.number}: BruteForceSampler needs the same suggestions after the same values; "${name}" ` +
            `(${describeDistribution(distribution)}) is another one, and drawn at random.`,
        );
      return node?.isAsking(name, distribution)
        ? node.draw(distribution, rng)
        : rng.integer(countValues(distribution));
    });
    return toExternal(distribution, internalAt(distribution, index));
  }

  async afterTrial(study: StudyView, trial: FrozenTrial): Promise<void> {
    const isDone = await this.#withRunning(study, trial.number, (root) => {
      root.add(pathOf(trial), 'finished');
      const { nOpen } = root;
      root.remove(pathOf(trial), 'finished');
      return nOpen === 0;
    });
    if (isDone) study.stop();
  }

  /** Whether every combination has been tried. */
  async isExhausted(study: StudyView): Promise<boolean> {
    return this.#withRunning(study, -1, (root) => root.nOpen === 0);
  }

  /** Looks at the tree of all trials but the current one. */
  async #withRunning<T>(
    study: StudyView,
    current: number,
    look: (root: TreeNode) => T,
  ): Promise<T> {
    const history = await study.getHistory();
    let tree = this.#trees.get(history);
    if (!tree)
      this.#trees.set(history, (tree = new FinishedTree(this.#options.avoidPrematureStop)));
    if (!tree.isUpToDate(history)) tree.follow(history, await study.getTrials());
    const { root } = tree;
    const running = [...history.running.values()].filter(({ number }) => number !== current);
    for (const trial of running) root.add(pathOf(trial), 'running');
    try {
      return look(root);
    } finally {
      for (const trial of running) root.remove(pathOf(trial), 'running');
    }
  }
}

/** The finished trials of a study as a tree. */
class FinishedTree {
  root: TreeNode;
  readonly #runningIsOpen: boolean;
  #epoch = -1;
  #nRead = 0;

  constructor(runningIsOpen: boolean) {
    this.#runningIsOpen = runningIsOpen;
    this.root = new TreeNode(runningIsOpen);
  }

  isUpToDate(history: StudyHistory): boolean {
    return this.#epoch === history.epoch && this.#nRead === history.nFinished;
  }

  follow(history: StudyHistory, trials: readonly FrozenTrial[]): void {
    if (this.#epoch !== history.epoch) {
      this.#epoch = history.epoch;
      this.#nRead = 0;
      this.root = new TreeNode(this.#runningIsOpen);
    }
    for (; this.#nRead < history.nFinished; this.#nRead++) {
      const trial = findByNumber(trials, history.finishedRows[this.#nRead] as number);
      if (trial) this.root.add(pathOf(trial), 'finished');
    }
  }
}

/** @param trials By number; some numbers may be missing. */
function findByNumber(trials: readonly FrozenTrial[], number: number): FrozenTrial | undefined {
  const trial = trials[number];
  return trial?.number === number ? trial : trials.find((one) => one.number === number);
}

/** One suggestion: the parameter, and which of its values was taken. */
interface Step {
  readonly name: string;
  readonly distribution: Distribution;
  readonly index: number;
}

type Visit = 'finished' | 'running';

/** A place in the tree: what a trial asks for next after the suggestions that lead here; nothing is known before a trial was here. */
class TreeNode {
  readonly #runningIsOpen: boolean;
  /** The parameter asked for here; null where none was yet. */
  #asked: { readonly name: string; readonly distribution: Distribution } | null = null;
  #nValues = 0;
  readonly #branches = new Map<number, TreeNode>();
  /** The sum of `nOpen` over the branches. */
  #nOpenInBranches = 0;
  /** Trials that go through here or end here, and those that end here so far. */
  #nTrials = 0;
  #nFinishedHere = 0;
  #nRunningHere = 0;

  constructor(runningIsOpen: boolean) {
    this.#runningIsOpen = runningIsOpen;
  }

  /** Ways from here that nobody has gone to the end. */
  get nOpen(): number {
    if (this.#asked !== null) return this.#nValues - this.#branches.size + this.#nOpenInBranches;
    if (this.#nFinishedHere > 0) return 0;
    return this.#nRunningHere > 0 && !this.#runningIsOpen ? 0 : 1;
  }

  get #isRunningOnly(): boolean {
    return this.#asked === null && this.#nFinishedHere === 0 && this.#nRunningHere > 0;
  }

  /** Adds a trial, as far as it fits: what follows another parameter, another range or a value off the grid is left out. */
  add(path: readonly Step[], visit: Visit, depth = 0): void {
    this.#nTrials++;
    const step = path[depth];
    if (step === undefined) {
      if (visit === 'finished') this.#nFinishedHere++;
      else this.#nRunningHere++;
      return;
    }
    if (step.index < 0 || !this.isAsking(step.name, step.distribution)) return;
    this.#asked ??= step;
    this.#nValues = countValues(step.distribution);
    const branch = this.#branches.get(step.index) ?? new TreeNode(this.#runningIsOpen);
    const before = this.#branches.has(step.index) ? branch.nOpen : 0;
    branch.add(path, visit, depth + 1);
    this.#branches.set(step.index, branch);
    this.#nOpenInBranches += branch.nOpen - before;
  }

  /** Takes back an `add`. */
  remove(path: readonly Step[], visit: Visit, depth = 0): void {
    this.#nTrials--;
    const step = path[depth];
    if (step === undefined) {
      if (visit === 'finished') this.#nFinishedHere--;
      else this.#nRunningHere--;
    } else if (step.index >= 0 && this.isAsking(step.name, step.distribution)) {
      const branch = this.#branches.get(step.index) as TreeNode;
      const before = branch.nOpen;
      branch.remove(path, visit, depth + 1);
      if (branch.#nTrials === 0) this.#branches.delete(step.index);
      this.#nOpenInBranches += (branch.#nTrials === 0 ? 0 : branch.nOpen) - before;
    }
    if (this.#branches.size === 0) this.#asked = null;
  }

  /** Whether this is the parameter asked for here, as far as known. */
  isAsking(name: string, distribution: Distribution): boolean {
    return (
      this.#asked === null ||
      (this.#asked.name === name && isSameDistribution(this.#asked.distribution, distribution))
    );
  }

  /** The place a suggestion leads to; null where nobody has been. */
  descend({ index }: Step): TreeNode | null {
    return this.#branches.get(index) ?? null;
  }

  /**
   * Draws a value of the parameter asked for here: half of the time in proportion to what is open behind it, half of the time evenly among
   * those with anything open. Values where a trial is running right now are avoided as long as there are others.
   */
  draw(distribution: Distribution, rng: Rng): number {
    if (this.#asked === null) return rng.integer(countValues(distribution));
    const isFree = (branch: TreeNode) => branch.nOpen > 0 && !branch.#isRunningOnly;
    const free = [...this.#branches].filter(([, branch]) => isFree(branch));
    const nUntried = this.#nValues - this.#branches.size;
    if (free.length + nUntried === 0) {
      const open = [...this.#branches].filter(([, branch]) => branch.nOpen > 0);
      if (open.length === 0) return rng.integer(this.#nValues);
      return (open[rng.integer(open.length)] as [number, TreeNode])[0];
    }
    const weightOf =
      rng.uniform() < 0.5 ? (branch: TreeNode) => branch.nOpen : (_branch: TreeNode) => 1;
    let rest = free.reduce((sum, [, branch]) => sum + weightOf(branch), nUntried) * rng.uniform();
    for (const [index, branch] of free) {
      rest -= weightOf(branch);
      if (rest < 0) return index;
    }
    return this.#drawUntried(rng);
  }

  #drawUntried(rng: Rng): number {
    // By trial and error where most are untried, else by counting.
    if (this.#branches.size * 2 < this.#nValues)
      for (;;) {
        const index = rng.integer(this.#nValues);
        if (!this.#branches.has(index)) return index;
      }
    let skip = rng.integer(this.#nValues - this.#branches.size);
    let index = 0;
    while (this.#branches.has(index) || skip-- > 0) index++;
    return index;
  }
}

/** The suggestions of a trial in their order. */
function pathOf(trial: FrozenTrial): Step[] {
  return Object.entries(trial.distributions).map(([name, distribution]) => ({
    name,
    distribution,
    index: indexOf(distribution, trial.internalParams[name] as number),
  }));
}

/** Which of the distribution's values it is; -1 when it is none of them. */
function indexOf(distribution: Distribution, internal: number): number {
  if (distribution.type === 'categorical') return internal;
  if (distribution.step === null && distribution.low !== distribution.high) return -1;
  const position = (internal - distribution.low) / (distribution.step ?? 1);
  const index = Math.round(position);
  const isOnGrid = Math.abs(position - index) < 1e-8;
  return isOnGrid && index >= 0 && index < countValues(distribution) ? index : -1;
}

function internalAt(distribution: Distribution, index: number): number {
  if (distribution.type === 'categorical') return index;
  return Math.min(distribution.low + index * (distribution.step ?? 1), distribution.high);
}

function requireFinite(name: string, distribution: Distribution): void {
  if (countValues(distribution) === Infinity)
    throw new InvalidArgumentError(
      `BruteForceSampler needs parameters with finitely many values, but "${name}" is ${describeDistribution(distribution)}. Give it a \`step\`.`,
    );
}
