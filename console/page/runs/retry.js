import { useRef, useState } from 'preact/hooks';
import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
import { post } from '../ask.ts';
import { outsideText } from '../outsideText.ts';
import { Outside } from '../parts/outside.tsx';
/** One more attempt of a failed run, after a question. */
export function Retry({ run: { run, file, attempt }, onRetried }) {
  const dialog = useRef(null);
  const [isOnItsWay, setIsOnItsWay] = useState(false);
  const [problem, setProblem] = useState(null);
  const retry = async () => {
    setIsOnItsWay(true);
    setProblem(null);
    try {
      await post(`/api/runs/${encodeURIComponent(run)}/retry`);
      dialog.current?.close();
      document.querySelector('h1')?.focus(); // the button goes away with the failure
      onRetried();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      onRetried(); // what is shown may be older than the refusal
    } finally {
      setIsOnItsWay(false);
    }
  };
  return _jsxs(_Fragment, {
    children: [
      _jsx('button', {
        type: 'button',
        class: 'primary',
        onClick: () => dialog.current?.showModal(),
        children: 'Retry\u2026',
      }),
      _jsxs('dialog', {
        ref: dialog,
        'aria-labelledby': 'retry-title',
        onClose: () => setProblem(null),
        children: [
          _jsx('h2', { id: 'retry-title', children: 'Try this file once more?' }),
          _jsxs('p', {
            children: [
              _jsx(Outside, { text: file }),
              ' is read again from its beginning, as attempt ',
              attempt + 1,
              '.',
            ],
          }),
          problem !== null && _jsx('p', { class: 'notice bad', role: 'alert', children: outsideText(problem) }),
          _jsxs('div', {
            class: 'actions',
            children: [
              _jsx('button', { type: 'button', onClick: () => dialog.current?.close(), children: 'Cancel' }),
              _jsx('button', {
                type: 'button',
                class: 'primary',
                disabled: isOnItsWay,
                onClick: () => void retry(),
                children: isOnItsWay ? 'Starting…' : 'Retry',
              }),
            ],
          }),
        ],
      }),
    ],
  });
}
