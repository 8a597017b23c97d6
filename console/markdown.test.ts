import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type Block, blocksOf, type Inline } from './markdown.ts';

/** A line as «» of each of its pieces: words with the letters of their looks (bold, italic, code), or the address of a link and its words. */
function shownLine(line: readonly Inline[]): string {
  return line
    .map((one) => {
      if ('href' in one) return `«${one.href}: ${shownLine(one.line)}»`;
      const looks = `${one.isBold ? 'b' : ''}${one.isItalic ? 'i' : ''}${one.isCode ? 'c' : ''}`;
      assert.deepEqual(Object.keys(one).length, 1 + looks.length);
      return `«${looks && `${looks}|`}${one.text}»`;
    })
    .join('');
}

/** Each block by its kind, and what is in it. */
function shown(blocks: readonly Block[]): string {
  return blocks
    .map((block): string => {
      switch (block.kind) {
        case 'heading':
          return `h${block.level}${shownLine(block.line)}`;
        case 'paragraph':
          return `p${shownLine(block.line)}`;
        case 'code':
          return `code«${block.text}»`;
        case 'list':
          return `${block.isNumbered ? 'ol' : 'ul'}(${block.items.map(shown).join(' | ')})`;
        case 'quote':
          return `quote(${shown(block.blocks)})`;
        case 'table':
          return `table(${[block.head, ...block.rows].map((row) => row.map(shownLine).join(' | ')).join(' / ')})`;
        default:
          return block.kind;
      }
    })
    .join(' ');
}

describe("a model card's Markdown", () => {
  const READ: [what: string, source: string, blocks: string][] = [
    ['nothing', '', ''],
    [
      'headings and paragraphs, which go over several lines',
      '# A card #\n\nOne\ntwo.\n## Next\nThree.',
      'h1«A card» p«One two.» h2«Next» p«Three.»',
    ],
    [
      'code, bold, italic and links within a line',
      'a `b` **c** _d_ *e* [f](https://example.org/g)',
      'p«a »«c|b»« »«b|c»« »«i|d»« »«i|e»« »«https://example.org/g: «f»»',
    ],
    [
      'looks within looks, and within a link',
      '**a *b `c`*** [**d** e](https://example.org)',
      'p«b|a »«bi|b »«bic|c»« »«https://example.org: «b|d»« e»»',
    ],
    ['underscores within words, and stars between spaces, are what they are', 'a_b_c 2 * 3 * 4', 'p«a_b_c 2 * 3 * 4»'],
    ...['javascript:alert(1)', 'data:text/html,x', '//a.org', '../elsewhere.md', '#data', 'mailto:a@example.org'].map(
      (href): [string, string, string] => [
        `HTML stays text, and so do the words of a link that does not lead to the web: ${href}`,
        `<script>alert(1)</script> [x](${href}), [![y](y.png)](${href}), [z][]\n\n[z]: ${href}`,
        'p«<script>alert(1)</script> x, y, z»',
      ],
    ),
    [
      'an address in the text is a link if it names its protocol; names of files and mailboxes are none',
      'https://example.org/a, see README.md, www.example.org, a@example.org',
      'p«https://example.org/a: «https://example.org/a»»«, see README.md, www.example.org, a@example.org»',
    ],
    ['HTML stays text as a block as well', '<table>\n<tr>\n</table>', 'p«<table> <tr> </table>»'],
    [
      'a picture is its description: none is loaded',
      '![a *chart*](https://example.org/chart.png) of [![it](https://example.org/it.svg)](https://example.org/it)',
      'p«a *chart* of »«https://example.org/it: «it»»',
    ],
    [
      'a link without words has its address',
      '[](https://example.org)',
      'p«https://example.org: «https://example.org»»',
    ],
    ['a link without an address is its words', '[a]() b', 'p«a b»'],
    ['a quotation, and a rule', '> a\n> - b\n\n---\nc', 'quote(p«a» ul(p«b»)) rule p«c»'],
    [
      'a table, whose cells may hold a bar',
      '| a | b |\n| --- | --: |\n| 1 | 2 \\| 3 |',
      'table(«a» | «b» / «1» | «2 | 3»)',
    ],
    [
      'a list with a block of its own in an item',
      '- one\n  more\n\n  | a |\n  | - |\n  | 1 |\n- two',
      'ul(p«one more» table(«a» / «1») | p«two»)',
    ],
    ['a numbered list behind another one', '- a\n1. b\n2. c', 'ul(p«a») ol(p«b» | p«c»)'],
    [
      'code over several lines, even without an end',
      '```sh\n# no heading\n\n- no list',
      'code«# no heading\n\n- no list»',
    ],
    [
      'a table whose rows have fewer or more cells, or none',
      '| a | b |\n|---|---|\n| 1 |\n| 2 | 3 | 4 |',
      'table(«a» | «b» / «1» |  / «2» | «3»)',
    ],
    ['a bar that begins no table', '| a | b', 'p«| a | b»'],
  ];
  for (const [what, source, blocks] of READ) test(what, () => assert.equal(shown(blocksOf(source)), blocks));

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
    assert.deepEqual(heading, { kind: 'heading', level: 1, line: [{ text: 'A card' }] });
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
      blocksOf(input);
      const seconds = (process.threadCpuUsage().user - user) / 1e6;
      assert.ok(seconds < 4, `${seconds} s`); // a tenth of it on a machine that has nothing else to do
    });
});
