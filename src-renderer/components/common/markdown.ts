/**
 * Markdown as the nodes of a page. The text never becomes markup: every element is made here, from the kinds of thing that Markdown knows, with the few
 * attributes below.
 */
import MarkdownIt, { type StateCore, type Token } from 'markdown-it';
import { h, type VNode } from 'vue';

import { text } from '../../text.ts';

type Node = VNode | string;

/** Notes stand under the headings of the page. */
const HEADING_OFFSET = 3;
const LINK_PROTOCOLS: readonly string[] = ['http:', 'https:', 'mailto:'];

const parser = new MarkdownIt({ html: false, linkify: true });
// `train.py` is a file, not a site in Paraguay.
parser.linkify.set({ fuzzyLink: false });
// What a link may lead to is decided where it is made; one that leads nowhere is shown as its text.
parser.validateLink = () => true;
parser.core.ruler.push('tasks', markTasks);

export function markdownNodes(source: string): Node[] {
  return toNodes(parser.parse(source, {}));
}

function toNodes(tokens: readonly Token[]): Node[] {
  const root: Node[] = [];
  const open: { readonly token: Token; readonly children: Node[] }[] = [];
  for (const token of tokens) {
    // The paragraphs of items without blank lines between them.
    if (token.hidden) continue;
    if (token.nesting === 1) {
      open.push({ token, children: [] });
      continue;
    }
    const ended = token.nesting === -1 ? open.pop() : undefined;
    const siblings = open.at(-1)?.children ?? root;
    siblings.push(...(ended ? [element(ended.token, ended.children)] : leaves(token)));
  }
  return root;
}

function element(token: Token, children: Node[]): Node {
  switch (token.type) {
    case 'heading_open':
      return h(`h${Math.min(6, Number(token.tag.slice(1)) + HEADING_OFFSET)}`, children);
    case 'link_open':
      return link(attribute(token, 'href'), children);
    case 'ordered_list_open':
      return h('ol', { start: attribute(token, 'start') }, children);
    case 'table_open':
      return h('div', { class: 'table' }, h('table', children));
    case 'th_open':
    case 'td_open':
      return h(token.tag, { style: attribute(token, 'style') }, children);
    default:
      return h(token.tag, children);
  }
}

function leaves(token: Token): Node[] {
  switch (token.type) {
    case 'inline':
      return toNodes(token.children ?? []);
    case 'code_inline':
      return [h('code', token.content)];
    case 'code_block':
    case 'fence':
      return [h('pre', { tabindex: 0 }, h('code', token.content))];
    case 'hardbreak':
      return [h('br')];
    case 'hr':
      return [h('hr')];
    case 'softbreak':
      return ['\n'];
    case 'image':
      // Nothing is fetched because of what a file says: who wants to see it follows the link.
      return [link(attribute(token, 'src'), [token.content || text.notes.image])];
    default:
      return [token.content];
  }
}

function attribute(token: Token, name: string): string | undefined {
  return token.attrGet(name)?.toString();
}

/** Opens outside of the program. */
function link(href: string | undefined, children: Node[]): Node {
  if (href === undefined || !URL.canParse(href) || !LINK_PROTOCOLS.includes(new URL(href).protocol))
    return h('span', children);
  return h('a', { href, title: href, target: '_blank', rel: 'noopener noreferrer' }, children);
}

/** `- [x] done` */
function markTasks({ tokens }: StateCore): void {
  tokens.forEach(({ type, children }, i) => {
    const first = children?.[0];
    if (type !== 'inline' || !first || tokens[i - 2]?.type !== 'list_item_open') return;
    first.content = first.content.replace(/^\[ \] /, '☐ ').replace(/^\[x\] /i, '☑ ');
  });
}
