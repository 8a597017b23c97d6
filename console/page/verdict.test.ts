import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { classificationShown } from '../../core/tasks/classification/shown.ts';
import { rightnessOf } from '../../core/tasks/shownRegistry.ts';
import { modelOf } from '../../test/benches/predictions.ts';
import type { WindowNumbers } from '../api.ts';
import { type Tone, verdictWords } from './verdict.ts';

type Drift = NonNullable<WindowNumbers['drift']>;

describe('the verdict in words', () => {
  const SAID: [what: string, recent: WindowNumbers | null, tone: Tone, says: RegExp][] = [
    [
      'the model behaves',
      windowOf({ verdict: 'no drift', jensenShannon: 0.1334 }),
      'good',
      /^No drift\. The predicted classes are 0\.133 away .*, over 1,512 predictions\. Nothing to do\.$/,
    ],
    ['predictions drift', windowOf({ verdict: 'drift' }), 'bad', /^The predictions drift\. .* Hold back maps/],
    ['not enough data', windowOf({ verdict: 'not enough data' }), 'unsure', /^Too few predictions .* Nothing yet/],
    [
      'a provisional reference',
      windowOf({ verdict: 'not enough data', isProvisional: true }),
      'unsure',
      /^The reference is provisional\. .* more of them would not help\. .*npx swath model profile FOLDER/,
    ],
    [
      'nothing predicted',
      { ...windowOf({}), drift: null },
      'unsure',
      /^Nothing was predicted recently\. None of the newest 1,600 chips got a class\. .* blank/,
    ],
    [
      'nothing yet',
      null,
      'unsure',
      /^Nothing was judged today or yesterday\. null The verdict covers the newest files/,
    ],
  ];
  for (const [what, recent, tone, says] of SAID)
    test(what, () => {
      const words = verdictWords(recent, 0.25);
      assert.equal(words.tone, tone);
      assert.match(`${words.sentence} ${words.numbers} ${words.next}`, says);
    });

  test('where alarms are red, there is something to do all the same', () => {
    const recent = windowOf({ verdict: 'no drift' });
    assert.match(verdictWords(recent, 0.25, 1).next, /see the alarm below/);
    assert.match(verdictWords(recent, 0.25, 2).next, /see the alarms below/);
  });
});

describe('the cause of a drift, and segments that drift', () => {
  const sentence = 'The inputs changed: B2 reads 30 % low.';
  const withCause = (verdict: Drift['verdict'], ...segments: string[]) =>
    ({ ...windowOf({ verdict }), cause: { sentence } as WindowNumbers['cause'], segments }) as WindowNumbers;

  test('are said even if the predictions have not moved', () => {
    const words = verdictWords(withCause('no drift'), 0.25, 1);
    assert.deepEqual(
      [words.tone, words.sentence, words.next],
      ['unsure', 'Predictions are within the limit, but the input is not.', sentence],
    );
  });

  test('are said beside drifting predictions', () => {
    const words = verdictWords(withCause('drift'), 0.25);
    assert.deepEqual([words.tone, words.sentence], ['bad', 'The predictions drift.']);
    assert.match(words.next, /^Hold back maps.* The inputs changed: B2 reads 30 % low\.$/);
  });

  test('name the segment, also where all of the window is within the limit', () => {
    const { cause: _, ...alone } = withCause('no drift', 'Within sensor S2B, there is drift: B2.');
    const words = verdictWords(alone, 0.25);
    assert.deepEqual(
      [words.tone, words.sentence, words.next],
      [
        'unsure',
        'Predictions are within the limit, but those of a segment are not.',
        'Within sensor S2B, there is drift: B2.',
      ],
    );
  });
});

describe('predictions whose truth is known', () => {
  const model = modelOf(['cows-0', 'cows-1'].map((name, value) => ({ name, value })));
  /** A hundred labelled chips, so many of them of the first class, and so many right. */
  const windowWith = (verdict: Drift['verdict'], truths: number, right: number): WindowNumbers => {
    const counted = { truths: [truths, 100 - truths], right: [right, 0] };
    return { ...windowOf({ verdict }), rightness: rightnessOf(counted, model) };
  };

  test('are called wrong if always naming one class would be right more often', () => {
    const recent = windowWith('no drift', 80, 55);
    const sentence =
      '55 % of 100 predictions with a known truth were right (95 % interval: 45 % to 64 %). Naming cows-0 every time would be right in 80 %.';
    assert.equal(recent.rightness?.sentence.replaceAll('\u00a0', ' '), sentence);
    const words = verdictWords(recent, 0.25);
    assert.deepEqual([words.tone, words.sentence], ['bad', 'Predictions do not drift, but too many are wrong.']);
    assert.match(words.next, /^Before you use the predictions, look at the confusion matrix/);
    assert.match(String(words.numbers), /are 0\.100 away/, 'the verdict on drift stands');
  });

  test('are nothing to worry about where more are right than by naming one class', () => {
    const words = verdictWords(windowWith('no drift', 58, 58), 0.25);
    assert.deepEqual([words.tone, words.next], ['good', 'Nothing to do.']);
  });

  test('are not called fine if fewer are right than expected, even within chance', () => {
    const words = verdictWords(windowWith('no drift', 58, 55), 0.25);
    assert.deepEqual([words.tone, words.sentence.includes('No drift')], ['unsure', false]);
    assert.match(words.next, /look at the days' reports/);
  });

  test('of too few labelled chips say nothing', () => {
    const few = { truths: [12, 8], right: [10, 0] };
    assert.equal(rightnessOf(few, model)?.isWorse, null);
    assert.equal(rightnessOf({}, model), null);
  });

  test('are called wrong below the limit of the stage', () => {
    const recent = windowWith('no drift', 60, 60);
    assert.equal(verdictWords(recent, 0.25, 0, 0.6).tone, 'good');
    assert.equal(verdictWords(recent, 0.25, 1, 0.61).sentence, 'Predictions do not drift, but too many are wrong.');
  });

  test('that drift as well ask for both', () => {
    const words = verdictWords(windowWith('drift', 80, 55), 0.25);
    assert.equal(words.sentence, 'Predictions drift, and too many are wrong.');
    assert.match(words.next, /^Hold back maps.*confusion matrix/);
    assert.match(
      verdictWords(windowWith('not enough data', 80, 55), 0.25).sentence,
      /not enough data for a verdict on drift\.$/,
    );
  });
});

function windowOf(drift: Partial<Drift>): WindowNumbers {
  const chiSquare = { statistic: 1, degreesOfFreedom: 3, pValue: 0.5 };
  return {
    model: { name: 'm', version: '1.0.0' },
    runs: 3,
    chips: 1600,
    blank: 88,
    n: 1512,
    shares: [],
    words: classificationShown.words,
    figures: [],
    rightness: null,
    missingShare: null,
    drift: { jensenShannon: 0.1, noiseFloor: 0.05, chiSquare, psi: 0.1, n: 1512, verdict: 'no drift', ...drift },
  };
}
