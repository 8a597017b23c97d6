import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { STATES } from '../core/ledger/states.ts';
import { measureDrift } from '../core/statistics/measureDrift.ts';
import { classificationShown } from '../core/tasks/classification/shown.ts';
import { makeConfusion } from '../test/benches/truths.ts';
import { type Facts, judgeDay } from './verdict.ts';

const nothing: Facts = {
  threshold: 0.25,
  drift: null,
  states: Object.fromEntries(STATES.map((state) => [state, 0])) as Facts['states'],
  failedForGood: 0,
  chips: 0,
  missing: 0,
  accuracy: null,
  words: classificationShown.words,
};
const drifted = driftOf([10, 90]);
const quiet = driftOf([51, 49]);
const few = driftOf([3, 0]);

describe('a day', () => {
  const cases: { what: string; facts: Partial<Facts>; outcome: string; headline: string; says: RegExp }[] = [
    {
      what: 'that drifts',
      facts: { drift: drifted, states: states({ DONE: 1 }) },
      outcome: 'drift',
      headline: 'The predictions drift',
      says: /0\.\d{3} away from the reference, above the threshold of 0\.25; over 100 predictions, chance alone reaches 0\.\d{3} .* Hold back maps/,
    },
    {
      what: 'whose numbers drift by their mean alone, while chance may be behind their distance',
      facts: {
        drift: { ...driftOf([0, 4])!, verdict: 'drift', mean: { shift: 0.9, noise: 0.6, score: 0.75 } },
        states: states({ DONE: 1 }),
      },
      outcome: 'drift',
      headline: 'The predictions drift',
      says: /over 4 predictions, their mean is 0\.90 standard deviations above the reference's, of which chance explains 0\.60/,
    },
    {
      what: 'that does not drift',
      facts: { drift: quiet, states: states({ DONE: 1 }) },
      outcome: 'no drift',
      headline: 'No drift',
      says: /within the threshold of 0\.25, over 100 predictions\. Nothing\.$/,
    },
    {
      what: 'of three predictions',
      facts: { drift: few, states: states({ DONE: 1 }) },
      outcome: 'not enough data',
      headline: 'Too few predictions to judge',
      says: /With 3 predictions, chance alone could reach the threshold of 0\.25/,
    },
    {
      what: 'whose model has a provisional reference, which no number of predictions helps',
      facts: { drift: { ...few!, isProvisional: true }, states: states({ DONE: 1, FAILED: 1 }) },
      outcome: 'not enough data',
      headline: 'The reference is provisional',
      says: /over 3 predictions proves nothing, and more of them would not help\. .*npx swath model profile FOLDER --data FILE/,
    },
    {
      what: 'of fewer predictions than are asked for',
      facts: { drift: { ...quiet!, verdict: 'not enough data' }, states: states({ DONE: 1 }) },
      outcome: 'not enough data',
      headline: 'Too few predictions to judge',
      says: /There are 100 predictions, fewer than this deployment asks for/,
    },
    {
      what: 'whose outputs were all missing',
      facts: { states: states({ DONE: 2 }), missing: 7 },
      outcome: 'no finite output',
      headline: 'There is no usable output',
      says: /where they have data, no output.*promote the model version that worked before/,
    },
    {
      what: 'under clouds',
      facts: { states: states({ DONE: 2, EMPTY: 1 }), chips: 60, masked: 59 },
      outcome: 'clouds only',
      headline: 'Clouds hide all there was to judge',
      says: /59 chips of the day's 60 lie under clouds, so they are classified but count in no verdict/,
    },
    {
      what: 'of blanks only',
      facts: { states: states({ EMPTY: 1 }), chips: 60 },
      outcome: 'blanks only',
      headline: 'Only blank chips arrived',
      says: /All 60 chips of the day have nothing on them/,
    },
    {
      what: 'that is just coming in',
      facts: { states: states({ CLAIMED: 2, FAILED: 1 }) },
      outcome: 'nothing classified yet',
      headline: 'Nothing is classified yet',
      says: /2 files of the day are still on the way/,
    },
    {
      what: 'on which all went wrong',
      facts: { states: states({ FAILED: 2, INVALID: 1 }) },
      outcome: 'nothing classified',
      headline: 'Nothing could be classified',
      says: /3 files arrived, and none of them came to predictions/,
    },
    {
      what: 'of repeated bytes only',
      facts: { states: states({ DUPLICATE: 1 }) },
      outcome: 'nothing classified',
      headline: 'Nothing new arrived',
      says: /1 file arrived with the very bytes/,
    },
    {
      what: 'without files',
      facts: {},
      outcome: 'nothing arrived',
      headline: 'Nothing arrived',
      says: /ask whoever delivers the scenes/,
    },
  ];
  for (const { what, facts, outcome, headline, says } of cases)
    test(`${what}: ${headline}`, () => {
      const verdict = judgeDay({ ...nothing, ...facts });
      assert.deepEqual([verdict.outcome, verdict.headline], [outcome, headline]);
      assert.match(`${verdict.sentence} ${verdict.action}`, says);
    });
});

