import type { State } from '../../../core/ledger/ledgerRow.ts';
import type { AlarmState } from '../../../observability/alarmState.ts';
import { Icon, type IconName } from './icon.tsx';

type Look = { icon: IconName; tone: 'good' | 'bad' | 'warn' | 'quiet' | 'busy'; word: string };
type Words = Omit<Look, 'word'> & { meaning: string };

/** The ledger's states in the order in which a run goes through them, and what each one means. */
export const STATES: Record<State, Words> = {
  CLAIMED: { icon: 'way', tone: 'busy', meaning: 'Somebody is preparing it.' },
  PREPARED: { icon: 'way', tone: 'busy', meaning: 'Its chips are prepared and are being classified.' },
  PREDICTED: {
    icon: 'way',
    tone: 'busy',
    meaning: 'Its chips are classified; the comparison with the reference follows.',
  },
  DONE: { icon: 'good', tone: 'good', meaning: 'Classified, and compared with the reference.' },
  EMPTY: { icon: 'none', tone: 'quiet', meaning: 'All of its chips are blank: there was nothing to classify.' },
  DUPLICATE: { icon: 'twin', tone: 'quiet', meaning: 'The same bytes came under another name before, and count once.' },
  INVALID: { icon: 'wrong', tone: 'warn', meaning: 'It can never be classified. A mended file is a run of its own.' },
  FAILED: {
    icon: 'bad',
    tone: 'bad',
    meaning: 'Something went wrong. It is tried again by the next sweep, or by hand.',
  },
};

export function StateBadge({ state }: { state: State }) {
  return <Badge {...STATES[state]} word={state} />;
}

const ALARM_STATES: Record<AlarmState['state'], Look> = {
  ALARM: { icon: 'bad', tone: 'bad', word: 'ALARM' },
  INSUFFICIENT_DATA: { icon: 'unsure', tone: 'quiet', word: 'no data yet' },
  OK: { icon: 'good', tone: 'good', word: 'OK' },
};

export function AlarmBadge({ state }: { state: AlarmState['state'] }) {
  return <Badge {...ALARM_STATES[state]} />;
}

function Badge({ icon, tone, word }: Look) {
  return (
    <span class={`badge ${tone}`}>
      <Icon name={icon} />
      {word}
    </span>
  );
}
