import { useRef, useState } from 'preact/hooks';
import type { RunSummary } from '../../api.ts';
import { post } from '../ask.ts';
import { outsideText } from '../outsideText.ts';
import { Outside } from '../parts/text.tsx';

/** One more attempt of a failed run, after a question. */
export function Retry({ run: { run, file, attempt }, onRetried }: { run: RunSummary; onRetried: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isOnItsWay, setIsOnItsWay] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

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

  return (
    <>
      <button type="button" class="primary" onClick={() => dialog.current?.showModal()}>
        Retry…
      </button>
      <dialog ref={dialog} aria-labelledby="retry-title" onClose={() => setProblem(null)}>
        <h2 id="retry-title">Retry this file?</h2>
        <p>
          <Outside text={file} /> is read again from its beginning, as attempt {attempt + 1}.
        </p>
        {problem !== null && (
          <p class="notice bad" role="alert">
            {outsideText(problem)}
          </p>
        )}
        <div class="actions">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="button" class="primary" disabled={isOnItsWay} onClick={() => void retry()}>
            {isOnItsWay ? 'Starting…' : 'Retry'}
          </button>
        </div>
      </dialog>
    </>
  );
}