describe('beside the verdict, the report shows', () => {
  for (const [what, facts, trouble] of [
    [
      'a file that can never work',
      { states: states({ DONE: 1, INVALID: 1 }) },
      /^1 file can never be classified\. Have a corrected one sent/,
    ],
    [
      'files that failed',
      { states: states({ DONE: 1, FAILED: 2 }) },
      /^2 files failed\. The next sweep tries them again\.$/,
    ],
    [
      'a file that failed and has no attempts left',
      { states: states({ DONE: 1, FAILED: 1 }), failedForGood: 1 },
      /^1 file failed\. No sweep tries it again: when the cause is gone, "swath retry" does\.$/,
    ],
    [
      'files that failed, of which one has no attempts left',
      { states: states({ DONE: 1, FAILED: 3 }), failedForGood: 1 },
      /^3 files failed\. The next sweep tries 2 of them again, but none tries the other: when the cause/,
    ],
    [
      'missing outputs',
      { missing: 1 },
      /^For 1 chip, the model has no finite output where there is data, so it has no prediction/,
    ],
    [
      'files on the way',
      { states: states({ DONE: 1, CLAIMED: 1 }) },
      /^1 file is still in progress and not counted yet/,
    ],
    [
      'a rule of data quality that files break',
      { violations: [{ band: 'B2', violation: 'constant band' as const, runs: 2 }] },
      /^Files break 1 rule of data quality in their source bands: see below\./,
    ],
    [
      'an accuracy below that of naming one class',
      { accuracy: accuracyOf(10, 90) },
      /^Only 10\u00a0% of 100 predictions with a known truth were right, fewer than if each had been b \(90\u00a0%\)/,
    ],
  ] as const)
    test(what, () => {
      const { findings, action } = judgeDay({ ...nothing, states: states({ DONE: 1 }), drift: quiet, ...facts });
      assert.equal(findings.length, 1);
      assert.match(findings[0]!, trouble);
      assert.equal(action, 'Nothing about drift, but:');
    });

  for (const [what, drift, off, headline, begins] of [
    ['no drift', quiet, 'the input drifts', 'No drift, but the input drifts', /^Before you use/],
    ['too few predictions', few, 'the input drifts', 'Too few predictions to judge, but the input drifts', /^Before/],
    [
      'too few predictions, and a remark',
      few,
      undefined,
      'Too few predictions to judge',
      /^Nothing about drift yet, but:$/,
    ],
    ['a drift', drifted, 'the input drifts', 'The predictions drift', /^Hold back maps/],
  ] as const)
    test(`a headline and an advice that fit the findings: ${what}`, () => {
      const verdict = judgeDay({ ...nothing, drift, isOff: off, movers: ['B8A reads 20 % low.'] });
      assert.equal(verdict.headline, headline);
      assert.match(verdict.action, begins);
    });

  test('no accuracy that chance could have brought below', () => {
    const { findings } = judgeDay({
      ...nothing,
      states: states({ DONE: 1 }),
      drift: quiet,
      accuracy: accuracyOf(3, 4),
    });
    assert.deepEqual(findings, []);
  });
});

function states(found: Partial<Facts['states']>): Facts['states'] {
  return { ...nothing.states, ...found };
}

function driftOf(counts: number[]) {
  return measureDrift({ counts, reference: [5000, 5000] });
}

/** Of chips of class b alone, but for those that are a; all are predicted to be a. */
function accuracyOf(right: number, wrong: number) {
  const confusion = makeConfusion([
    { value: 0, name: 'a' },
    { value: 1, name: 'b' },
  ]);
  for (let i = 0; i < right; i += 1) confusion.add({ truth: 0, value: 0 });
  for (let i = 0; i < wrong; i += 1) confusion.add({ truth: 1, value: 0 });
  return confusion.accuracy();
}
