import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NopPruner } from '../../src-main/tuner/pruners/nop.ts';
import type { Pruner } from '../../src-main/tuner/pruners/pruner.ts';
import { RandomSampler } from '../../src-main/tuner/samplers/random.ts';
import { InMemoryStorage } from '../../src-main/tuner/storages/in-memory.ts';
import type { StudyDirection } from '../../src-main/tuner/study/direction.ts';
import { createStudy, loadStudy, type Study } from '../../src-main/tuner/study/study.ts';

type Reports = readonly (readonly [step: number, value: number])[];

const value = fc.oneof(
  fc.double({ min: -10, max: 10, noNaN: true }),
  fc.constantFrom(NaN, Infinity, -Infinity, 0, 1),
);
const reports: fc.Arbitrary<Reports> = fc.uniqueArray(fc.tuple(fc.nat(40), value), {
  maxLength: 12,
  selector: ([step]) => step,
});
const direction = fc.constantFrom<StudyDirection>('minimize', 'maximize');

/** What every pruner must do, whatever is reported. */
export function testPruner(title: string, create: () => Pruner): void {
  describe(`${title}, as every pruner`, () => {
    it('never prunes a trial that has reported nothing', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(reports, { maxLength: 6 }), direction, async (others, way) => {
          const study = await newStudy(create(), way);
          for (const one of others) await run(study, one);
          const trial = await study.ask();
          expect(await trial.shouldPrune()).toBe(false);
        }),
        { numRuns: 40 },
      );
    });

    it('answers the same when it is asked again, and after the study is loaded anew', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(reports, { maxLength: 6 }),
          reports,
          direction,
          async (others, own, way) => {
            const storage = new InMemoryStorage();
            const study = await newStudy(create(), way, storage);
            for (const one of others) await run(study, one);
            const trial = await study.ask();
            const { studyName } = study;
            for (const [step, y] of own) await trial.report(y, step);
            const frozen = await storage.getTrial(trial.trialId);
            const anew = await loadStudy({ storage, studyName, pruner: create() });
            const answers = [
              await study.pruner.prune(study, frozen),
              await study.pruner.prune(study, frozen),
              await anew.pruner.prune(anew, frozen),
            ];
            expect(new Set(answers).size).toBe(1);
          },
        ),
        { numRuns: 40 },
      );
    });

    it('judges a maximized study as its mirror image', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(reports, { minLength: 2, maxLength: 8 }), async (all) => {
          const mirrored = all.map((one) => one.map(([step, y]) => [step, -y] as const));
          expect(await answersOf(create(), 'minimize', all)).toEqual(
            await answersOf(create(), 'maximize', mirrored),
          );
        }),
        { numRuns: 40 },
      );
    });

    it('prunes nobody without trials to compare with, unless by the reports themselves', async () => {
      // Steady progress, which even a pruner that looks at one trial alone lets pass.
      const study = await newStudy(create(), 'minimize');
      const trial = await study.ask();
      for (let step = 0; step < 10; step++) {
        await trial.report(-step / 10, step);
        expect(await trial.shouldPrune()).toBe(false);
      }
    });
  });
}

function newStudy(
  pruner: Pruner,
  way: StudyDirection,
  storage = new InMemoryStorage(),
): Promise<Study> {
  const sampler = new RandomSampler();
  return createStudy({ storage, studyName: 'ref', direction: way, sampler, pruner });
}

/** Runs one trial to its end; it is complete with its last number, or failed without one. */
async function run(study: Study, all: Reports): Promise<string> {
  const trial = await study.ask();
  let answers = '';
  for (const [step, y] of all) {
    await trial.report(y, step);
    answers += (await trial.shouldPrune()) ? '1' : '0';
  }
  const last = all.map(([, y]) => y).findLast((y) => !Number.isNaN(y));
  if (last === undefined) await study.tell(trial, null, { state: 'fail' });
  else await study.tell(trial, last);
  return answers;
}

async function answersOf(
  pruner: Pruner,
  way: StudyDirection,
  all: readonly Reports[],
): Promise<string[]> {
  // A threshold has no direction: its bounds would have to be mirrored too.
  const judge = pruner.name === 'threshold' ? new NopPruner() : pruner;
  const study = await newStudy(judge, way);
  const answers: string[] = [];
  for (const one of all) answers.push(await run(study, one));
  return answers;
}
