import type { CDPSession, Page } from 'playwright-core';

/** Roles of what one can press, choose or type into: each must say what it is. */
const namedRoles = new Set([
  ...['button', 'link', 'checkbox', 'radio', 'switch', 'tab', 'menuitem', 'option', 'slider'],
  ...['textbox', 'searchbox', 'combobox', 'spinbutton', 'listbox', 'grid', 'dialog'],
  ...['navigation', 'table'],
]);

interface AxNode {
  readonly ignored: boolean;
  readonly role?: { readonly value: string };
  readonly name?: { readonly value: string };
  readonly backendDOMNodeId?: number;
  readonly properties?: readonly { readonly name: string; readonly value: { value?: unknown } }[];
}

/** What is wrong with the page for those who cannot see it, or see little of it; empty when nothing is. */
export async function findProblems(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  try {
    return [...(await namelessNodes(session)), ...(await page.evaluate<string[]>(pageChecks))];
  } finally {
    await session.detach();
  }
}

/** By the accessibility tree that Chromium gives to screen readers. */
async function namelessNodes(session: CDPSession): Promise<string[]> {
  const { nodes } = (await session.send('Accessibility.getFullAXTree')) as {
    nodes: readonly AxNode[];
  };
  const problems: string[] = [];
  for (const node of nodes) {
    const role = node.role?.value ?? '';
    if (node.ignored || !namedRoles.has(role) || node.name?.value.trim()) continue;
    const { outerHTML } = await htmlOf(session, node.backendDOMNodeId);
    problems.push(`a ${role} has no name: ${outerHTML.slice(0, 160)}`);
  }
  return problems;
}

async function htmlOf(
  session: CDPSession,
  backendNodeId: number | undefined,
): Promise<{ outerHTML: string }> {
  if (backendNodeId === undefined) return { outerHTML: '' };
  return (await session.send('DOM.getOuterHTML', { backendNodeId })) as { outerHTML: string };
}

/**
 * Runs in the page. Headings: one of the first level, none skips a level. Landmarks: one `main`. Text: contrast of 4.5, or 3 where it is large.
 * Pictures: a name, or hidden. Ids:
 * once each.
 */
const pageChecks = `(() => {
  const problems = [];
  const isShown = (element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    !element.closest('[aria-hidden=true], [inert]');
  const open = document.querySelector('dialog[open]');
  const scope = open ?? document.body;

  const headings = [...scope.querySelectorAll('h1, h2, h3, h4, h5, h6')].filter(isShown);
  const levels = headings.map(({ tagName }) => Number(tagName[1]));
  if (!open && levels.filter((level) => level === 1).length !== 1)
    problems.push('there must be one h1, but the headings are ' + headings.map((h) => h.tagName + ' ' + h.textContent.trim()).join(', '));
  levels.forEach((level, i) => {
    const isInMain = headings[i].closest('main');
    const before = levels.slice(0, i).filter((_, k) => Boolean(headings[k].closest('main')) === Boolean(isInMain)).at(-1);
    if (isInMain && before !== undefined && level > before + 1)
      problems.push('the heading "' + headings[i].textContent.trim() + '" skips a level (h' + before + ' to h' + level + ')');
  });
  if (document.querySelectorAll('main').length !== 1) problems.push('there must be one main landmark');

  // Naive UI's own icons lie in what has a name.
  for (const image of scope.querySelectorAll('img, svg, canvas, [role=img]'))
    if (isShown(image) && !image.closest('.n-base-icon, .n-icon, .n-checkbox') && !(image.getAttribute('aria-label') ?? image.getAttribute('alt') ?? image.querySelector('title')))
      problems.push('a picture has no name: ' + image.outerHTML.slice(0, 160));

  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i)))
    problems.push('the id ' + id + ' is there twice');

  const parse = (color) => {
    const [r = 0, g = 0, b = 0, a = 1] = (color.match(/[\\d.]+/g) ?? []).map(Number);
    return color.startsWith('color(srgb') ? [r * 255, g * 255, b * 255, a] : [r, g, b, a];
  };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const backgroundOf = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      layers.push(parse(style.backgroundColor));
      if (layers.at(-1)[3] === 1) break;
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  const walker = document.createTreeWalker(scope, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  while (walker.nextNode()) {
    const { parentElement: element, textContent } = walker.currentNode;
    if (!textContent.trim() || !element || seen.has(element) || !isShown(element)) continue;
    seen.add(element);
    if (element.closest('svg, canvas, :disabled, [aria-disabled=true], .n-button--disabled, .visually-hidden, style, script')) continue;
    const style = getComputedStyle(element);
    const background = backgroundOf(element);
    const color = over(parse(style.color), background);
    const [light, dark] = [luminance(color), luminance(background)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if (ratio < needed - 0.01)
      problems.push('"' + textContent.trim().slice(0, 40) + '" has a contrast of ' + ratio.toFixed(2) + ' (' + element.className + ')');
  }
  return problems;
})()`;

/** Elements that Tab reaches, in order, until it comes round; each says whether one sees that it has the focus. */
export async function tabStops(
  page: Page,
  limit = 80,
): Promise<{ name: string; isVisible: boolean }[]> {
  await page.evaluate(`(() => {
    document.activeElement?.blur();
    // What stays from page to page was marked by the walk before.
    for (const element of document.querySelectorAll('[data-test-stop]')) delete element.dataset.testStop;
    const looks = (element) => {
      const all = [];
      for (let at = element, i = 0; at && i < 4; at = at.parentElement, i++) {
        const s = getComputedStyle(at);
        all.push(s.outlineStyle, s.outlineWidth, s.boxShadow, s.borderColor, s.backgroundColor);
        // The component library draws the frame of a field as a part beside it.
        for (const part of at.querySelectorAll('[class*=state-border]'))
          all.push(getComputedStyle(part).boxShadow, getComputedStyle(part).borderColor);
      }
      return all.join('|');
    };
    window.testLooks = looks;
    window.testUnfocused = new WeakMap();
    for (const element of document.querySelectorAll('a, button, input, select, textarea, summary, [tabindex], pre'))
      window.testUnfocused.set(element, looks(element));
  })()`);
  const stops: { name: string; isVisible: boolean; isFirst: boolean }[] = [];
  for (let i = 0; i < limit; i++) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate<{ name: string; isVisible: boolean; isFirst: boolean } | null>(
      `(async () => {
        const element = document.activeElement;
        if (!element || element === document.body) return null;
        const isFirst = element.dataset.testStop !== undefined;
        element.dataset.testStop = '';
        await Promise.allSettled(document.getAnimations().map(({ finished }) => finished));
        const before = window.testUnfocused.get(element);
        return {
          name: element.getAttribute('aria-label') ?? element.textContent.trim().slice(0, 40) ?? element.tagName,
          isVisible: before === undefined || before !== window.testLooks(element),
          isFirst,
        };
      })()`,
    );
    if (stop === null || stop.isFirst) break;
    stops.push(stop);
  }
  return stops;
}
