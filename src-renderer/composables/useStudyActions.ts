import { NButton, NInput, useDialog, useMessage } from 'naive-ui';
import { h, ref } from 'vue';

import type { StudySummary } from '../../src-main/contract/library.ts';
import CopyStudyForm from '../components/library/CopyStudyForm.vue';
import { countTrials } from '../components/library/search-studies.ts';
import { useLibraryStore } from '../stores/library.ts';
import { useOpenStudiesStore } from '../stores/open-studies.ts';
import { useUndoStore } from '../stores/undo.ts';
import { text } from '../text.ts';
import { useAction } from './useAction.ts';
import { useNewStudyFrom } from './useNewStudyFrom.ts';
import { useChannel } from './useChannel.ts';
import { useErrorMessage } from './useErrorMessage.ts';

/** The user attribute that holds a study's tags. */
const TAGS_ATTR = 'parzen:tags';

const hintStyle = {
  marginTop: 'var(--space-1)',
  color: 'var(--color-text-3)',
  fontSize: 'var(--text-small)',
};

export interface UseStudyActionsReturn {
  readonly rename: (study: StudySummary) => void;
  readonly duplicate: (study: StudySummary) => void;
  /** Its spec is where a new study begins. */
  readonly clone: (study: StudySummary) => Promise<void>;
  /** Tags of one study, or those that several share. */
  readonly editTags: (studies: readonly StudySummary[]) => void;
  /** Deletes at once; it can be taken back for some minutes. */
  readonly remove: (studies: readonly StudySummary[]) => Promise<void>;
}

/** What can be done with studies of the library; what goes wrong is told. */
export function useStudyActions(): UseStudyActionsReturn {
  const channel = useChannel();
  const library = useLibraryStore();
  const openStudies = useOpenStudiesStore();
  const undoStore = useUndoStore();
  const dialog = useDialog();
  const message = useMessage();
  const tell = useErrorMessage();

  async function attempt(action: () => Promise<unknown>): Promise<boolean> {
    try {
      await action();
      await library.refresh();
      return true;
    } catch (error) {
      tell(error);
      return false;
    }
  }

  /** The dialog stays open when the action fails, so that another answer can be tried. */
  function ask(
    title: string,
    initial: string,
    action: (answer: string) => Promise<unknown>,
    options: { label: string; hint?: string; canBeEmpty?: boolean },
  ): void {
    const answer = ref(initial);
    const isMissing = (): boolean => !options.canBeEmpty && answer.value.trim() === '';
    const confirm = async (): Promise<void> => {
      if (!isMissing() && (await attempt(() => action(answer.value.trim())))) shown.destroy();
    };
    const shown = dialog.create({
      title: title.replace('…', ''),
      showIcon: false,
      content: () => [
        h(NInput, {
          value: answer.value,
          maxlength: 512,
          autofocus: true,
          placeholder: '',
          inputProps: { 'aria-label': options.label },
          'onUpdate:value': (value: string) => (answer.value = value),
          onKeydown: (event: KeyboardEvent) => {
            if (event.key === 'Enter') void confirm();
          },
        }),
        options.hint ? h('p', { style: hintStyle }, options.hint) : null,
      ],
      action: () => [
        h(NButton, { size: 'small', onClick: () => shown.destroy() }, () => text.common.cancel),
        h(
          NButton,
          { size: 'small', type: 'primary', disabled: isMissing(), onClick: () => confirm() },
          () => text.common.save,
        ),
      ],
    });
  }

  function rename({ key, studyName }: StudySummary): void {
    const action = (name: string): Promise<void> =>
      channel.call('studies.rename', { key, studyName: name });
    ask(text.library.rename, studyName, action, { label: text.library.newName });
  }

  function duplicate(study: StudySummary): void {
    const shown = dialog.create({
      title: text.library.duplicate.replace('…', ''),
      showIcon: false,
      content: () => h(CopyStudyForm, { study, onDone: () => shown.destroy() }),
    });
  }

  const newStudyFrom = useNewStudyFrom();
  const { run: clone } = useAction(({ key }: StudySummary) => newStudyFrom(key));

  function editTags(studies: readonly StudySummary[]): void {
    const shared = sharedTags(studies);
    ask(text.library.editTags, shared.join(', '), (typed) => setTags(studies, shared, typed), {
      label: text.library.tags,
      hint: studies.length > 1 ? text.library.sharedTags(studies.length) : text.library.tagsHint,
      canBeEmpty: true,
    });
  }

  async function setTags(
    studies: readonly StudySummary[],
    shared: readonly string[],
    typed: string,
  ): Promise<void> {
    const wanted = [...new Set(typed.split(',').map((tag) => tag.trim()))].filter(Boolean);
    for (const { key, tags } of studies) {
      const own = tags.filter((tag) => !shared.includes(tag) && !wanted.includes(tag));
      await channel.call('studies.setUserAttr', {
        key,
        name: TAGS_ATTR,
        value: [...own, ...wanted],
      });
    }
  }

  const { run: remove } = useAction(async (studies: readonly StudySummary[]) => {
    const deleted: StudySummary[] = [];
    try {
      for (const study of studies) {
        await channel.call('studies.delete', { key: study.key });
        openStudies.close(study.key);
        deleted.push(study);
      }
    } finally {
      await library.refresh();
      if (deleted.length > 0)
        undoStore.offer({
          label: text.library.deleted(
            deleted.length === 1 ? (deleted[0]?.studyName ?? '') : null,
            deleted.length,
            deleted.reduce((sum, study) => sum + countTrials(study), 0),
          ),
          undo: async () => {
            for (const { key } of deleted) await channel.call('studies.restore', { key });
            await library.refresh();
          },
        });
    }
  });

  /** What cannot be deleted now is said before anything is. */
  function removeUnlessRunning(studies: readonly StudySummary[]): Promise<void> {
    const running = studies.find(({ run }) => run !== null && run.endedAtMs === null);
    if (!running) return remove(studies);
    message.warning(text.library.cannotDeleteRunning(running.studyName), { closable: true });
    return Promise.resolve();
  }

  return { rename, duplicate, clone, editTags, remove: removeUnlessRunning };
}

/** The tags that all of them have. */
function sharedTags(studies: readonly StudySummary[]): string[] {
  const [first, ...others] = studies;
  return (first?.tags ?? []).filter((tag) => others.every(({ tags }) => tags.includes(tag)));
}
