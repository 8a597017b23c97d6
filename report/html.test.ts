import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseHTML } from 'linkedom';
import { STATES, type State } from '../core/ledger/states.ts';
import type { ShownBand } from '../core/measures/bands/shownBands.ts';
import { measureDrift } from '../core/statistics/measureDrift.ts';
import { classificationShown } from '../core/tasks/classification/shown.ts';
import { makeConfusion } from '../test/benches/truths.ts';
import { renderReport } from './html.ts';
import type { PicturedChip } from './pictures.ts';
import { firstDayShown, type Report, type ReportedFile } from './report.ts';
import { judgeDay } from './verdict.ts';

/** A day of three classes, on which one file of two was damaged. */
const counts = [45, 17, 17];
const reference = [6000, 2500, 1500];
const names = ['cows-0', 'cows-1', 'cows-2'];
const report = reportOf({});

describe('the page', () => {
  const { document, html } = pageOf(report);

  test('begins with the verdict and what to do, in words', () => {
    assert.equal(document.title, '2026-03-01: No drift – droughtwatch-baseline 1.0.0');
    assert.equal(textOf('h1'), 'Sunday 1 March 2026');
    const [verdict, ...later] = document.querySelectorAll('main > *');
    assert.match(
      verdict!.textContent,
      /✓ No drift.*within the threshold of 0\.25.*What to do: Nothing about drift, but:/s,
    );
    assert.match(verdict!.textContent, /1 file can never be classified/);
    assert.ok(later.length > 4);
  });

  test('has both charts, every section and every number that it is to have', () => {
    const headings = [...document.querySelectorAll('h2')].slice(1).map(({ textContent }) => textContent);
    const charts = ['Classes beside the reference', 'Drift over the last 30 days'];
    assert.deepEqual(headings, [...charts, 'Data quality', 'Accuracy', 'Least certain chips', 'Files']);
    assert.equal(document.querySelectorAll('svg').length, 2);
    const { drift } = report;
    const row = [...document.querySelectorAll('tr')].map(({ textContent }) => textContent.replaceAll('\u00a0', ' '));
    for (const text of [
      'cows-04557 %60 %−3.0',
      `Jensen–Shannon distance${drift!.jensenShannon.toFixed(3)}`,
      `Chi-square${drift!.chiSquare.statistic!.toFixed(1)}at 2 degrees of freedom, p `,
      `PSI${drift!.psi.toFixed(3)}`,
      'INVALID1It can never be classified. A corrected file gets its own run.',
      'Blank22.5 % of the chips',
      'cows-02103',
      'cows-032267 %100 %',
    ])
      assert.ok(`\n${row.join('\n')}`.includes(`\n${text}`), `${text} in\n${row.join('\n')}`);
    const right = '60 % of 5 predictions with a known truth were right (95 % interval: 23 % to 88 %)';
    assert.ok(textOf('main').replaceAll('\u00a0', ' ').includes(right));
  });

  test('says in the meaning what its scenes are worth, as the column of numbers has room for a few words', () => {
    const scenes = { count: 1234, independentChips: 22.3, needed: null };
    const { document } = pageOf(reportOf({ drift: { ...report.drift!, scenes } }));
    const rows = [...document.querySelectorAll('table.facts tr')].map((row) => [...row.children]);
    const [, value, meaning] = rows.find(([name]) => name!.textContent === 'Scenes')!.map((cell) => cell.textContent);
    assert.equal(value, '1,234 scenes');
    assert.equal(meaning, 'which say as much as 22 independent chips: chips of a scene are alike');
  });

  test('counts one chip in the singular', () => {
    const { document } = pageOf(reportOf({ chips: 1, blank: 0, n: 1, accuracy: { ...report.accuracy!, n: 1 } }));
    const text = document.querySelector('main')!.textContent;
    assert.match(text, /of 1 chip; 0 blank/);
    assert.match(text, /Shares of 1 prediction and/);
    assert.doesNotMatch(text, /\b1 (chips|files|predictions)\b/);
  });

  test('needs nothing but itself', () => {
    assert.equal(document.querySelectorAll('script, link, iframe, object, embed, base').length, 0);
    const elements = [...document.querySelectorAll('[src], [href], [action]')];
    const addresses = elements.map((element) => element.getAttribute('src') ?? '');
    assert.ok(addresses.length > 0 && addresses.every((address) => address.startsWith('data:image/png;base64,')));
    assert.doesNotMatch(html, /url\(|@import|https?:\/\/(?!www\.w3\.org)|\son\w+=/);
  });

  test('is a document that everybody can read', () => {
    assert.equal(document.documentElement.getAttribute('lang'), 'en');
    assert.equal(document.querySelectorAll('h1').length, 1);
    for (const table of document.querySelectorAll('table')) assert.ok(table.querySelector('caption'), table.outerHTML);
    for (const cell of document.querySelectorAll('th')) assert.match(String(cell.getAttribute('scope')), /^(row|col)$/);
    for (const image of document.querySelectorAll('img'))
      assert.match(String(image.getAttribute('alt')), /^Chip 7 of .*: cows-0, in truth cows-1$/);
    for (const svg of document.querySelectorAll('svg')) {
      assert.equal(svg.getAttribute('aria-hidden'), 'true');
      assert.ok(String(svg.parentElement?.getAttribute('aria-label')).length > 40);
    }
  });

  function textOf(selector: string): string {
    return document.querySelector(selector)!.textContent;
  }
});

const HOSTILE = `"><script>alert(1)</script><img src=x onerror='a()'>\u202egpj.\u0007`;

const BANDS: ShownBand[] = [
  { band: 'B4', verdict: 'no drift', jensenShannon: 0.08, meanShift: -0.04, shares: [0.5, 0.5], reference: [0.4, 0.6] },
  { band: 'B5', verdict: 'drift', jensenShannon: 0.62, meanShift: -0.98, shares: [1, 0], reference: [0.5, 0.5] },
].map((one) => ({
  chips: 300,
  noiseFloor: 0.15,
  wasserstein: 1.4,
  meanShiftNoise: 0.41,
  mean: 52.6,
  expectedMean: 60.1,
  expectedMeanNoise: 2.2,
  score: one.jensenShannon,
  range: [0, 255],
  ...(one as Pick<ShownBand, 'band' | 'verdict' | 'jensenShannon' | 'meanShift' | 'shares' | 'reference'>),
}));

test('source bands stand beside their profile, of a package that has one', () => {
  const { document } = pageOf(reportOf({ bands: BANDS }));
  const main = document.querySelector('main')!.textContent;
  assert.match(main, /Moved more than allowed: B5\./);
  const rows = [...document.querySelectorAll('tr')].map(({ textContent }) => textContent.replace(/\s+/g, ' '));
  assert.match(
    rows.join('\n'),
    /^B5\s?300\s?0\.620\s?0\.150\s?52\.6\s?60\.1 ± 2\.2\s?-0\.98 ± 0\.41\s?1\.40\s?drift$/m,
  );
  assert.doesNotMatch(pageOf(reportOf({})).html, /Source bands/);
  const hostile = pageOf(reportOf({ bands: BANDS.map((one) => ({ ...one, band: HOSTILE })) }));
  assert.equal(hostile.document.querySelectorAll('script, img[src=x]').length, 0);
  assert.doesNotMatch(hostile.html, /\u202e/);
});

test('rules of data quality that files break are counted', () => {
  const violations = [
    { band: 'B5', violation: 'saturated share' as const, runs: 2 },
    { band: HOSTILE, violation: 'missing band' as const, runs: 1 },
  ];
  const { document } = pageOf(reportOf({ violations }));
  const rows = [...document.querySelectorAll('tr')].map(({ textContent }) => textContent.replace(/\s+/g, ' '));
  assert.ok(rows.includes('B5saturated share2'), rows.join('\n'));
  assert.equal(document.querySelectorAll('script, img[src=x]').length, 0);
  assert.doesNotMatch(pageOf(reportOf({})).html, /Rules of data quality/);
});

test('whatever comes from outside stays text', () => {
  const error = { name: HOSTILE, message: HOSTILE, step: HOSTILE, attempt: 1, attemptLimit: 3 };
  const file = { ...fileOf(0, 'INVALID'), file: HOSTILE, error };
  const chips = [
    { ...chipOf(0), file: HOSTILE, text: HOSTILE, truth: HOSTILE },
    { ...chipOf(1), image: null, problem: HOSTILE },
  ];
  const { document, html } = pageOf(
    reportOf({
      stage: HOSTILE,
      model: { name: HOSTILE, version: HOSTILE },
      distribution: report.distribution.map((one) => ({ ...one, name: HOSTILE })),
      files: { ...report.files, listed: [file] },
      leastCertain: chips,
    }),
  );
  assert.equal(document.querySelectorAll('script').length, 0);
  assert.equal(document.querySelectorAll('img').length, 1, 'that of the chip');
  for (const element of document.querySelectorAll('*'))
    for (const { name } of element.attributes) assert.doesNotMatch(name, /^on/);
  for (const character of ['\u202e', '\u0007']) assert.ok(!html.includes(character));
  assert.ok(document.querySelector('header')!.textContent.includes(`<script>alert(1)</script>`));
  assert.ok(html.includes('\\u202egpj.\\u0007'));
});

describe('a day', () => {
  const nothing: Partial<Report> = {
    distribution: report.distribution.map((one) => ({ ...one, count: 0, share: 0 })),
    figures: report.figures.map((one) => ({ ...one, value: null })),
    files: { states: statesOf({}), isCut: false, listed: [] },
    ...{ n: 0, chips: 0, blank: 0, drift: null, days: [], missingShare: null, accuracy: null, leastCertain: [] },
  };
  const pictured = (more: Partial<PicturedChip>) => ({ leastCertain: [{ ...chipOf(0), ...more }] });
  for (const [what, edits, says] of [
    ['without predictions', nothing, /No scene file arrived on this day[\s\S]*the accuracy is unknown/],
    ['that is not over', { isOpen: true }, /1 March 2026, so far[\s\S]*The day is not over/],
    ['of more files than were looked at', { files: { ...report.files, isCut: true } }, /\(there may be more\)/],
    [
      'whose predictions were not all read',
      { parts: 9, partsRead: 4 },
      /Read from 4 of the day's 9 files of predictions/,
    ],
    ['with a truth for some chips only', {}, /Of 74 other predictions, the truth is not known/],
    ['without a picture', pictured({ image: null, problem: 'a is gone.' }), /No picture: a is gone\./],
    ['with pictures that repeat', pictured({ alike: 4 }), /and 3 more like it/],
    ['with a chip that got no class', pictured({ text: null, probability: null }), /no prediction –/],
  ] satisfies [string, Partial<Report>, RegExp][])
    test(`${what} says so`, () => {
      const { document, html } = pageOf(reportOf(edits));
      assert.match(document.body.textContent, says);
      assert.doesNotMatch(html, /NaN|undefined|\[object|>null</);
    });
});

describe('however much there is to say, the page stays below a megabyte', () => {
  const classes = 1000;
  const name = (i: number) => `${'class'.repeat(20)}-${i}`;
  const confusion = makeConfusion(Array.from({ length: classes }, (_, value) => ({ value, name: name(value) })));
  for (let i = 0; i < 50_000; i += 1)
    confusion.add({ truth: i % classes, value: (i * 7919) % classes, probability: (i % 1000) / 1000 });
  const interval: [number, number] = [0.7283951, 0.8024691];
  const estimate = { value: 0.7654321, samplingError: 0.0123456789, interval };
  const many = (count: number, state: State) => Array.from({ length: count }, (_, i) => fileOf(i, state));
  const { document, html } = pageOf(
    reportOf({
      distribution: Array.from({ length: classes }, (_, i) => {
        return { name: name(i), count: i, share: i / 499_500, reference: 1 / classes };
      }),
      accuracy: confusion.accuracy(),
      estimate,
      days: Array.from({ length: 30 }, (_, i) => ({
        ...report.days[0]!,
        day: `2026-02-${String(1 + (i % 28)).padStart(2, '0')}`,
        estimate,
        realised: { share: 0.7123456, chips: 98_765 },
      })),
      files: {
        states: statesOf({ DONE: 9000, INVALID: 4000, FAILED: 2000 }),
        isCut: true,
        listed: many(300, 'INVALID'),
      },
      // 96 × 96 pixels of noise, which no compression makes smaller.
      leastCertain: Array.from({ length: 18 }, (_, i) => ({
        ...chipOf(i),
        file: '&'.repeat(1024),
        image: `data:image/png;base64,${'A'.repeat(37_500)}`,
      })),
    }),
  );

  test('all of it', () => {
    assert.ok(Buffer.byteLength(html) < 1e6, `${Buffer.byteLength(html)} bytes`);
    assert.ok(Buffer.byteLength(html) > 7e5, 'it was filled');
    assert.equal(document.querySelectorAll('ul.chips img').length, 18);
  });

  test('and says how much more there is', () => {
    const text = document.body.textContent;
    for (const says of [/others \(990\)/, /1?[45],\d{3} more: "swath runs" lists them/g]) assert.match(text, says);
    assert.match(document.querySelector('table.matrix')!.textContent, /others \(990\)/);
    const listed = document.querySelectorAll('table.refusals tbody tr').length;
    assert.ok(text.includes(`${(6000 - listed).toLocaleString('en')} more`), `${listed} are listed`);
  });

  test('nor does the confusion matrix lose a chip', () => {
    const rows = [...document.querySelectorAll('table.matrix tbody tr')];
    const last = rows.map((row) => Number(row.lastElementChild!.textContent.replaceAll(',', '')));
    assert.deepEqual([rows.length, last.reduce((sum, count) => sum + count, 0)], [11, 50_000]);
    const shown = (look: string) => document.querySelectorAll(`table.matrix td.${look}`).length;
    assert.deepEqual([shown('right'), shown('wrong'), shown('mixed')], [10, 110, 1]); // the others are confused among them, too
  });
});

function pageOf(shown: Report) {
  const html = renderReport(shown);
  return { html, document: parseHTML(html).document };
}

function reportOf(edits: Partial<Report>): Report {
  const drift = measureDrift({ counts, reference });
  const confusion = makeConfusion(names.map((name, value) => ({ name, value })));
  for (const [i, truth] of [0, 0, 0, 1, 2].entries()) confusion.add({ truth, value: i < 2 ? 0 : 1 });
  const accuracy = confusion.accuracy();
  const day = '2026-03-01';
  const states = statesOf({ DONE: 1, INVALID: 1 });
  const judged = { threshold: 0.25, drift, states, failedForGood: 0, chips: 81, missing: 0 };
  return {
    stage: 'dev',
    day,
    isOpen: false,
    madeAt: '2026-03-02T00:20:00.000Z',
    model: { name: 'droughtwatch-baseline', version: '1.0.0' },
    verdict: judgeDay({ ...judged, accuracy: null, words: classificationShown.words }),
    task: 'classification',
    figures: [
      { name: 'Most common class', value: 45 / 79, unit: 'share', note: 'cows-0' },
      { name: 'Mean probability', value: 0.5, unit: 'share', note: 'of the predicted class' },
    ],
    distribution: names.map((name, i) => {
      return { name, count: counts[i]!, share: counts[i]! / 79, reference: reference[i]! / 1e4 };
    }),
    ...{ referenceTotal: 10_000, chips: 81, blank: 2, n: 79, missing: 0, missingShare: 0 },
    ...{ drift, threshold: 0.25, accuracy, parts: 1, partsRead: 1, segments: [] },
    days: [
      { day: firstDayShown(day), runs: 1, n: 79, drift },
      { day, runs: 1, n: 79, drift },
    ],
    files: { states, isCut: false, listed: [fileOf(0, 'INVALID'), fileOf(1, 'DONE')] },
    leastCertain: [chipOf(0)],
    ...edits,
  };
}

function statesOf(counts: Partial<Record<State, number>>): Record<State, number> {
  return { ...(Object.fromEntries(STATES.map((state) => [state, 0])) as Record<State, number>), ...counts };
}

/** A file with the longest name that S3 takes, of what grows most when it is escaped. */
function fileOf(i: number, state: State): ReportedFile {
  const known = { file: `${i}${'&'.repeat(1000)}`, run: 'f'.repeat(32), state, duplicateOf: null };
  const error = { name: 'InvalidSceneFile', message: `is damaged ${'<'.repeat(380)}`, step: 'Preprocess' };
  return state === 'INVALID'
    ? { ...known, chips: null, blank: null, mostCommon: null, error: { ...error, attempt: 1, attemptLimit: 3 } }
    : { ...known, chips: 81, blank: 2, mostCommon: { name: 'cows-0', share: 0.57 }, error: null };
}

function chipOf(i: number): PicturedChip {
  const known = { id: `chip-${i}`, run: 'f'.repeat(32), index: 7, file: 'north/a' };
  const predicted = { text: 'cows-0', probability: 0.3, truth: 'cows-1', isRight: false };
  return { ...known, ...predicted, image: 'data:image/png;base64,AAAA', problem: null, alike: 1 };
}
