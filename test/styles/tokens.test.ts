import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { trialStates } from '../../src-main/tuner/trial/frozen-trial.ts';

const css = readFileSync(new URL('../../src-renderer/styles/tokens.css', import.meta.url), 'utf8');

type Tokens = ReadonlyMap<string, string>;

/** The tokens of a theme: what the first rule and the theme's own say. */
function readTokens(selector: string): Tokens {
  const tokens = new Map<string, string>();
  for (const [, selectors = '', body = ''] of css.matchAll(/([^{}]+)\{([^{}]*)\}/g))
    if (selectors.includes(selector) || selectors.trim().endsWith(':root'))
      for (const [, name = '', value = ''] of body.matchAll(/--([\w-]+):\s*([^;]+);/g))
        tokens.set(name, value.trim());
  return tokens;
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((start) => {
    const share = Number.parseInt(hex.slice(start, start + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** As WCAG 2.2 defines it. */
function contrast(tokens: Tokens, a: string, b: string): number {
  const [x, y] = [a, b].map((name) => {
    const value = tokens.get(name) ?? '';
    expect(value, name).toMatch(/^#[\da-f]{6}$/);
    return luminance(value);
  }) as [number, number];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

describe.each(["[data-theme='light']", "[data-theme='dark']"])('%s', (theme) => {
  const tokens = readTokens(theme);
  const surfaces = ['color-app', 'color-nav', 'color-surface', 'color-sunken'];

  it.each(['color-text', 'color-text-2', 'color-text-3', 'color-accent'])(
    '%s can be read on every surface',
    (name) => {
      for (const surface of surfaces)
        expect(contrast(tokens, name, surface), surface).toBeGreaterThanOrEqual(4.5);
    },
  );

  it('can be read when hovered, selected and on buttons', () => {
    for (const surface of ['color-hover', 'color-selected'])
      for (const name of ['color-text-2', 'color-text-3'])
        expect(contrast(tokens, name, surface), `${name} on ${surface}`).toBeGreaterThanOrEqual(
          4.5,
        );
    for (const button of ['color-accent', 'color-accent-hover', 'color-accent-pressed'])
      expect(contrast(tokens, 'color-on-accent', button), button).toBeGreaterThanOrEqual(4.5);
    for (const message of ['color-danger', 'color-warning', 'color-success'])
      expect(contrast(tokens, message, 'color-surface'), message).toBeGreaterThanOrEqual(4.5);
  });

  it('has marks that stand out from the chart', () => {
    const states = trialStates.map((state) => `color-${state}`);
    const series = [1, 2, 3, 4, 5, 6].map((i) => `series-${i}`);
    for (const name of [...states, ...series, 'color-infeasible', 'color-best', 'color-focus'])
      expect(contrast(tokens, name, 'color-surface'), name).toBeGreaterThanOrEqual(3);
  });
});
