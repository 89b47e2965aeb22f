import { createSSRApp, h } from 'vue';
import { renderToString } from 'vue/server-renderer';
import { describe, expect, it } from 'vitest';

import { markdownNodes } from '../../../src-renderer/components/common/markdown.ts';
import { text } from '../../../src-renderer/text.ts';

/** What a browser would be given, without the marks of Vue. */
async function rendered(source: string): Promise<string> {
  const html = await renderToString(
    createSSRApp({ render: () => h('div', markdownNodes(source)) }),
  );
  return html.slice('<div>'.length, -'</div>'.length).replaceAll(' style=""', '');
}

describe('markdownNodes', () => {
  it.each([
    ['# Title', '<h4>Title</h4>'],
    ['###### small', '<h6>small</h6>'],
    [
      '**bold** *it* ~~no~~ `x < y`',
      '<p><strong>bold</strong> <em>it</em> <s>no</s> <code>x &lt; y</code></p>',
    ],
    ['a\nb  \nc', '<p>a\nb<br>c</p>'],
    ['- a\n- b', '<ul><li>a</li><li>b</li></ul>'],
    ['- a\n\n- b', '<ul><li><p>a</p></li><li><p>b</p></li></ul>'],
    ['3. a', '<ol start="3"><li>a</li></ol>'],
    [
      '- [ ] to do\n- [x] done\n- [y] text',
      '<ul><li>☐ to do</li><li>☑ done</li><li>[y] text</li></ul>',
    ],
    ['[x] no item', '<p>[x] no item</p>'],
    ['> said', '<blockquote><p>said</p></blockquote>'],
    ['---', '<hr>'],
    ['```py\n<i>\n```', '<pre tabindex="0"><code>&lt;i&gt;\n</code></pre>'],
    [
      '|a|b|\n|-|-:|\n|1|2|',
      '<div class="table"><table><thead><tr><th>a</th><th style="text-align:right">b</th></tr></thead>' +
        '<tbody><tr><td>1</td><td style="text-align:right">2</td></tr></tbody></table></div>',
    ],
  ])('makes %j what it means', async (source, html) => {
    expect(await rendered(source)).toBe(html);
  });

  it.each([
    ['[t](https://a.b/c?d)', 'https://a.b/c?d'],
    ['[t](http://a.b)', 'http://a.b'],
    ['<t@a.b>', 'mailto:t@a.b'],
    ['see https://a.b/c.', 'https://a.b/c'],
  ])('links %j outside', async (source, href) => {
    expect(await rendered(source)).toContain(
      `<a href="${href}" title="${href}" target="_blank" rel="noopener noreferrer">`,
    );
  });

  it.each([
    '[t](javascript:alert(1))',
    '[t](JaVaScRiPt:alert(1))',
    '[t](&#106;avascript:alert(1))',
    '[t](data:text/html,<script>1</script>)',
    '[t](file:///etc/passwd)',
    '[t](vbscript:x)',
    '[t](relative.md)',
    '[t](//a.b)',
    'train.py',
  ])('makes no link of %j', async (source) => {
    expect(await rendered(source)).not.toMatch(/<a|href/);
  });

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<b onclick="alert(1)">b</b>',
    'a <iframe src="https://a.b"></iframe>',
    '```"><script>\nx\n```',
    '[t](https://a.b "\\"><script>")',
    '&lt;script&gt;',
  ])('makes no element of %j', async (source) => {
    expect(await rendered(source)).not.toMatch(/<(?!\/?(p|a|pre|code)\b)/);
  });

  it('loads no image, and leads to those that are somewhere', async () => {
    expect(await rendered('![a plot](https://a.b/c.png)')).toBe(
      '<p><a href="https://a.b/c.png" title="https://a.b/c.png" target="_blank" rel="noopener noreferrer">a plot</a></p>',
    );
    expect(await rendered('![a plot](data:image/png;base64,AAAA)')).toBe(
      '<p><span>a plot</span></p>',
    );
    // A link without a text could not be seen.
    expect(await rendered('![](https://a.b/c.png)')).toContain(`>${text.notes.image}</a>`);
  });

  it('nests no deeper than a page can take', async () => {
    const html = await rendered(`${'>'.repeat(5000)} deep`);
    expect(html.match(/<blockquote>/g)?.length).toBeLessThanOrEqual(100);
  });
});
