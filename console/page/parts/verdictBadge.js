import { jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
import { Icon } from './icon.tsx';

const LOOKS = {
  drift: { icon: 'bad', tone: 'bad' },
  'no drift': { icon: 'good', tone: 'good' },
  'not enough data': { icon: 'unsure', tone: 'quiet' },
};
/** A verdict as a word with its mark; nothing where nothing was judged. */
export function VerdictBadge({ verdict }) {
  if (verdict === null) return null;
  const { icon, tone } = LOOKS[verdict];
  return _jsxs('span', { class: `badge bare ${tone}`, children: [_jsx(Icon, { name: icon }), verdict] });
}
