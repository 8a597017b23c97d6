import type { Executions } from '../../../core/base/executions.ts';
import { lastWordInput } from '../../../core/base/messages.ts';
import type { Judgement } from '../../../core/drift/window.ts';
import { verdictsOnMeasures } from '../../../core/measures/expectedRegistry.ts';
import type { Settings } from '../../../core/parameters/settings.ts';
import { accuracyIn } from '../../../core/tasks/registry.ts';

export type LastWordPorts = { executions: Pick<Executions, 'start'> } & Pick<
  Settings,
  'blankShareLimit' | 'accuracyLimit'
>;

/** The period of the alarms on the window `recent`: within one, they see the highest number, not the last. */
const PERIOD_MILLISECONDS = 60_000;

/**
 * Makes sure that the final judgement of a burst is published in a period of its own. Whoever publishes a judgement that differs
 * from the one that held two minutes ago asks for another look two minutes from now: by then, everything in progress has been
 * published, in an earlier period. So for a period with two different judgements, at least one publisher has asked; the
 * execution's name makes sure that the look happens once.
 */
export function makeLastWord({ executions, blankShareLimit, accuracyLimit }: LastWordPorts) {
  let asked: string | undefined;

  /** The time of the judgement to compare with: an index is sure to show everything that ended by then. */
  const before = (now: Date): Date => periodsFrom(now, -1);

  /** Whether two windows have the same effect on every alarm. */
  const isSame = (one: Judgement, other: Judgement): boolean =>
    [drifts, measuresDrift, hasTooManyBlanks, isTooOftenWrong].every((says) => says(one) === says(other));

  /** Schedules another judgement and publication of the window, after the minutes in which it may change. */
  async function ask(now: Date): Promise<void> {
    const at = periodsFrom(now, 2);
    const name = `last-word-${at.toISOString().replace(/\D/g, '').slice(0, 12)}`;
    if (name === asked) return;
    await executions.start(name, lastWordInput(at));
    asked = name;
  }

  const hasTooManyBlanks = ({ chips, blank }: Judgement): boolean => chips > 0 && blank / chips > blankShareLimit;
  const isTooOftenWrong = (judgement: Judgement): boolean => (accuracyIn(judgement) ?? Infinity) < accuracyLimit;

  return { before, isSame, ask };
}

const measuresDrift = (judgement: Judgement): boolean => verdictsOnMeasures(judgement).includes('drift');
const drifts = ({ drift }: Judgement): boolean => drift?.verdict === 'drift';

const periodsFrom = (now: Date, count: number): Date =>
  new Date((Math.floor(now.getTime() / PERIOD_MILLISECONDS) + count) * PERIOD_MILLISECONDS);
