import type { Handlers } from '../contract/contract.ts';
import type { SpecData } from '../contract/specs.ts';
import { defaultSpec, defaultSplit } from '../training/default-spec.ts';
import { loadSpec, parseSpec, type NetworkStudySpecInput } from '../training/spec.ts';
import { withoutDefaults } from '../training/spec-text.ts';
import type { Dataset } from '../training/datasets/dataset.ts';
import type { EventHub } from './events.ts';
import type { Library } from './library.ts';
import { onlyData, SpecChecker } from './spec-check.ts';
import { specForm } from './spec-form.ts';
import { selfContained } from './new-study.ts';
import { specOf } from './study-attrs.ts';

type SplitInput = NetworkStudySpecInput['data']['split'];
type SpecsHandlers = Pick<Handlers, 'specs.form' | 'specs.default' | 'specs.check' | 'specs.load'>;

/** Specs before there is a study: what a form asks for, a good one for a table, whether one is right. */
export function specsHandlers(library: Library, hub: EventHub): SpecsHandlers {
  const checker = new SpecChecker(hub);

  /** @throws SpecError when the data section is not right, TableError when the table is not. */
  async function defaultFor(data: SpecData, signal: AbortSignal): Promise<NetworkStudySpecInput> {
    const withSplit = (split: SplitInput) => ({ ...data, split }) as NetworkStudySpecInput['data'];
    const read = (split: SplitInput): Promise<Dataset | Error> => {
      const spec = onlyData({ data: withSplit(split) }) as unknown as NetworkStudySpecInput;
      return checker.dataset(parseSpec(spec), signal);
    };
    const given = data.split as SplitInput | undefined;
    const first = given ?? defaultSplit(null);
    const outcome = await read(first);
    if (outcome instanceof Error) return defaultSpec(withSplit(first), null);
    const nRows = outcome.train.nRows + outcome.validation.nRows + outcome.test.nRows;
    const wanted = given ?? defaultSplit(nRows);
    // Folds need more rows of every class than one split does.
    const isPossible = !('folds' in wanted) || !((await read(wanted)) instanceof Error);
    return defaultSpec(withSplit(isPossible ? wanted : first), {
      ...outcome,
      nTrainRows: outcome.train.nRows,
    });
  }

  return {
    'specs.form': async () => specForm(),
    'specs.default': async ({ data }, { signal }) =>
      (await defaultFor(data, signal)) as unknown as SpecData,
    'specs.check': async ({ spec, storageId }, { signal }) => {
      const isElsewhere = storageId !== undefined && storageId !== library.defaultStorageId;
      return checker.check(spec, isElsewhere ? storageId : null, signal);
    },
    'specs.load': async ({ from }) => {
      if (typeof from === 'string') {
        const loaded = loadSpec(from);
        return withoutDefaults(
          (await selfContained(loaded.spec, loaded.baseDir)).ownSpec as unknown as SpecData,
        );
      }
      const study = await library.storage(from.storageId).getStudy(from.studyId);
      return withoutDefaults({ ...specOf(study), name: study.studyName });
    },
  };
}
