import type { UntrustedProgram } from '../../src-main/contract/runs.ts';
import { defineQuestionStore } from './question.ts';

/** The question whether a study's own program may run on this machine; `TrustDialog` asks it. */
export const useTrustStore = defineQuestionStore<UntrustedProgram>('trust');
