import type { ComponentChildren } from 'preact';
import { useContext, useRef, useState } from 'preact/hooks';
import type { Problem } from '../../api.ts';
import { post } from '../ask.ts';
import { outsideText, Sentences, StatusContext } from './answered.tsx';

type Question = {
  title: string;
  /** What is done: the word on the button that does it; and while it is being done. */
  act: string;
  doing: string;
  path: string;
  body?: object;
  /** A promotion is asked for its reason, and may be refused by a gate. */
  isPromotion?: true;
  onDone: () => void;
  children: ComponentChildren;
};

/** A button that changes something, after a question. */
export function Confirmed({ title, act, doing, path, body, isPromotion, onDone, children }: Question) {
  const dialog = useRef<HTMLDialogElement>(null);
  const status = useContext(StatusContext);
  const [reason, setReason] = useState('');
  const [isOnItsWay, setIsOnItsWay] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const isRefused = (problem?.refusals?.length ?? 0) > 0;
  const said = reason.trim();

  const go = async () => {
    setIsOnItsWay(true);
    try {
      await post(path, { ...body, ...(said === '' ? {} : isRefused ? { anyway: said } : { reason: said }) });
      dialog.current?.close();
      document.querySelector('h1')?.focus(); // the button goes away with what it was for
      onDone();
    } catch (error) {
      setProblem(error as Error & Problem);
      onDone(); // a refusal is in the history as well, and what is shown may be older than it
    } finally {
      setIsOnItsWay(false);
      status.again();
    }
  };
  const close = () => {
    setProblem(null);
    setReason('');
  };

  return (
    <>
      <button type="button" class={isPromotion ? undefined : 'primary'} onClick={() => dialog.current?.showModal()}>
        {act}…
      </button>
      <dialog ref={dialog} aria-label={title} class={isPromotion && 'promote'} onClose={close}>
        <h2>{title}</h2>
        {children}
        {problem !== null && (
          <div class="notice bad" role="alert">
            <p>{outsideText(problem.message)}</p>
            {isRefused && <Sentences of={problem.refusals!} />}
          </div>
        )}
        {isPromotion && (
          <label class="why">
            <span>{isRefused ? 'Why promote it anyway' : 'Why, for the history'}</span>
            <input
              type="text"
              value={reason}
              maxLength={1000}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          </label>
        )}
        <div class="actions">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button
            type="button"
            class="primary"
            disabled={isOnItsWay || (isRefused && said === '')}
            onClick={() => void go()}
          >
            {isOnItsWay ? doing : isRefused ? `${act} anyway` : act}
          </button>
        </div>
      </dialog>
    </>
  );
}
