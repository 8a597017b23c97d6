import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type Block, blocksOf, type Inline } from './markdown.ts';

const text = (words: string): Inline => ({ kind: 'text', text: words });
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
          { kind: 'code', text: 'b' },
          text(' '),
          { kind: 'bold', text: 'c' },
          text(' '),
          { kind: 'italic', text: 'd' },
          text(' '),
          { kind: 'italic', text: 'e' },
          text(' '),
          { kind: 'link', text: 'f', href: 'https://example.org/g' },
        ),
      ],
    },
    { name: 'underscores within words are letters', source: 'a_b_c 2*3*4', blocks: [paragraph(text('a_b_c 2*3*4'))] },
    {
      name: 'HTML, and links that are none, stay text',
      source: '<script>alert(1)</script> [x](javascript:alert(1))',
      blocks: [paragraph(text('<script>alert(1)</script> [x](javascript:alert(1))'))],
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
    { name: 'a bar that begins no table', source: '| a | b', blocks: [paragraph(text('| a | b'))] },
  ];
  for (const { name, source, blocks } of READ) test(name, () => assert.deepEqual(blocksOf(source), blocks));

  test('the bundled card is read whole', () => {
    const card = readFileSync(
      new URL('../../../../models/droughtwatch-baseline/1.0.0/README.md', import.meta.url),
      'utf8',
    );
    const kinds = blocksOf(card).map(({ kind }) => kind);
    assert.deepEqual(new Set(kinds), new Set(['heading', 'paragraph', 'table', 'list']));
    const said = JSON.stringify(blocksOf(card));
    for (const word of card.match(/[\p{L}\d]{4,}/gu) ?? []) assert.ok(said.includes(word), word);
  });
});
