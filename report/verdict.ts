import { driftWords } from '../charts/driftWords.ts';
import { counted } from '../charts/format.ts';
import type { DriftScores } from '../core/ledger/ledgerRow.ts';
import { RUNNING, STATES, type State } from '../core/ledger/states.ts';
import type { CountedViolation } from '../core/measures/bands/toldViolations.ts';
import type { Accuracy, Words } from '../core/tasks/shown.ts';

/** What a day comes to, in words for whoever gets the report. */
export type Verdict = {
  outcome:
    | DriftScores['verdict']
    | 'no finite output'
    | 'clouds only'
    | 'blanks only'
    | 'nothing classified'
    | 'nothing classified yet'
    | 'nothing arrived';
  /** In a few words. */
  headline: string;
  sentence: string;
  action: string;
  /** What went wrong beside it, a sentence each, with what to do about it. */
  findings: string[];
};

/** What a verdict is made of. */
export type Facts = {
  threshold: number;
  drift: DriftScores | null;
  /** Scene files that arrived, by the state that they are in now. */
  states: Record<State, number>;
  /** Of those that failed, so many that no sweep tries again. */
  failedForGood: number;
  chips: number;
  /** Chips under clouds, which count in no verdict. */
  masked?: number | undefined;
  /** Classified chips whose outputs were not all finite. */
  missing: number;
  accuracy: Pick<Accuracy, 'warning'> | null;
  violations?: readonly CountedViolation[];
  /** The cause of a drift, and what moved most, in sentences. */
  movers?: readonly string[];
  words: Pick<Words, 'many' | 'lookAt'>;
};

export function judgeDay(facts: Facts): Verdict {
  const words = wordsOf(facts);
  const findings = findingsOf(facts);
  const action = words.outcome === 'no drift' && findings.length > 0 ? 'Nothing about drift, but:' : words.action;
  return { ...words, action, findings };
}

const filesIn = (states: Facts['states'], those: readonly State[] = STATES): number =>
  those.reduce((sum, state) => sum + states[state], 0);

function wordsOf({ drift, threshold, states, chips, masked = 0, missing, words }: Facts): Omit<Verdict, 'findings'> {
  const [all, running] = [filesIn(states), filesIn(states, RUNNING)];
  if (drift !== null) return { outcome: drift.verdict, ...driftWords(drift, threshold, words) };
  if (masked > 0 && missing === 0)
    return {
      outcome: 'clouds only',
      headline: 'Clouds hide all there was to judge',
      sentence: `${counted(masked, 'chip')} of the day's ${chips} lie under clouds, so they are classified but count in no verdict.`,
      action: 'Nothing, if it was cloudy. Otherwise look at the mask that the scenes have.',
    };
  if (states.DONE > 0)
    return {
      outcome: 'no finite output',
      headline: 'The model gives no usable output',
      sentence: 'Chips were classified, but no output of the model was a finite number.',
      action:
        'Promote the model version that worked before, and look at the model and at the values of the newest files.',
    };
  if (states.EMPTY > 0)
    return {
      outcome: 'blanks only',
      headline: 'Only blank chips arrived',
      sentence: `All ${counted(chips, 'chip')} of the day have nothing on them, so there was nothing to classify.`,
      action: 'Ask whoever delivers the scenes: a sensor, a download or an export upstream may deliver empty images.',
    };
  if (running > 0)
    return {
      outcome: 'nothing classified yet',
      headline: 'Nothing is classified yet',
      sentence: `${counted(running, 'file')} of the day ${running === 1 ? 'is' : 'are'} still on the way.`,
      action: 'Make the report again when they are done.',
    };
  if (all > 0 && all === states.DUPLICATE)
    return {
      outcome: 'nothing classified',
      headline: 'Nothing new arrived',
      sentence: `${counted(all, 'file')} arrived with the very bytes of files that were counted before.`,
      action: 'Ask whoever delivers the scenes whether they meant to send new ones.',
    };
  if (all > 0)
    return {
      outcome: 'nothing classified',
      headline: 'Nothing could be classified',
      sentence: `${counted(all, 'file')} arrived, and none of them came to predictions.`,
      action: 'Read below what is wrong with them.',
    };
  return {
    outcome: 'nothing arrived',
    headline: 'Nothing arrived',
    sentence: 'No scene file arrived on this day, so there is nothing to judge.',
    action: 'If files were due, ask whoever delivers the scenes, and check that they write to the inbox.',
  };
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
    missing > 0 &&
      drift !== null &&
      `For ${counted(missing, 'chip')}, the model's output was not finite, so ${missing === 1 ? 'it has' : 'they have'} no prediction. Look at their values.`,
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
