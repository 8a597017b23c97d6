import type { State } from '../../../core/ledger/states.ts';
import type { Verdict } from '../../../core/statistics/verdict.ts';
import type { AlarmState } from '../../../observability/alarms.ts';
import SHAPES from './icons.json' with { type: 'json' };

/** A shape for each meaning, so that no meaning hangs on colour alone. Beside words: hidden from screen readers. */
type Look = { icon: keyof typeof SHAPES; tone: string };

export const Icon = ({ name }: { name: Look['icon'] }) => (
  <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
    <path d={SHAPES[name]} />
  </svg>
);

const BUSY: Look = { icon: 'way', tone: 'busy' };

/** The ledger's states in the order in which a run goes through them. */
export const STATES: Record<State, Look> = {
  CLAIMED: BUSY,
  PREPARED: BUSY,
  PREDICTED: BUSY,
  DONE: { icon: 'good', tone: 'good' },
  EMPTY: { icon: 'none', tone: 'quiet' },
  DUPLICATE: { icon: 'twin', tone: 'quiet' },
  INVALID: { icon: 'wrong', tone: 'warn' },
  FAILED: { icon: 'bad', tone: 'bad' },
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

export const StateBadge = ({ state }: { state: State }) => <Badge {...STATES[state]} word={state} />;
export const AlarmBadge = ({ state }: { state: AlarmState['state'] }) => <Badge {...ALARM_STATES[state]} />;

/** Nothing where nothing was judged. */
export const VerdictBadge = ({ verdict }: { verdict: Verdict | null }) =>
  verdict && <Badge {...VERDICTS[verdict]} word={verdict} />;

export const Badge = ({ icon, tone, word }: Partial<Look> & { word: string }) => (
  <span class={`badge ${tone ?? ''}`}>
    {icon && <Icon name={icon} />}
    {word}
  </span>
);
