import { jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
import { Icon } from './icon.tsx';
/** The ledger's states in the order in which a run goes through them, and what each one means. */
export const STATES = {
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
export function StateBadge({ state }) {
  return _jsx(Badge, { ...STATES[state], word: state });
}
const ALARM_STATES = {
  ALARM: { icon: 'bad', tone: 'bad', word: 'ALARM' },
  INSUFFICIENT_DATA: { icon: 'unsure', tone: 'quiet', word: 'no data yet' },
  OK: { icon: 'good', tone: 'good', word: 'OK' },
};
export function AlarmBadge({ state }) {
  return _jsx(Badge, { ...ALARM_STATES[state] });
}
function Badge({ icon, tone, word }) {
  return _jsxs('span', { class: `badge ${tone}`, children: [_jsx(Icon, { name: icon }), word] });
}
