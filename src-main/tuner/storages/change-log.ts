/**
 * Which trials changed after which revision. Nothing is kept until somebody asks for the first time: whoever comes then gets everything. Asking costs in
 * proportion to what changed.
 */
export class ChangeLog {
  /** The last revision given out; 0 while nobody has asked. */
  #revision = 0;
  /** Ids of the trials that changed since. */
  readonly #changed = new Set<number>();
  /** By earlier change, the trial's id. */
  #trialIds: number[] = [];
  /** By earlier change, its revision, ascending. */
  #revisions: number[] = [];
  #maxChanges = 1024;

  note(trialId: number): void {
    if (this.#revision > 0) this.#changed.add(trialId);
  }

  /** The revision to be given out now. */
  advance(): number {
    if (this.#revision === 0) return (this.#revision = 1);
    if (this.#changed.size === 0) return this.#revision;
    this.#revision++;
    for (const trialId of this.#changed) {
      this.#trialIds.push(trialId);
      this.#revisions.push(this.#revision);
    }
    this.#changed.clear();
    if (this.#trialIds.length > this.#maxChanges) this.#keepLastChanges();
    return this.#revision;
  }

  /** Ids of the trials that changed after a revision, up to the last `advance`. */
  since(revision: number): ReadonlySet<number> {
    const trialIds = new Set<number>();
    for (let i = this.#trialIds.length - 1; i >= 0; i--) {
      if ((this.#revisions[i] as number) <= revision) break;
      trialIds.add(this.#trialIds[i] as number);
    }
    return trialIds;
  }

  /** Of each trial. */
  #keepLastChanges(): void {
    const lastByTrial = new Map(this.#trialIds.map((trialId, i) => [trialId, i]));
    const isLast = (_: number, i: number): boolean =>
      lastByTrial.get(this.#trialIds[i] as number) === i;
    this.#revisions = this.#revisions.filter(isLast);
    this.#trialIds = this.#trialIds.filter(isLast);
    this.#maxChanges = 2 * this.#trialIds.length + 1024;
  }
}
