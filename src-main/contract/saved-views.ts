import { z } from 'zod';

const name = z.string().trim().min(1).max(100);
const fieldId = z.string().min(1).max(1000);
const bound = z.number().nullable();

/** A filter of the trial table as it is written down: choices by their labels, no bound as null. */
export const savedFilterSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('range'), fieldId, min: bound, max: bound }),
  z.strictObject({ kind: z.literal('choices'), fieldId, labels: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('tags'), fieldId, tags: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('text'), fieldId, query: z.string() }),
  z.strictObject({ kind: z.literal('expression'), expression: z.string().min(1) }),
]);
export type SavedFilter = z.infer<typeof savedFilterSchema>;

/** How the trial table looked: which trials, in which order, with which columns. */
export const savedViewSchema = z.strictObject({
  name,
  /** The study that it is for; null: all. */
  studyName: z.string().nullable(),
  filters: z.array(savedFilterSchema),
  sorts: z.array(z.strictObject({ fieldId, isDescending: z.boolean() })),
  columns: z.strictObject({
    hidden: z.array(fieldId).optional(),
    order: z.array(fieldId).optional(),
    pinned: z.array(fieldId).optional(),
    widths: z.record(fieldId, z.number().positive()).optional(),
  }),
});
export type SavedView = z.infer<typeof savedViewSchema>;
