import { driftWords } from '../../charts/driftWords.ts';
import { count } from '../../charts/format.ts';
import type { WindowNumbers } from '../api.ts';
import said from './verdict.json' with { type: 'json' };

export type Tone = 'good' | 'bad' | 'unsure';

type VerdictWords = { tone: Tone; sentence: string; numbers: string | null; next: string };

/** The verdict about the newest window, and what to do next. Accuracy below a guess, or the limit, comes first. */
export function verdictWords(recent: WindowNumbers | null, threshold: number, redAlarms = 0, accuracyLimit = 0) {
  const words = withRightness(wordsOf(recent, threshold, redAlarms), recent, accuracyLimit);
  const { cause = null, segments = [] } = recent ?? {};
  const why = [...(cause === null ? [] : [cause.sentence]), ...segments].join(' ');
  if (why === '') return words;
  if (words.tone !== 'good') return { ...words, next: `${words.next} ${why}` };
  const what = cause === null ? 'those of a segment are not' : 'the input is not';
  return { ...words, tone: 'unsure' as const, sentence: `Predictions are within the limit, but ${what}.`, next: why };
}

function withRightness(words: VerdictWords, recent: WindowNumbers | null, accuracyLimit: number): VerdictWords {
  const right = recent?.rightness ?? null;
  const verdict = recent?.drift?.verdict;
  const isWrong = right !== null && (right.isWorse === 'surely' || right.figure.value < accuracyLimit);
  if (verdict === 'no drift' && !isWrong && right?.isWorse === 'maybe')
    return { ...words, tone: 'unsure', ...said.guessing };
  if (verdict === undefined || !isWrong) return words;
  const next = `${verdict === 'drift' ? `${words.next} ` : ''}Before you use the predictions, look at the confusion matrix in the day's report, and at the chips.`;
  return { ...words, tone: 'bad', sentence: said.wrong[verdict], next };
}

function wordsOf(recent: WindowNumbers | null, threshold: number, redAlarms: number): VerdictWords {
  if (recent === null) return { tone: 'unsure', numbers: null, ...said['not judged'] };
  const { drift, chips, words } = recent;
  if (drift === null) {
    const numbers = `None of the newest ${count(chips)} chips got a ${words.one}.`;
    return { tone: 'unsure', numbers, ...said['not predicted'] };
  }
  const { headline, sentence, action } = driftWords(drift, threshold, words);
  const told = { tone: TONES[drift.verdict], sentence: `${headline}.`, numbers: sentence };
  if (drift.verdict !== 'no drift') return { ...told, next: action };
  const see = `about the model, but see the ${redAlarms === 1 ? 'alarm' : 'alarms'} below`;
  return { ...told, next: `Nothing to do${redAlarms === 0 ? '' : ` ${see}`}.` };
}

const TONES = { drift: 'bad', 'no drift': 'good', 'not enough data': 'unsure' } as const;
