/**
 * What a study keeps of its networks, in attributes that anybody may have written: records of another form than expected are left out here and
 * named, and stay where they are.
 */
import { z } from 'zod';
import type { RepeatedTrials, RetrainedModel, TestResult } from '../contract/models.ts';
import type { BackendRequest } from '../training/choose-backend.ts';
import { backends, engines } from '../training/vocabulary.ts';
import type { FrozenStudy } from '../tuner/storages/storage.ts';
import type { AttrValue } from '../tuner/trial/frozen-trial.ts';
import { BACKEND, MODEL_PREFIX, REPEATED, TEST_PREFIX } from './study-attrs.ts';

/** JSON has null in place of NaN and infinities. */
const number = z.number().or(z.nan()).nullable();
const numbers = z.array(number);
const trialNumber = z.number().int().nonnegative();
/** What a Date can hold. */
const timeMs = z.number().min(0).max(8.64e15);
const interval = z.looseObject({ low: number, high: number });

const retrained = z
  .looseObject({
    id: z.string(),
    createdAtMs: timeMs,
    rows: z.enum(['train', 'trainAndValidation']),
    members: z
      .array(
        z.looseObject({
          hash: z.string().regex(/^[0-9a-f]{64}$/),
          sizeBytes: z.number(),
          nEpochs: z.number(),
          value: number,
        }),
      )
      .min(1),
    mean: number,
    deviation: number,
  })
  // What was kept when only one trial could be trained again names that one.
  .and(
    z.union([
      z.looseObject({ trialNumbers: z.array(trialNumber).min(1) }),
      z.looseObject({ trialNumber, trialNumbers: z.undefined().optional() }),
    ]),
  );

const classification = z.looseObject({
  nRows: z.number(),
  accuracy: number,
  accuracyInterval: interval,
  intervals: z.record(z.string(), interval.nullable()).optional(),
  balancedAccuracy: number,
  f1: number,
  rocAuc: number,
  logLoss: number,
  confusion: z.array(numbers),
  classes: z.array(
    z.looseObject({
      name: z.string(),
      support: number,
      precision: number,
      recall: number,
      f1: number,
      roc: z
        .looseObject({ falsePositiveRates: numbers, truePositiveRates: numbers, area: number })
        .nullable(),
    }),
  ),
  calibration: z.array(
    z.looseObject({
      low: number,
      high: number,
      nRows: number,
      confidence: number,
      accuracy: number,
    }),
  ),
  calibrationError: number,
});

const regression = z.looseObject({
  target: z.string(),
  nRows: z.number(),
  mse: number,
  rmse: number,
  mae: number,
  r2: number,
  intervals: z.record(z.string(), interval),
  predicted: numbers,
  actual: numbers,
});

const test = z.looseObject({
  atMs: timeMs,
  choice: z.looseObject({ type: z.enum(['trial', 'ensemble', 'retrained']) }),
  look: trialNumber,
  nRows: z.number(),
  classification: classification.nullable(),
  regression: z.array(regression).nullable(),
  memberScores: numbers,
  importance: z.array(z.looseObject({ column: z.string(), drop: number, deviation: number })),
});

const repeated = z.looseObject({
  createdAtMs: timeMs,
  metric: z.string(),
  trials: z.array(
    z.looseObject({
      trialNumber,
      firstValue: number,
      values: numbers,
      mean: number,
      deviation: number,
    }),
  ),
});

const backend = z.looseObject({
  backend: z.enum(backends),
  engine: z.enum(engines),
  reason: z.string().optional(),
});

/** Networks that were trained again, the newest first. */
export function retrainedModels(study: FrozenStudy): RetrainedModel[] {
  type Kept = Omit<RetrainedModel, 'trialNumbers'> &
    ({ readonly trialNumbers: readonly number[] } | { readonly trialNumber: number });
  return readable<Kept>(study, isRetrained)
    .map((kept) => ('trialNumbers' in kept ? kept : { ...kept, trialNumbers: [kept.trialNumber] }))
    .sort((a, b) => b.createdAtMs - a.createdAtMs);
}

/** Looks at the test rows, the newest first. */
export function testResults(study: FrozenStudy): TestResult[] {
  return readable<TestResult>(study, isTest).sort((a, b) => b.look - a.look);
}

/** How often the test rows have been looked at, whatever is left of what was seen. */
export function countLooks({ systemAttrs }: FrozenStudy): number {
  return Object.keys(systemAttrs).filter((name) => name.startsWith(TEST_PREFIX)).length;
}

export function repeatedTrials({ systemAttrs }: FrozenStudy): RepeatedTrials | null {
  const kept = systemAttrs[REPEATED];
  return fits(repeated, kept) ? (kept as unknown as RepeatedTrials) : null;
}

/** What the study was first trained with, where that was left open; null where nothing, or nothing that is known here, is kept. */
export function keptBackend({ systemAttrs }: FrozenStudy): BackendRequest | null {
  const kept = backend.safeParse(systemAttrs[BACKEND]).data;
  return kept ? { backend: kept.backend, engine: kept.engine } : null;
}

/** Why it was that; null where no reason is kept, as by earlier versions. */
export function keptBackendReason({ systemAttrs }: FrozenStudy): string | null {
  return backend.safeParse(systemAttrs[BACKEND]).data?.reason ?? null;
}

/** Names of the attributes that the functions above leave out. */
export function unreadableRecords({ systemAttrs }: FrozenStudy): string[] {
  return Object.entries(systemAttrs).flatMap(([name, value]) => {
    if (value === null) return [];
    const isReadable =
      name === REPEATED
        ? fits(repeated, value)
        : name.startsWith(MODEL_PREFIX)
          ? isRetrained(name, value)
          : name.startsWith(TEST_PREFIX)
            ? isTest(name, value)
            : true;
    return isReadable ? [] : [name];
  });
}

type Reads = (name: string, value: AttrValue) => boolean;

const isRetrained: Reads = (name, value) =>
  name.startsWith(MODEL_PREFIX) &&
  fits(retrained, value) &&
  (value as { id?: AttrValue }).id === name.slice(MODEL_PREFIX.length);

const isTest: Reads = (name, value) => name.startsWith(TEST_PREFIX) && fits(test, value);

function readable<Value>({ systemAttrs }: FrozenStudy, reads: Reads): Value[] {
  return Object.entries(systemAttrs).flatMap(([name, value]) =>
    reads(name, value) ? [value as unknown as Value] : [],
  );
}

function fits(schema: z.ZodType, value: AttrValue | undefined): boolean {
  return schema.safeParse(value).success;
}
