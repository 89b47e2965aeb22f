import type { ModelChoice, ModelsOverview } from '../../../src-main/contract/models.ts';
import { text } from '../../text.ts';

interface ChoiceOption {
  readonly value: string;
  readonly label: string;
  readonly choice: ModelChoice;
}

/** What can be tested and handed on, the most worth first: what was trained again, the best trials together, and each alone. */
export function modelChoices({ checkpoints, retrained }: ModelsOverview): ChoiceOption[] {
  const there = checkpoints.filter(({ sizeBytes }) => sizeBytes !== null);
  const choices: ModelChoice[] = [
    ...retrained.map(({ id }) => ({ type: 'retrained' as const, id })),
    ...there.map(({ trialNumber }) => ({ type: 'trial' as const, trialNumber })),
    ...(there.length > 1 ? [{ type: 'ensemble' as const, size: there.length }] : []),
  ];
  return choices.map((choice) => ({
    value: JSON.stringify(choice),
    label: choiceTitle(choice, { retrained }),
    choice,
  }));
}

export function choiceTitle(
  choice: ModelChoice,
  { retrained }: Pick<ModelsOverview, 'retrained'>,
): string {
  const model = retrained.find(({ id }) => choice.type === 'retrained' && id === choice.id);
  return model
    ? text.model.retrainedChoice(model.trialNumbers, model.members.length, model.rows)
    : text.model.choice(choice);
}
