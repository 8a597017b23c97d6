import { jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
import { outsideText } from '../outsideText.ts';
/** How far a run is that is on its way; nothing for one that has ended. */
export function Progress({ run: { file, progress, state } }) {
  if (state !== 'CLAIMED' && state !== 'PREPARED' && state !== 'PREDICTED') return null;
  const name = `Progress of ${outsideText(file)}`;
  if (progress === null)
    return _jsxs('p', { class: 'progress', children: [_jsx('progress', { 'aria-label': name }), ' being prepared'] });
  const { done, parts } = progress;
  return _jsxs('p', {
    class: 'progress',
    children: [
      _jsx('progress', { 'aria-label': name, value: done, max: parts }),
      ' ',
      done,
      ' of ',
      parts,
      ' ',
      parts === 1 ? 'part' : 'parts',
      ' ',
      'classified',
    ],
  });
}
