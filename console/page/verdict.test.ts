import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { WindowNumbers } from '../api.ts';
import { type Tone, verdictWords } from './verdict.ts';

type Drift = NonNullable<WindowNumbers['drift']>;

describe('the verdict in words', () => {
  const SAID: {
    name: string;
    recent: WindowNumbers | null;
    tone: Tone;
    sentence: RegExp;
    numbers: RegExp | null;
    next: RegExp;
  }[] = [
    {
      name: 'the model behaves',
      recent: windowOf({ verdict: 'no drift', jensenShannon: 0.1334 }),
      tone: 'good',
      sentence: /^The model behaves: its predictions are within the limit\.$/,
      numbers: /^Drift 0\.133, threshold 0\.25, noise floor 0\.050, n = 1,512\.$/,
      next: /^Nothing to do\.$/,
    },
    {
      name: 'predictions drift',
      recent: windowOf({ verdict: 'drift', jensenShannon: 0.41 }),
      tone: 'bad',
      sentence: /^Predictions drift\.$/,
      numbers: /^Drift 0\.410, threshold 0\.25/,
      next: /^Hold back maps/,
    },
    {
      name: 'not enough data',
      recent: windowOf({ verdict: 'not enough data', noiseFloor: 0.31 }),
      tone: 'unsure',
      sentence: /^Not enough data/,
      numbers: /chance alone could pass the threshold\.$/,
      next: /^Wait/,
    },
    {
      name: 'fewer predictions than are asked for',
      recent: windowOf({ verdict: 'not enough data', noiseFloor: 0.1 }),
      tone: 'unsure',
      sentence: /^Not enough data/,
      numbers: /fewer predictions than this stage asks for\.$/,
      next: /^Wait/,
    },
    {
      name: 'nothing predicted',
      recent: { ...windowOf({}), drift: null },
      tone: 'unsure',
      sentence: /^Nothing was predicted lately\.$/,
      numbers: /^None of the newest 1,600 chips got a class\.$/,
      next: /blank/,
    },
    {
      name: 'nothing yet',
      recent: null,
      tone: 'unsure',
      sentence: /^Nothing was judged today or yesterday\.$/,
      numbers: null,
      next: /newest files/,
    },
  ];
  for (const { name, recent, tone, sentence, numbers, next } of SAID)
    test(name, () => {
      const words = verdictWords(recent, 0.25);
      assert.equal(words.tone, tone);
      assert.match(words.sentence, sentence);
      assert.match(words.next, next);
      if (numbers === null) assert.equal(words.numbers, null);
      else assert.match(String(words.numbers), numbers);
    });

  test('where alarms are red, there is something to do all the same', () => {
    const recent = windowOf({ verdict: 'no drift' });
    assert.match(verdictWords(recent, 0.25, 1).next, /see the alarm below/);
    assert.match(verdictWords(recent, 0.25, 2).next, /see the alarms below/);
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
    classes: [],
    mostCommonShare: null,
    missingShare: null,
    meanProbability: null,
    drift: { jensenShannon: 0.1, noiseFloor: 0.05, chiSquare, psi: 0.1, n: 1512, verdict: 'no drift', ...drift },
  };
}
