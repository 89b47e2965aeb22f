import { join } from 'node:path';

import type { Locator } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { TrialPruned } from '../../src-main/tuner/errors.ts';
import { createPruner } from '../../src-main/tuner/pruners/registry.ts';
import { RandomSampler } from '../../src-main/tuner/samplers/random.ts';
import { loadStudy } from '../../src-main/tuner/study/study.ts';
import type { FrozenTrial } from '../../src-main/tuner/trial/frozen-trial.ts';
import { requirements } from '../helpers/requirements.ts';
import { call, startServices } from '../helpers/services.ts';
import { createDataDir, type RunningApp, shells, takeScreenshots } from './shells.ts';

const MODULE = join(import.meta.dirname, '../training/children/objectives/endless.mjs');

/** Studies whose trials report rising curves of eight steps, by the pruner that ended some of them. */
const pruners = {
  hyperband: { maxResource: 8, reductionFactor: 2 },
  wilcoxon: { pThreshold: 0.2 },
  nop: {},
} as const;
type PrunerName = keyof typeof pruners;

describe.each(shells)('why a trial was pruned', (shell) => {
  const needs = requirements(...shell.needs);

  describe.skipIf(needs.missing)(needs.title(`in the ${shell.name}`), () => {
    let data: ReturnType<typeof createDataDir>;
    let app: RunningApp | undefined;

    beforeEach(() => {
      data = createDataDir();
    });
    afterEach(async () => {
      await app?.quit();
      data.remove();
    });

    async function createStudies(): Promise<Record<PrunerName, readonly FrozenTrial[]>> {
      const services = await startServices(data.path);
      const { handlers, library } = services;
      const trials: Partial<Record<PrunerName, readonly FrozenTrial[]>> = {};
      for (const [name, options] of Object.entries(pruners) as [PrunerName, object][]) {
        const spec = {
          name,
          run: { module: MODULE },
          objective: { name: 'height', direction: 'maximize' },
          sampler: { type: 'random' },
          pruner: { type: name, options },
        };
        const { storageId } = await handlers['studies.create']({ spec, seed: 4 }, call);
        const study = await loadStudy({
          storage: library.storage(storageId),
          studyName: name,
          sampler: new RandomSampler({ seed: 5 }),
          pruner: createPruner(name, { ...options }),
        });
        await study.optimize(
          async (trial) => {
            const height = await trial.suggestFloat('height', 0, 1);
            for (let step = 0; step < 8; step++) {
              await trial.report(height + step / 10, step);
              if (await trial.shouldPrune()) throw new TrialPruned();
            }
            return height;
          },
          { nTrials: 30 },
        );
        trials[name] = await study.getTrials();
      }
      await services.close();
      return trials as Record<PrunerName, readonly FrozenTrial[]>;
    }

    /** The panel of a trial. */
    async function open(study: PrunerName, { number }: FrozenTrial): Promise<Locator> {
      const { page } = app as RunningApp;
      await page.getByRole('link', { name: 'Library' }).click();
      await page.getByRole('main').getByText(study, { exact: true }).first().click();
      await page.getByRole('heading', { level: 1, name: study }).waitFor();
      await page.getByRole('link', { name: 'Trials', exact: true }).click();
      await page.getByRole('grid', { name: 'Trials' }).waitFor();
      await page.evaluate(
        `location.hash = location.hash.replace(/[?].*/, '') + '?trial=${number}'`,
      );
      const panel = page.getByRole('complementary', { name: `Trial ${number}`, exact: true });
      await panel.waitFor();
      return panel;
    }

    it('is said with the rung and its bracket, with the test and the other trial, or that nothing prunes', async () => {
      const trials = await createStudies();
      app = await shell.start(data.path);
      const lastPruned = (name: PrunerName): FrozenTrial =>
        trials[name].findLast(({ state }) => state === 'pruned') as FrozenTrial;
      const stepOf = ({ intermediateValues }: FrozenTrial): number => intermediateValues.size - 1;

      const inBracket = lastPruned('hyperband');
      const rung = Object.keys(inBracket.systemAttrs).filter((key) =>
        key.startsWith('completed_rung_'),
      ).length;
      let panel = await open('hyperband', inBracket);
      await panel
        .getByText(
          new RegExp(
            `^Pruned at step ${stepOf(inBracket)}, rung ${rung - 1}: its report, [\\d.]+, was below [\\d.]+, .* other trials? of its bracket .* bracket \\d of 4,`,
          ),
        )
        .waitFor();
      await panel.getByRole('list', { name: 'Legend' }).getByText('Pruned if worse').waitFor();
      await takeScreenshots(app, `${shell.name}-pruned-by-hyperband`);

      const tested = lastPruned('wilcoxon');
      const [best] = trials.wilcoxon
        .slice(0, tested.number)
        .filter(({ state }) => state === 'complete')
        .sort((a, b) => (b.values?.[0] ?? 0) - (a.values?.[0] ?? 0));
      // All reports of a lower curve are worse: the exact test gives one half to the power of their number.
      const n = tested.intermediateValues.size;
      panel = await open('wilcoxon', tested);
      await panel
        .getByText(
          `Pruned at step ${n - 1}: worse than trial ${best?.number}, the best by then, over the ${n} reports in common (p = ${0.5 ** n}, below 0.2).`,
        )
        .waitFor();
      const legend = panel.getByRole('list', { name: 'Legend' });
      await legend.getByText(`Trial ${best?.number}`, { exact: true }).waitFor();
      await legend.getByText(`Trial ${tested.number}`, { exact: true }).waitFor();
      expect(await legend.getByText('Pruned if worse').count()).toBe(0);
      await takeScreenshots(app, `${shell.name}-pruned-by-wilcoxon`);

      panel = await open('nop', trials.nop[0] as FrozenTrial);
      await panel.getByText("The study's pruner ends no trial.", { exact: true }).waitFor();
      expect(app.errors).toEqual([]);
    });
  });
});
