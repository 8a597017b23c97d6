import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { measured } from './figure.ts';
import { describeMachine } from './machine.ts';
import { SUITE_NAMES } from './suites.ts';
import { asMarkdown, numberText, spreadText, withTable } from './tables.ts';

const suite = {
  suite: 'steps',
  title: 'Steps',
  seconds: 12,
  notes: ['It is so.'],
  figures: [
    measured('A | B', 'chips/s', [3000, 3100, 3200], {
      beside: { bare: [6000, 6200, 6400], node: [1, 1, 1] },
      goal: { of: 'ratio', atLeast: 0.7 },
    }),
  ],
};

describe('a table', () => {
  it('has a line for the figure, and one for each figure that it is compared with', () => {
    const lines = asMarkdown(suite).split('\n');
    assert.deepEqual(lines.slice(4, 8), [
      '| A \\| B | 3,100 (3,000 – 3,200) chips/s | bare: 6,200 (6,000 – 6,400) chips/s | 0.500 (0.500 – 0.500) | ≥ 0.7 × bare: NOT REACHED |',
      '|  |  | node: 1.00 (1.00 – 1.00) chips/s | 3,100 (3,000 – 3,200) |  |',
      '',
      'It is so.',
    ]);
  });
});

it('a number has the digits that it deserves', () => {
  for (const [value, text] of [
    [20_000.4, '20,000'],
    [123.4, '123'],
    [12.34, '12.3'],
    [1.234, '1.23'],
    [0.01234, '0.0123'],
    [0, '0'],
  ] as const)
    assert.equal(numberText(value, value), text);
  assert.equal(spreadText({ median: 14, least: 14, most: 14, rounds: 1 }), '14');
});

describe('the document', () => {
  const result = { measuredAt: '2026-03-01T12:00:00.000Z', machine: describeMachine() };
  const place = (inside: string) =>
    `# Top\n<!-- bench: written by \`npm run bench -- --suite steps --write\` -->${inside}<!-- /bench: steps -->\nEnd\n`;

  it('gets a table in the place of the former one, and nothing else', () => {
    const written = withTable(place('\nold\n'), suite, result);
    assert.match(written, /^# Top\n<!-- bench: .* -->\n### Steps\n/);
    assert.match(written, /\nMeasured 2026-03-01 in 12 s on .*\n<!-- \/bench: steps -->\nEnd\n$/);
    assert.doesNotMatch(written, /old/);
    assert.equal(withTable(written, suite, result), written);
  });

  it('has a place for each suite', () => {
    const text = readFileSync(new URL('../docs/performance.md', import.meta.url), 'utf8');
    for (const name of SUITE_NAMES)
      assert.match(withTable(text, { ...suite, suite: name }, result), /^### Steps$/m, name);
  });
});
