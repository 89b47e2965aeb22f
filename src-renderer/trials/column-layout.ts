import type { Field, FieldKind } from './fields.ts';

/** How the columns of a study's trial table are arranged; what is left out is as it is at first. */
export interface ColumnLayout {
  readonly hidden?: readonly string[];
  /** Ids in the order wanted; fields that are not here come where they are at first. */
  readonly order?: readonly string[];
  /** Ids that stay in sight when the table is scrolled sideways. */
  readonly pinned?: readonly string[];
  /** In pixels, by id. */
  readonly widths?: Readonly<Record<string, number>>;
}

export interface LaidOutColumn {
  readonly field: Field;
  readonly width: number;
  readonly isPinned: boolean;
  readonly isHidden: boolean;
}

/** Fields that are of use in the table only now and then. */
const hiddenAtFirst: readonly string[] = ['front', 'feasible', 'completedAt', 'lastValue'];
const pinnedAtFirst: readonly string[] = ['number', 'state'];

const kindWidths: Readonly<Record<FieldKind, number>> = {
  number: 118,
  integer: 76,
  time: 190,
  duration: 92,
  category: 96,
  state: 108,
  text: 150,
  tags: 130,
};
const MIN_COLUMN_WIDTH = 48;
const MAX_COLUMN_WIDTH = 900;

/** All columns in their order, pinned ones first. */
export function layOutColumns(fields: readonly Field[], layout: ColumnLayout): LaidOutColumn[] {
  const hidden = new Set(layout.hidden ?? hiddenAtFirst);
  const pinned = new Set(layout.pinned ?? pinnedAtFirst);
  const columns = inOrder(fields, layout.order ?? []).map((field): LaidOutColumn => ({
    field,
    width: layout.widths?.[field.id] ?? widthAtFirst(field),
    isPinned: pinned.has(field.id),
    isHidden: hidden.has(field.id),
  }));
  return [
    ...columns.filter(({ isPinned }) => isPinned),
    ...columns.filter(({ isPinned }) => !isPinned),
  ];
}

/** Room for the title with its buttons, and for what is chosen from. */
function widthAtFirst({ kind, title, choices = [] }: Field): number {
  const longest = choices.reduce((most, { length }) => Math.max(most, length), 0);
  return Math.min(240, Math.max(kindWidths[kind], title.length * 7 + 46, longest * 7 + 24));
}

/** A field that the order does not know stands behind the one it stood behind at first. */
function inOrder(fields: readonly Field[], order: readonly string[]): Field[] {
  const byId = new Map(fields.map((field) => [field.id, field]));
  const known = new Set(order);
  const arranged = order.flatMap((id) => byId.get(id) ?? []);
  fields.forEach((field, i) => {
    if (known.has(field.id)) return;
    const before = fields[i - 1];
    arranged.splice(before ? arranged.indexOf(before) + 1 : 0, 0, field);
  });
  return arranged;
}

/** Puts a column where another one is, that one and those between making room. A column that goes among pinned ones is pinned, and the other way round. */
export function moveColumn(
  columns: readonly LaidOutColumn[],
  layout: ColumnLayout,
  id: string,
  targetId: string,
): ColumnLayout {
  const from = columns.findIndex(({ field }) => field.id === id);
  const to = columns.findIndex(({ field }) => field.id === targetId);
  if (from < 0 || to < 0 || from === to) return layout;
  const order = columns.map(({ field }) => field.id);
  order.splice(from, 1);
  order.splice(to, 0, id);
  const pinned = new Set(columns.filter(({ isPinned }) => isPinned).map(({ field }) => field.id));
  if (columns[to]?.isPinned) pinned.add(id);
  else pinned.delete(id);
  return { ...layout, order, pinned: [...pinned] };
}

export function toggleHidden(
  columns: readonly LaidOutColumn[],
  layout: ColumnLayout,
  id: string,
): ColumnLayout {
  const hidden = columns.filter(({ isHidden, field }) => isHidden !== (field.id === id));
  return { ...layout, hidden: hidden.map(({ field }) => field.id) };
}

export function togglePinned(
  columns: readonly LaidOutColumn[],
  layout: ColumnLayout,
  id: string,
): ColumnLayout {
  const pinned = columns.filter(({ isPinned, field }) => isPinned !== (field.id === id));
  return { ...layout, pinned: pinned.map(({ field }) => field.id) };
}

/** @param width In pixels; null: as at first. */
export function resizeColumn(layout: ColumnLayout, id: string, width: number | null): ColumnLayout {
  const { [id]: _, ...widths } = layout.widths ?? {};
  if (width === null) return { ...layout, widths };
  const allowed = Math.min(MAX_COLUMN_WIDTH, Math.max(MIN_COLUMN_WIDTH, Math.round(width)));
  return { ...layout, widths: { ...widths, [id]: allowed } };
}
