import { driftWords, missingText } from '../charts/driftWords.ts';
import { counted, filled } from '../charts/format.ts';
import type { Judgement } from '../core/drift/window.ts';
import type { DriftScores } from '../core/ledger/ledgerRow.ts';
import { RUNNING, STATES, type State } from '../core/ledger/states.ts';
import type { CountedViolation } from '../core/measures/bands/toldViolations.ts';
import type { Accuracy, Words } from '../core/tasks/shown.ts';
import verdicts from './verdicts.json' with { type: 'json' };

/** What a day comes to, in words for whoever gets the report. */
export type Verdict = {
  outcome: DriftScores['verdict'] | Exclude<keyof typeof verdicts, 'nothing new'>;
  headline: string;
  sentence: string;
  action: string;
  /** What went wrong beside it, a sentence each, with what to do about it. */
  findings: string[];
};

export type Facts = Pick<Judgement, 'drift' | 'chips' | 'masked'> & {
  threshold: number;
  /** Scene files that arrived, by the state that they are in now. */
  states: Record<State, number>;
  /** Of those that failed, so many that no sweep tries again. */
  failedForGood: number;
  /** Classified chips whose outputs were not all finite. */
  missing: number;
  accuracy: Pick<Accuracy, 'warning'> | null;
  violations?: readonly CountedViolation[];
  /** The cause of a drift, and what moved most, in sentences. */
  movers?: readonly string[];
  /** What else is not as expected, where the predictions do not drift. */
  isOff?: string | undefined;
  words: Words;
};

export function judgeDay(facts: Facts): Verdict {
  const words = wordsOf(facts);
  const findings = findingsOf(facts);
  if (words.outcome !== 'no drift' && words.outcome !== 'not enough data') return { ...words, findings };
  if (facts.isOff !== undefined)
    return {
      ...words,
      headline: `${words.headline}, but ${facts.isOff}`,
      action: 'Before you use the predictions:',
      findings,
    };
  const nothing = words.outcome === 'no drift' ? 'Nothing about drift, but:' : 'Nothing about drift yet, but:';
  return { ...words, action: findings.length > 0 && !facts.drift?.isProvisional ? nothing : words.action, findings };
}

const filesIn = (states: Facts['states'], those: readonly State[] = STATES): number =>
  those.reduce((sum, state) => sum + states[state], 0);

function wordsOf({ drift, threshold, words, ...facts }: Facts): Omit<Verdict, 'findings'> {
  if (drift !== null) return { outcome: drift.verdict, ...driftWords(drift, threshold, words) };
  const { states, chips, masked = 0 } = facts;
  const running = filesIn(states, RUNNING);
  const why = whyNotJudged(facts);
  const sentence = filled(verdicts[why].sentence, {
    masked: counted(masked, 'chip'),
    'all chips': counted(chips, 'chip'),
    chips,
    running: counted(running, 'file'),
    are: running === 1 ? 'is' : 'are',
    files: counted(filesIn(states), 'file'),
  });
  return { ...verdicts[why], outcome: why === 'nothing new' ? 'nothing classified' : why, sentence };
}

function whyNotJudged({ states, masked = 0, missing }: Pick<Facts, 'states' | 'masked' | 'missing'>) {
  if (masked > 0 && missing === 0) return 'clouds only';
  if (states.DONE > 0) return 'no finite output';
  if (states.EMPTY > 0) return 'blanks only';
  if (filesIn(states, RUNNING) > 0) return 'nothing classified yet';
  if (filesIn(states) === 0) return 'nothing arrived';
  return filesIn(states) === states.DUPLICATE ? 'nothing new' : 'nothing classified';
}

function findingsOf({ states, failedForGood, missing, drift, accuracy, ...facts }: Facts): string[] {
  const { violations = [], movers = [] } = facts;
  const { INVALID: invalid, FAILED: failed } = states;
  const running = filesIn(states, RUNNING);
  return [
    ...movers,
    violations.length > 0 &&
      `Files break ${counted(violations.length, 'rule')} of data quality in their source bands: see below.`,
    invalid > 0 &&
      `${counted(invalid, 'file')} can never be classified. Have ${invalid === 1 ? 'a corrected one' : 'corrected ones'} sent; other files are not affected.`,
    failed > 0 && `${counted(failed, 'file')} failed. ${whoTriesAgain(failed - failedForGood, failedForGood)}`,
    missing > 0 && drift !== null && `${missingText(missing)} Look at their values, and whether they are nodata.`,
    accuracy?.warning,
    running > 0 &&
      running < filesIn(states) &&
      `${counted(running, 'file')} ${running === 1 ? 'is' : 'are'} still in progress and not counted yet.`,
  ].filter((sentence) => typeof sentence === 'string');
}

function whoTriesAgain(again: number, forGood: number): string {
  const them = (count: number) => (count === 1 ? 'it' : 'them');
  if (forGood === 0) return `The next sweep tries ${them(again)} again.`;
  const byHand = 'when the cause is gone, "swath retry" does';
  if (again === 0) return `No sweep tries ${them(forGood)} again: ${byHand}.`;
  return `The next sweep tries ${again} of them again, but none tries the other${forGood === 1 ? '' : ` ${forGood}`}: ${byHand}.`;
}
