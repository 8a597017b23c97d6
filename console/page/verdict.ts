import type { WindowNumbers } from '../api.ts';
import { count, distance } from './format.ts';

/** What the answer asks of the reader. */
export type Tone = 'good' | 'bad' | 'unsure';

export type VerdictWords = { tone: Tone; sentence: string; numbers: string | null; next: string };

/** The verdict about the newest window in words, and what to do next; `redAlarms` stand below it. */
export function verdictWords(recent: WindowNumbers | null, threshold: number | null, redAlarms = 0): VerdictWords {
  if (recent === null)
    return {
      tone: 'unsure',
      sentence: 'Nothing was judged today or yesterday.',
      numbers: null,
      next: 'The verdict is about the newest files of the live version: it appears here as soon as one of them is done.',
    };
  const { drift, chips } = recent;
  if (drift === null)
    return {
      tone: 'unsure',
      sentence: 'Nothing was predicted lately.',
      numbers: `None of the newest ${count(chips)} chips got a class.`,
      next: 'Look at the newest runs: their chips may all be blank.',
    };

  const { jensenShannon, noiseFloor, n, verdict } = drift;
  const line = threshold === null ? '' : `, threshold ${threshold}`;
  const numbers = `${distance(jensenShannon)}${line}, noise floor ${distance(noiseFloor)}, n = ${count(n)}`;
  switch (verdict) {
    case 'no drift':
      return {
        tone: 'good',
        sentence: 'The model behaves: its predictions are within the limit.',
        numbers: `Drift ${numbers}.`,
        next:
          redAlarms === 0
            ? 'Nothing to do.'
            : `Nothing to do about the model, but see the ${redAlarms === 1 ? 'alarm' : 'alarms'} below.`,
      };
    case 'drift':
      return {
        tone: 'bad',
        sentence: 'Predictions drift.',
        numbers: `Drift ${numbers}.`,
        next: 'Hold back maps made since then. Compare the class shares with the reference, and look at the least certain chips.',
      };
    case 'not enough data':
      return {
        tone: 'unsure',
        sentence: 'Not enough data for a verdict.',
        numbers: `Drift ${numbers}: ${threshold !== null && noiseFloor < threshold ? 'there are fewer predictions than this stage asks for' : 'with so few predictions, chance alone could pass the threshold'}.`,
        next: 'Wait for more scene files: the verdict comes by itself.',
      };
  }
}
