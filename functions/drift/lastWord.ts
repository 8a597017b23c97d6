import type { Judgement } from '../../core/drift/window.ts';
import type { Executions } from '../../core/executions.ts';
import { lastWordInput } from '../../core/messages.ts';
import { taskOfSum } from '../../core/tasks/registry.ts';

export type LastWordPorts = {
  executions: Pick<Executions, 'start'>;
  /** The share of blank chips above which an alarm tells. */
  blankShareLimit: number;
  /** The share of right predictions below which one tells; 0 where none does. */
  accuracyLimit: number;
};

/** The period of the alarms on the window `recent`: of one, they know the highest number, whichever was the last. */
const PERIOD_MILLISECONDS = 60_000;

/**
 * The word that a burst ends with. Whoever publishes another word than the one that stood before this minute and the last
 * one asks for a look two minutes from now: by then all that was on its way has been published, in a period before. So in a
 * period in which both words fell, at least one of those who spoke has asked, and it is asked for once, by its name.
 */
export function makeLastWord({ executions, blankShareLimit, accuracyLimit }: LastWordPorts) {
  let asked: string | undefined;

  /** As of when the word stood that another one is compared with: whatever ended by then, an index shows for sure. */
  function before(now: Date): Date {
    return periodsFrom(now, -1);
  }

  /** Whether two windows say the same to each of the alarms. */
  function isSame(one: Judgement, other: Judgement): boolean {
    return [drifts, bandDrifts, hasTooManyBlanks, isTooOftenWrong].every((says) => says(one) === says(other));
  }

  /** Has the window judged and published once more, when the minutes are over in which it may change. */
  async function ask(now: Date): Promise<void> {
    const at = periodsFrom(now, 2);
    const name = `last-word-${at.toISOString().replace(/\D/g, '').slice(0, 12)}`;
    if (name === asked) return;
    await executions.start(name, lastWordInput(at));
    asked = name;
  }

  function hasTooManyBlanks({ chips, blank }: Judgement): boolean {
    return chips > 0 && blank / chips > blankShareLimit;
  }

  function isTooOftenWrong(judgement: Judgement): boolean {
    const share = taskOfSum(judgement).accuracy?.(judgement) ?? null;
    return share !== null && share < accuracyLimit;
  }

  return { before, isSame, ask };
}

function bandDrifts({ bandDrift = [] }: Judgement): boolean {
  return bandDrift.some(({ verdict }) => verdict === 'drift');
}

function drifts({ drift }: Judgement): boolean {
  return drift?.verdict === 'drift';
}

function periodsFrom(now: Date, count: number): Date {
  return new Date((Math.floor(now.getTime() / PERIOD_MILLISECONDS) + count) * PERIOD_MILLISECONDS);
}
