import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type Markdown, parseMarkdown } from './markdown.ts';

/** As HTML, with the address of a link. */
function shown(parts: Markdown): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return part.replaceAll('<', '&lt;');
      const { tag, href, children } = part;
      return `<${tag}${href === undefined ? '' : ` ${href}`}>${shown(children)}</${tag}>`;
    })
    .join('');
}

describe("a model card's Markdown", () => {
  const READ: [what: string, source: string, blocks: string][] = [
    ['nothing', '', ''],
    [
      'headings and paragraphs, which go over several lines',
      '# A card #\n\nOne\ntwo.\n## Next\nThree.',
      '<h1>A card</h1><p>One two.</p><h2>Next</h2><p>Three.</p>',
    ],
    [
      'code, bold, italic and links within a line',
      'a `b` **c** _d_ *e* [f](https://example.org/g)',
      '<p>a <code>b</code> <strong>c</strong> <em>d</em> <em>e</em> <a https://example.org/g>f</a></p>',
    ],
    [
      'looks within looks, and within a link',
      '**a *b `c`*** [**d** e](https://example.org)',
      '<p><strong>a <em>b <code>c</code></em></strong> <a https://example.org><strong>d</strong> e</a></p>',
    ],
    [
      'underscores within words, and stars between spaces, are what they are',
      'a_b_c 2 * 3 * 4',
      '<p>a_b_c 2 * 3 * 4</p>',
    ],
    ...['javascript:alert(1)', 'data:text/html,x', '//a.org', '../elsewhere.md', '#data', 'mailto:a@example.org'].map(
      (href): [string, string, string] => [
        `HTML stays text, and so do the words of a link that does not lead to the web: ${href}`,
        `<script>alert(1)</script> [x](${href}), [![y](y.png)](${href}), [z][]\n\n[z]: ${href}`,
        '<p>&lt;script>alert(1)&lt;/script> x, y, z</p>',
      ],
    ),
    [
      'an address in the text is a link if it names its protocol; names of files and mailboxes are none',
      'https://example.org/a, see README.md, www.example.org, a@example.org',
      '<p><a https://example.org/a>https://example.org/a</a>, see README.md, www.example.org, a@example.org</p>',
    ],
    ['HTML stays text as a block as well', '<table>\n<tr>\n</table>', '<p>&lt;table> &lt;tr> &lt;/table></p>'],
    [
      'a picture is its description: none is loaded',
      '![a *chart*](https://example.org/chart.png) of [![it](https://example.org/it.svg)](https://example.org/it)',
      '<p>a *chart* of <a https://example.org/it>it</a></p>',
    ],
    [
      'a link without words has its address',
      '[](https://example.org)',
      '<p><a https://example.org>https://example.org</a></p>',
    ],
    ['a link without an address is its words', '[a]() b', '<p>a b</p>'],
    [
      'a quotation, and a rule',
      '> a\n> - b\n\n---\nc',
      '<blockquote><p>a</p><ul><li><p>b</p></li></ul></blockquote><hr></hr><p>c</p>',
    ],
    [
      'a table, whose cells may hold a bar',
      '| a | b |\n| --- | --: |\n| 1 | 2 \\| 3 |',
      '<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2 | 3</td></tr></tbody></table>',
    ],
    [
      'a list with a block of its own in an item',
      '- one\n  more\n\n  | a |\n  | - |\n  | 1 |\n- two',
      '<ul><li><p>one more</p><table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table></li><li><p>two</p></li></ul>',
    ],
    [
      'a numbered list behind another one',
      '- a\n1. b\n2. c',
      '<ul><li><p>a</p></li></ul><ol><li><p>b</p></li><li><p>c</p></li></ol>',
    ],
    [
      'code over several lines, even without an end',
      '```sh\n# no heading\n\n- no list',
      '<pre># no heading\n\n- no list</pre>',
    ],
    [
      'a table whose rows have fewer or more cells, or none',
      '| a | b |\n|---|---|\n| 1 |\n| 2 | 3 | 4 |',
      '<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td></td></tr><tr><td>2</td><td>3</td></tr></tbody></table>',
    ],
    ['a bar that begins no table', '| a | b', '<p>| a | b</p>'],
  ];
  for (const [what, source, blocks] of READ) test(what, () => assert.equal(shown(parseMarkdown(source)), blocks));

  test('the bundled card is read whole', () => {
    const card = readFileSync(new URL('../models/droughtwatch-baseline/1.0.0/README.md', import.meta.url), 'utf8');
    const tags = parseMarkdown(card).map((part) => (typeof part === 'string' ? part : part.tag));
    assert.deepEqual(new Set(tags), new Set(['h1', 'h2', 'h3', 'p', 'table', 'ul']));
    const said = JSON.stringify(parseMarkdown(card));
    const shown = card.replaceAll(/\]\([^)]*\)/g, ']'); // without the addresses of links
    for (const word of shown.match(/[\p{L}\d]{4,}/gu) ?? []) assert.ok(said.includes(word), word);
  });

  test('that is too long to parse is shown as plain text, from the beginning of a line', () => {
    const source = `# A card\n\n${'A line of *it*.\n'.repeat(20_000)}`;
    const [heading, read, rest, ...others] = parseMarkdown(source).map((part) => shown([part]));
    assert.equal(heading, '<h1>A card</h1>');
    assert.match(read!, /^<p>(A line of <em>it<\/em>\. ?)+<\/p>$/);
    assert.match(rest!, /^<pre>(A line of \*it\*\.\n)+<\/pre>$/);
    assert.equal(read!.split('<em>').length - 1 + rest!.split('\n').length - 1, 20_000);
    assert.deepEqual(others, []);
    assert.equal(parseMarkdown('a'.repeat(300_000)).length, 2);
  });
});

describe('160 kB of hard Markdown take no longer than 160 kB of any other', () => {
  const of = (piece: string) => piece.repeat(160_000 / piece.length);
  const deeper = (line: (depth: number) => string) => Array.from({ length: 550 }, (_, i) => line(i)).join('\n');
  const INPUTS = [
    ...'[ ![ ]( [a]( [] [a][ * a* _ a_ *_ ` <!-- > | |a |- \\ & # ```a ~ http:// a@a.'.split(' ').map(of),
    ...['[a]: b\n', '**a *b ', '`a ', '<', '<div>\n', '> a\n', '- a\n', '> - ', 'a|\n', ' ', ' \n', '\t'].map(of),
    ...['\n', '# a\n', '```\n', '- a\n> b\n', '> a\nb\n', '- ', '1. ', '<a href="'].map(of),
    `a${of(' ')}b`,
    `# a${of(' #')} b`,
    `a\n${of('=')}`,
    `- a\n${of('b\n')}`,
    `[a](${of('(')}`,
    `${of('[')}a${of('](b)')}`,
    `${of('*')}a${of('*')}`,
    `|${'a|'.repeat(400)}\n|${'-|'.repeat(400)}\n${of('|\n')}`,
    deeper((depth) => `${'>'.repeat(depth)}a`),
    deeper((depth) => `${'  '.repeat(depth)}- a`),
    Array.from({ length: 560 }, (_, i) => '`'.repeat(i + 1)).join(' '),
  ];
  for (const input of INPUTS)
    test(JSON.stringify(input.slice(0, 20)), () => {
      const { user } = process.threadCpuUsage(); // not the clock, which would tell of how busy the machine is
      parseMarkdown(input);
      const seconds = (process.threadCpuUsage().user - user) / 1e6;
      assert.ok(seconds < 4, `${seconds} s`); // a tenth of it on a machine that has nothing else to do
    });
});
