import { jsx as _jsx } from 'preact/jsx-runtime';
import { outsideText } from '../outsideText.ts';
/** Text that came from outside, kept to itself whatever the direction of its letters. */
export function Outside({ text }) {
  return _jsx('bdi', { class: 'outside', children: outsideText(text) });
}
