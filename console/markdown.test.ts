import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type Block, blocksOf, type Inline } from './markdown.ts';

const text = (words: string): Inline => ({ text: words });
const paragraph = (...line: Inline[]): Block => ({ kind: 'paragraph', line });

describe("a model card's Markdown", () => {
  const READ: { name: string; source: string; blocks: Block[] }[] = [
    { name: 'nothing', source: '', blocks: [] },
    {
      name: 'headings and paragraphs, which go over several lines',
      source: '# A card #\n\nOne\ntwo.\n## Next\nThree.',
      blocks: [
        { kind: 'heading', level: 1, line: [text('A card')] },
        paragraph(text('One two.')),
        { kind: 'heading', level: 2, line: [text('Next')] },
        paragraph(text('Three.')),
      ],
    },
    {
      name: 'code, bold, italic and links within a line',
      source: 'a `b` **c** _d_ *e* [f](https://example.org/g)',
      blocks: [
        paragraph(
          text('a '),
          { text: 'b', isCode: true },
          text(' '),
          { text: 'c', isBold: true },
          text(' '),
          { text: 'd', isItalic: true },
          text(' '),
          { text: 'e', isItalic: true },
          text(' '),
          { href: 'https://example.org/g', line: [{ text: 'f' }] },
        ),
      ],
    },
    {
      name: 'looks within looks, and within a link',
      source: '**a *b `c`*** [**d** e](https://example.org)',
      blocks: [
        paragraph(
          { text: 'a ', isBold: true },
          { text: 'b ', isBold: true, isItalic: true },
          { text: 'c', isCode: true, isBold: true, isItalic: true },
          text(' '),
          { href: 'https://example.org', line: [{ text: 'd', isBold: true }, { text: ' e' }] },
        ),
      ],
    },
    {
      name: 'underscores within words, and stars between spaces, are what they are',
      source: 'a_b_c 2 * 3 * 4',
      blocks: [paragraph(text('a_b_c 2 * 3 * 4'))],
    },
    ...['javascript:alert(1)', 'data:text/html,x', '//a.org', '../elsewhere.md', '#data', 'mailto:a@example.org'].map(
      (href) => ({
        name: `HTML stays text, and so do the words of a link that does not lead to the web: ${href}`,
        source: `<script>alert(1)</script> [x](${href}), [![y](y.png)](${href}), [z][]\n\n[z]: ${href}`,
        blocks: [paragraph(text('<script>alert(1)</script> x, y, z'))],
      }),
    ),
    {
      name: 'an address in the text is a link if it names its protocol; names of files and mailboxes are none',
      source: 'https://example.org/a, see README.md, www.example.org, a@example.org',
      blocks: [
        paragraph(
          { href: 'https://example.org/a', line: [{ text: 'https://example.org/a' }] },
          text(', see README.md, www.example.org, a@example.org'),
        ),
      ],
    },
    {
      name: 'HTML stays text as a block as well',
      source: '<table>\n<tr>\n</table>',
      blocks: [paragraph(text('<table> <tr> </table>'))],
    },
    {
      name: 'a picture is its description: none is loaded',
      source:
        '![a *chart*](https://example.org/chart.png) of [![it](https://example.org/it.svg)](https://example.org/it)',
      blocks: [paragraph(text('a *chart* of '), { href: 'https://example.org/it', line: [{ text: 'it' }] })],
    },
    {
      name: 'a link without words has its address',
      source: '[](https://example.org)',
      blocks: [paragraph({ href: 'https://example.org', line: [{ text: 'https://example.org' }] })],
    },
    { name: 'a link without an address is its words', source: '[a]() b', blocks: [paragraph(text('a b'))] },
    {
      name: 'a quotation, and a rule',
      source: '> a\n> - b\n\n---\nc',
      blocks: [
        {
          kind: 'quote',
          blocks: [paragraph(text('a')), { kind: 'list', isNumbered: false, items: [[paragraph(text('b'))]] }],
        },
        { kind: 'rule' },
        paragraph(text('c')),
      ],
    },
    {
      name: 'a table, whose cells may hold a bar',
      source: '| a | b |\n| --- | --: |\n| 1 | 2 \\| 3 |',
      blocks: [{ kind: 'table', head: [[text('a')], [text('b')]], rows: [[[text('1')], [text('2 | 3')]]] }],
    },
    {
      name: 'a list with a block of its own in an item',
      source: '- one\n  more\n\n  | a |\n  | - |\n  | 1 |\n- two',
      blocks: [
        {
          kind: 'list',
          isNumbered: false,
          items: [
            [paragraph(text('one more')), { kind: 'table', head: [[text('a')]], rows: [[[text('1')]]] }],
            [paragraph(text('two'))],
          ],
        },
      ],
    },
    {
      name: 'a numbered list behind another one',
      source: '- a\n1. b\n2. c',
      blocks: [
        { kind: 'list', isNumbered: false, items: [[paragraph(text('a'))]] },
        { kind: 'list', isNumbered: true, items: [[paragraph(text('b'))], [paragraph(text('c'))]] },
      ],
    },
    {
      name: 'code over several lines, even without an end',
      source: '```sh\n# no heading\n\n- no list',
      blocks: [{ kind: 'code', text: '# no heading\n\n- no list' }],
    },
    {
      name: 'a table whose rows have fewer or more cells, or none',
      source: '| a | b |\n|---|---|\n| 1 |\n| 2 | 3 | 4 |',
      blocks: [
        {
          kind: 'table',
          head: [[text('a')], [text('b')]],
          rows: [
            [[text('1')], []],
            [[text('2')], [text('3')]],
          ],
        },
      ],
    },
    { name: 'a bar that begins no table', source: '| a | b', blocks: [paragraph(text('| a | b'))] },
  ];
  for (const { name, source, blocks } of READ) test(name, () => assert.deepEqual(blocksOf(source), blocks));

  test('the bundled card is read whole', () => {
    const card = readFileSync(new URL('../models/droughtwatch-baseline/1.0.0/README.md', import.meta.url), 'utf8');
    const kinds = blocksOf(card).map(({ kind }) => kind);
    assert.deepEqual(new Set(kinds), new Set(['heading', 'paragraph', 'table', 'list']));
    const said = JSON.stringify(blocksOf(card));
    const shown = card.replaceAll(/\]\([^)]*\)/g, ']'); // without the addresses of links
    for (const word of shown.match(/[\p{L}\d]{4,}/gu) ?? []) assert.ok(said.includes(word), word);
  });

  test('that is too long to parse is shown as plain text, from the beginning of a line', () => {
    const source = `# A card\n\n${'A line of *it*.\n'.repeat(20_000)}`;
    const [heading, read, rest, ...others] = blocksOf(source);
    assert.deepEqual(heading, { kind: 'heading', level: 1, line: [text('A card')] });
    assert.ok(read?.kind === 'paragraph' && rest?.kind === 'code');
    assert.match(rest.text, /^(A line of \*it\*\.\n)+$/);
    assert.equal(read.line.filter((part) => 'isItalic' in part).length + rest.text.split('\n').length - 1, 20_000);
    assert.deepEqual(others, []);
    assert.equal(blocksOf('a'.repeat(300_000)).length, 2);
  });
});

describe('160 kB of hard Markdown take no longer than 160 kB of any other', () => {
  const of = (piece: string) => piece.repeat(160_000 / piece.length);
  const deeper = (line: (depth: number) => string) => Array.from({ length: 550 }, (_, i) => line(i)).join('\n');
  const INPUTS = [
    ...['[', '![', '](', '[a](', '[]', '[a][', '[a]: b\n', '*', 'a*', '**a *b ', '_', 'a_', '*_', '`', '`a '].map(of),
    ...['<', '<!--', '<a href="', '<div>\n', '>', '> a\n', '- ', '- a\n', '1. ', '> - ', '|', '|a', 'a|\n', '|-'].map(
      of,
    ),
    ...[
      ' ',
      ' \n',
      '\t',
      '\n',
      '\\',
      '&',
      '#',
      '# a\n',
      '```\n',
      '```a',
      '~',
      'http://',
      'a@a.',
      '- a\n> b\n',
      '> a\nb\n',
    ].map(of),
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
      blocksOf(input);
      const seconds = (process.threadCpuUsage().user - user) / 1e6;
      assert.ok(seconds < 4, `${seconds} s`); // a tenth of it on a machine that has nothing else to do
    });
});
