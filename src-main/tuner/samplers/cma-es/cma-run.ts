import { describeDistribution, type SearchSpace } from '../../distributions.ts';
import { crc32 } from '../../math/crc32.ts';
import type { Rng } from '../../math/rng.ts';
import { rowStates, type StudyHistory } from '../../study/study-history.ts';
import type { StudyView } from '../../study/study-view.ts';
import type { AttrValue, FrozenTrial } from '../../trial/frozen-trial.ts';
import { Generations, toNumbers, type GenerationMark } from '../generations.ts';
import { createCoordinates, isSameSpace, type Coordinates } from './coordinates.ts';
import type { Evolution } from './evolution.ts';

/** Trial: a `Mark`, by which the evolution can be followed. */
export const CMA_ES = 'parzen:cma_es';

interface Mark extends GenerationMark {
  /** Where in the unit cube the trial was sampled; outside of it in coordinates with a margin. */
  readonly point: readonly number[];
}

export interface Sampled {
  /** Internal values by parameter. */
  readonly internals: Readonly<Record<string, number>>;
  /** To be left on the trial. */
  readonly attr: AttrValue;
}

/**
 * The evolution of one search space in one study. Its state follows from the trials alone, so it can be built again at any time: each
 * generation from the first `popsize` trials of the one before that finished.
 */
export class CmaRun {
  readonly #history: StudyHistory;
  readonly #coordinates: Coordinates;
  /** Tells trials of this space from those of others. */
  readonly #spaceId: number;
  readonly #createEvolution: (coordinates: Coordinates) => Evolution;
  readonly #generations: Generations<Mark>;
  #evolution: Evolution;
  /** By generation, what it descends from. */
  #parents: (readonly number[])[] = [];
  #nResets = 0;
  #nRecords = 0;

  /** @param considerPruned Pruned trials count with their last report. */
  constructor(
    history: StudyHistory,
    space: SearchSpace,
    createEvolution: (coordinates: Coordinates) => Evolution,
    considerPruned: boolean,
  ) {
    this.#history = history;
    this.#coordinates = createCoordinates(space);
    this.#spaceId = crc32(
      Object.entries(space)
        .map(([name, distribution]) => `${name} ${describeDistribution(distribution)}`)
        .join('\n'),
    );
    this.#createEvolution = createEvolution;
    this.#evolution = createEvolution(this.#coordinates);
    this.#generations = new Generations(
      history,
      (trial) => this.#readMark(trial),
      (row) => lossOf(history, row, considerPruned) !== null && this.#internals(row) !== null,
    );
  }

  isOf(space: SearchSpace): boolean {
    return isSameSpace(this.#coordinates, space);
  }

  /** Brings the evolution up to what has finished. */
  async refresh(study: StudyView): Promise<void> {
    await this.#generations.refresh(study);
    if (this.#generations.nResets !== this.#nResets || this.#isContradicted()) {
      this.#nResets = this.#generations.nResets;
      this.#evolution = this.#createEvolution(this.#coordinates);
      this.#parents = [];
    }
    while (this.#advance());
  }

  sample(trial: FrozenTrial, rng: Rng): Sampled {
    const generation = this.#evolution.generation;
    const point = this.#evolution.sample(rng);
    const internals = this.#evolution.internalsAt(point);
    const parents = this.#parents[generation];
    const opener = this.#generations.record(generation)?.by ?? Infinity;
    return {
      internals: Object.fromEntries(
        this.#coordinates.names.map((name, i) => [name, internals[i] as number]),
      ),
      attr: {
        space: this.#spaceId,
        generation,
        point: [...point],
        ...(parents && trial.number <= opener ? { parents } : {}),
      },
    };
  }

  /** Whether a trial with a lower number has turned up that says otherwise about where a generation comes from. */
  #isContradicted(): boolean {
    if (this.#generations.nRecords === this.#nRecords) return false;
    this.#nRecords = this.#generations.nRecords;
    return this.#parents.some((parents, generation) => {
      const recorded = this.#recordedParents(generation);
      return recorded !== null && recorded !== parents && recorded.join() !== parents.join();
    });
  }

  #advance(): boolean {
    const { generation, popsize } = this.#evolution;
    const members = this.#generations.members(generation);
    if (members.size < popsize) return false;
    const parents = this.#recordedParents(generation + 1) ?? [...members.keys()].slice(0, popsize);
    const population = parents.map((row) => ({
      row,
      loss: lossOf(this.#history, row, true) as number,
      violation: this.#history.violations[row] as number,
      point: this.#pointOf(row, members.get(row) as Mark),
    }));
    // Feasible ones first, then those that violate the constraints least.
    population.sort(
      (a, b) => compare(a.violation, b.violation) || compare(a.loss, b.loss) || a.row - b.row,
    );
    this.#evolution.advance(
      population.map(({ point }) => point),
      population[0]?.loss as number,
    );
    this.#parents[generation + 1] = parents;
    return true;
  }

  /** Null where nothing is recorded, or trials that cannot be the parents (any more). */
  #recordedParents(generation: number): readonly number[] | null {
    const record = this.#generations.record(generation);
    if (!record) return null;
    const members = this.#generations.members(generation - 1);
    const isPossible =
      (this.#parents[generation]?.length ?? this.#evolution.popsize) === record.parents.length &&
      new Set(record.parents).size === record.parents.length &&
      record.parents.every((row) => members.has(row));
    return isPossible ? record.parents : null;
  }

  /** What was sampled, if the trial has the values that were sampled; an enqueued trial may have others. */
  #pointOf(row: number, { point }: Mark): Float64Array {
    const internals = this.#internals(row) as number[];
    const sampled = Float64Array.from(point);
    const isSampled = this.#evolution
      .internalsAt(sampled)
      .every((internal, i) => internal === internals[i]);
    return isSampled ? sampled : this.#evolution.pointAt(internals);
  }

  #internals(row: number): number[] | null {
    const internals = this.#coordinates.names.map(
      (name) => this.#history.params.get(name)?.values[row] ?? NaN,
    );
    return internals.some((internal) => Number.isNaN(internal)) ? null : internals;
  }

  #readMark({ systemAttrs }: FrozenTrial): Mark | null {
    const attr = systemAttrs[CMA_ES];
    if (typeof attr !== 'object' || attr === null || Array.isArray(attr)) return null;
    const { space, generation, point, parents } = attr as Readonly<Record<string, AttrValue>>;
    const coordinates = toNumbers(point);
    if (space !== this.#spaceId || typeof generation !== 'number') return null;
    if (coordinates?.length !== this.#coordinates.names.length) return null;
    return { generation, point: coordinates, parents: toNumbers(parents) };
  }
}

/** Lower is better; null where the trial's result does not count. */
function lossOf(history: StudyHistory, row: number, considerPruned: boolean): number | null {
  const state = history.states[row];
  let value = NaN;
  if (state === rowStates.complete) value = history.values[0]?.[row] as number;
  else if (state === rowStates.pruned && considerPruned) value = history.lastValues[row] as number;
  if (Number.isNaN(value)) return null;
  return history.directions[0] === 'minimize' ? value : -value;
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
