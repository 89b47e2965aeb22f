import type { SpecSetting } from '../../../src-main/contract/specs.ts';

/** A number that may be tuned, with what is given. */
export function specSetting(path: string, change: Partial<SpecSetting> = {}): SpecSetting {
  return {
    path: path.split('.'),
    title: path,
    description: '',
    type: 'number',
    isInteger: false,
    min: null,
    max: null,
    options: [],
    isTunable: true,
    isPerLayer: false,
    isPerClass: false,
    paramName: null,
    isUsual: false,
    isRequired: false,
    default: null,
    start: 1,
    space: null,
    onlyIf: null,
    ...change,
  };
}
