import type { State } from '../../../core/ledger/states.ts';
import type { Verdict } from '../../../core/statistics/verdict.ts';
import type { AlarmState } from '../../../observability/alarmState.ts';
import { Icon, type IconName } from './icon.tsx';

type Look = { icon: IconName; tone: string };

/** The ledger's states in the order in which a run goes through them, and what each one means. */
export const STATES: Record<State, Look & { meaning: string }> = {
  CLAIMED: { icon: 'way', tone: 'busy', meaning: 'Its chips are being prepared.' },
  PREPARED: { icon: 'way', tone: 'busy', meaning: 'Its chips are prepared and are being classified.' },
  PREDICTED: {
    icon: 'way',
    tone: 'busy',
    meaning: 'Its chips are classified; the comparison with the reference follows.',
  },
  DONE: { icon: 'good', tone: 'good', meaning: 'Classified, and compared with the reference.' },
  EMPTY: { icon: 'none', tone: 'quiet', meaning: 'All of its chips are blank: there was nothing to classify.' },
  DUPLICATE: {
    icon: 'twin',
    tone: 'quiet',
    meaning: 'The same bytes arrived under another name before, and count once.',
  },
  INVALID: { icon: 'wrong', tone: 'warn', meaning: 'It can never be classified. A corrected file gets its own run.' },
  FAILED: {
    icon: 'bad',
    tone: 'bad',
    meaning: 'Something went wrong. While attempts are left, the next sweep retries it; after that, only you can.',
  },
};

const ALARM_STATES: Record<AlarmState['state'], Look & { word: string }> = {
  ALARM: { icon: 'bad', tone: 'bad', word: 'ALARM' },
  INSUFFICIENT_DATA: { icon: 'unsure', tone: 'quiet', word: 'no data yet' },
  OK: { icon: 'good', tone: 'good', word: 'OK' },
};

const VERDICTS: Record<Verdict, Look> = {
  drift: { icon: 'bad', tone: 'bare bad' },
  'no drift': { icon: 'good', tone: 'bare good' },
  'not enough data': { icon: 'unsure', tone: 'bare quiet' },
};

export function StateBadge({ state }: { state: State }) {
  return <Badge {...STATES[state]} word={state} />;
}

export function AlarmBadge({ state }: { state: AlarmState['state'] }) {
  return <Badge {...ALARM_STATES[state]} />;
}

/** Nothing where nothing was judged. */
export function VerdictBadge({ verdict }: { verdict: Verdict | null }) {
  return verdict && <Badge {...VERDICTS[verdict]} word={verdict} />;
}

/** A word with its mark. */
export function Badge({ icon, tone, word }: Partial<Look> & { word: string }) {
  return (
    <span class={`badge ${tone ?? ''}`}>
      {icon && <Icon name={icon} />}
      {word}
    </span>
  );
}
