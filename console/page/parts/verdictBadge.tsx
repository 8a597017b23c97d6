import type { DriftScores } from '../../../core/ledger/ledgerRow.ts';
import { Icon, type IconName } from './icon.tsx';

const LOOKS: Record<DriftScores['verdict'], { icon: IconName; tone: string }> = {
  drift: { icon: 'bad', tone: 'bad' },
  'no drift': { icon: 'good', tone: 'good' },
  'not enough data': { icon: 'unsure', tone: 'quiet' },
};

/** A verdict as a word with its mark; nothing where nothing was judged. */
export function VerdictBadge({ verdict }: { verdict: DriftScores['verdict'] | null }) {
  if (verdict === null) return null;
  const { icon, tone } = LOOKS[verdict];
  return (
    <span class={`badge bare ${tone}`}>
      <Icon name={icon} />
      {verdict}
    </span>
  );
}
