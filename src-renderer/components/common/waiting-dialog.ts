/**
 * Whether a dialog waits for an answer, so that nothing else should begin: its mask keeps only the pointer away. One that is fading
 * out waits for none.
 */
export function isDialogWaiting(): boolean {
  return document.querySelector('.n-modal:not(.fade-in-scale-up-transition-leave-active)') !== null;
}
