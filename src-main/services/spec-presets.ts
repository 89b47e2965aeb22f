import type { SpecPreset } from '../contract/specs.ts';
import { loadSpec } from '../training/spec.ts';
import { withoutDefaults } from '../training/spec-text.ts';

/** Networks and spaces to begin with, the course notebook's among them. */
export function specPresets(): SpecPreset[] {
  const { network, training } = withoutDefaults(loadSpec('iris').spec);
  return [
    {
      title: 'Notebook',
      description:
        'As in the course notebook: 1 to 3 layers of 32 to 256 units, dropout, and Adam.',
      sections: { network, training },
    },
    {
      title: 'Small',
      description: 'One or two narrow layers: for few rows, and for a quick first look.',
      sections: {
        network: {
          depth: { int: [1, 2] },
          width: { int: [4, 64], log: true },
          activation: { choices: ['relu', 'tanh'] },
          dropout: { float: [0, 0.3] },
        },
      },
    },
    {
      title: 'Wide',
      description: 'One or two layers of up to 1024 units: for many features.',
      sections: {
        network: {
          depth: { int: [1, 2] },
          width: { int: [64, 1024], log: true },
          activation: { choices: ['relu', 'gelu'] },
          dropout: { float: [0, 0.6] },
        },
      },
    },
    {
      title: 'Deep',
      description:
        'Three to eight layers whose widths follow a shape, with weights that start in step.',
      sections: {
        network: {
          depth: { int: [3, 8] },
          shape: { choices: ['constant', 'pyramid', 'hourglass'] },
          width: { int: [32, 256], log: true },
          activation: { choices: ['relu', 'gelu', 'selu'] },
          dropout: { float: [0, 0.4] },
          init: { choices: ['heNormal', 'orthogonal'] },
        },
      },
    },
  ];
}
