import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ShownShare } from '../core/drift/window.ts';
import { type DrawnElement, document, elementOf } from '../test/benches/chart.ts';
import { shareHeads, sharesChart, shareTexts } from './shares.ts';

const classes: ShownShare[] = [
  { name: 'cows-0', count: 1500, share: 0.75, reference: 0.6 },
  { name: 'cows-1', count: 500, share: 0.25, reference: 0.15 },
  { name: 'cows-2', count: 0, share: 0, reference: 0.25 },
];

describe("the chart of the classes' shares", () => {
  const svg = draw(classes);

  test('has a bar for each share and one below it for the reference, as long as the share is large', () => {
    const bars = [...svg.querySelectorAll('[aria-label="bar"] rect')].map(numbersOf);
    assert.equal(bars.length, 6);
    const longest = Math.max(...bars.map(({ width }) => width));
    const shares = bars.map(({ width }) => Math.round((width / longest) * 75) / 100);
    assert.deepEqual(shares, [0.75, 0.6, 0.25, 0.15, 0, 0.25]);
    assert.ok(bars.every(({ y }, i) => i % 2 === 0 || y > bars[i - 1]!.y));
  });

  test('says each number in words', () => {
    const texts = [...svg.querySelectorAll('text')].map(({ textContent }) => textContent.replaceAll('\u00a0', ' '));
    for (const text of ['75 % (1,500 chips)', '60 % in the reference', '0 % (0 chips)', 'cows-1'])
      assert.ok(texts.includes(text), `${text} in ${texts.join(' | ')}`);
  });

  test('says it all to those who cannot see it', () => {
    assert.match(String(svg.getAttribute('aria-label')), /cows-0 75\u00a0%, 60\u00a0% in the reference; cows-1/);
  });

  test('is as high as its classes need', () => {
    assert.ok(Number(draw(classes.slice(0, 1)).getAttribute('height')) < Number(svg.getAttribute('height')) / 2);
  });
});

test('nothing is drawn or listed of a provisional reference', () => {
  const shares = classes.map((one) => ({ ...one, reference: null }));
  const svg = draw(shares);
  assert.equal(svg.querySelectorAll('[aria-label="bar"] rect').length, 3);
  assert.doesNotMatch(svg.outerHTML, /reference/);
  assert.deepEqual(shareHeads(shares), ['Predicted', 'Share']);
  assert.deepEqual(shareTexts(shares[0]!), ['1,500', '75\u00a0%']);
});

test('a long name is cut in the chart, and whole where one points at it', () => {
  const name = 'grassland with scattered trees';
  const svg = draw([{ ...classes[0]!, name }]);
  assert.ok(svg.outerHTML.includes('grassland with sc…<title>'), svg.outerHTML);
  assert.ok(svg.outerHTML.includes(`<title>${name}</title>`));
});

test('a name is text, whatever it holds', () => {
  const svg = draw([{ ...classes[0]!, name: '<b>&"' }]);
  assert.equal(svg.querySelector('b'), null);
  assert.ok(svg.outerHTML.includes('&lt;b&gt;&amp;'));
});

test('no class, no bar', () => {
  assert.equal(draw([]).querySelector('rect'), null);
});

function draw(shown: ShownShare[]): DrawnElement {
  return elementOf(sharesChart(shown, { document, word: 'class' }));
}

function numbersOf(bar: { getAttribute: (name: string) => string | null }) {
  return { width: Number(bar.getAttribute('width')), y: Number(bar.getAttribute('y')) };
}
