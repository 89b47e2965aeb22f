import type { StudyKey } from '../../src-main/contract/library.ts';
import type { SpecData } from '../../src-main/contract/specs.ts';
import { wizardSteps, type WizardStep } from '../wizard/steps.ts';

/** What a window that is loaded again goes on with. */
export interface Draft {
  readonly spec: SpecData;
  readonly step: WizardStep;
  readonly storageId: string | null;
  /** Whether network, training or search were chosen by the user, so that another target does not choose them anew. */
  readonly isShaped: boolean;
  /** Whether the name is the user's, and not made from the table. */
  readonly isNamed: boolean;
  readonly origin: DraftOrigin | null;
}

/** The study whose spec the draft began with. */
export interface DraftOrigin {
  readonly key: StudyKey;
  readonly studyName: string;
  /** Whether the new study is to begin with its trials. */
  readonly takesTrials: boolean;
}

export const emptyDraft: Draft = {
  spec: {},
  step: 'data',
  storageId: null,
  isShaped: false,
  isNamed: false,
  origin: null,
};

const STORAGE_NAME = 'parzen.new-study';

export function loadDraft(): Draft {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(STORAGE_NAME) ?? 'null');
    if (typeof stored !== 'object' || stored === null) return emptyDraft;
    const { spec, step } = stored as Partial<Draft>;
    return typeof spec === 'object' && wizardSteps.includes(step as WizardStep)
      ? { ...emptyDraft, ...stored }
      : emptyDraft;
  } catch {
    return emptyDraft;
  }
}

export function saveDraft(draft: Draft): void {
  try {
    sessionStorage.setItem(STORAGE_NAME, JSON.stringify(draft));
  } catch {
    // Storage may be full or forbidden: then nothing is remembered.
  }
}
