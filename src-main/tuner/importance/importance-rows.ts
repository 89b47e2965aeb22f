interface Entry {
  readonly param: string;
  readonly importance: number;
}

/** A parameter beside what each objective says of it; null where an objective says nothing. */
export interface ImportanceRow<E extends Entry> {
  readonly param: string;
  readonly entries: readonly (E | null)[];
}

/** Importances for several objectives, parameter by parameter: the one that matters most to all of them together comes first. */
export function importanceRows<E extends Entry>(
  byObjective: readonly (readonly E[])[],
): ImportanceRow<E>[] {
  const params = new Set(byObjective.flatMap((entries) => entries.map(({ param }) => param)));
  const rows = [...params].map((param) => ({
    param,
    entries: byObjective.map((entries) => entries.find((one) => one.param === param) ?? null),
  }));
  const total = ({ entries }: ImportanceRow<E>): number =>
    entries.reduce((sum, entry) => sum + (entry?.importance ?? 0), 0);
  return rows.sort((a, b) => total(b) - total(a) || (a.param < b.param ? -1 : 1));
}
