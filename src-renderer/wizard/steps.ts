import type { SpecData, SpecProblem } from '../../src-main/contract/specs.ts';

export const wizardSteps = ['data', 'network', 'training', 'search', 'review'] as const;
export type WizardStep = (typeof wizardSteps)[number];

const stepOfSection: Readonly<Record<string, WizardStep>> = {
  data: 'data',
  network: 'network',
  training: 'training',
  objective: 'training',
  name: 'review',
  description: 'review',
};

/** The step that asks for what a problem is about. */
export function stepOf({ path: [section] }: SpecProblem): WizardStep {
  return section === undefined ? 'review' : (stepOfSection[String(section)] ?? 'search');
}

/** Whether the steps can ask for what a study's spec says: not where it names a program of one's own, and not where there is none. */
export function hasSteps(spec: SpecData | null): boolean {
  return spec !== null && spec.data !== undefined;
}
