import { defineStore } from 'pinia';
import { shallowRef } from 'vue';

import type { UntrustedProgram } from '../../src-main/contract/runs.ts';

/** The question whether a study's own program may run on this machine; `TrustDialog` asks it. */
export const useTrustStore = defineStore('trust', () => {
  const question = shallowRef<UntrustedProgram | null>(null);
  let answerWaiting: (isTrusted: boolean) => void = () => {};

  /** Resolves with the user's answer. A question that is still open is answered with no. */
  function ask(program: UntrustedProgram): Promise<boolean> {
    answerWaiting(false);
    question.value = program;
    return new Promise((resolve) => (answerWaiting = resolve));
  }

  function answer(isTrusted: boolean): void {
    question.value = null;
    answerWaiting(isTrusted);
  }

  return { question, ask, answer };
});
