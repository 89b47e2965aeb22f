/** Whether text is typed there, so that letters and Ctrl+Z belong to it. */
export function isTextField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement)
    return !['checkbox', 'radio', 'button', 'range', 'submit', 'color'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target.isContentEditable;
}
