import { defineStore } from 'pinia';
import { shallowRef } from 'vue';

/** A store that asks the user one thing at a time; a dialog shows `question` and calls `answer`. */
export function defineQuestionStore<Question>(id: string) {
  return defineStore(id, () => {
    const question = shallowRef<Question | null>(null);
    let answerWaiting: (isYes: boolean) => void = () => {};

    /** Resolves with the user's answer. A question that is still open is answered with no. */
    function ask(about: Question): Promise<boolean> {
      answerWaiting(false);
      question.value = about;
      return new Promise((resolve) => (answerWaiting = resolve));
    }

    function answer(isYes: boolean): void {
      question.value = null;
      answerWaiting(isYes);
    }

    return { question, ask, answer };
  });
}
