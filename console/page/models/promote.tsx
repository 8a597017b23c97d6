import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Promoted } from '../../api.ts';
import { NotDone, post } from '../ask.ts';
import { outsideText } from '../outsideText.ts';
import { Outside } from '../parts/text.tsx';
import { hrefOf } from '../route.ts';
import { useStatusAgain } from '../status.ts';

/** Lets a version classify what comes, after a question; where its gate refuses it, after one more, and for a reason. */
export function Promote(props: { name: string; version: string; live: string | null; onDone: () => void }) {
  const { name, version, live, onDone } = props;
  const path = `/api/models/${encodeURIComponent(name)}/${encodeURIComponent(version)}/promote`;
  return (
    <Confirmed button="Promote…" title={`Promote ${outsideText(version)}?`} act="Promote" path={path} onDone={onDone}>
      <p>
        <Outside text={version} /> of <Outside text={name} /> classifies what comes from then on
        {live === null ? (
          '.'
        ) : (
          <>
            , in the place of <Outside text={live} />. <a href={diffHref(name, live, version)}>How do they differ?</a>
          </>
        )}
      </p>
    </Confirmed>
  );
}

/** Promotes the version again that was promoted before, after a question. */
export function RollBack(props: { name: string; live: string; before: string; onDone: () => void }) {
  const { name, live, before, onDone } = props;
  const path = `/api/models/${encodeURIComponent(name)}/rollback`;
  return (
    <Confirmed
      button="Roll back…"
      title={`Back to ${outsideText(before)}?`}
      act="Roll back"
      path={path}
      body={{ seen: { from: live, to: before } }}
      onDone={onDone}
    >
      <p>
        <Outside text={before} /> will classify new files again, and <Outside text={live} /> no more. Runs that are
        under way come to their end as they began.
      </p>
    </Confirmed>
  );
}

export function diffHref(name: string, first: string, second: string): string {
  return hrefOf('diff', { query: { first: `${name}/${first}`, second: `${name}/${second}` } });
}

type Question = {
  button: string;
  title: string;
  act: string;
  path: string;
  body?: object;
  onDone: () => void;
  children: ComponentChildren;
};

function Confirmed({ button, title, act, path, body, onDone, children }: Question) {
  const dialog = useRef<HTMLDialogElement>(null);
  const statusAgain = useStatusAgain();
  const [reason, setReason] = useState('');
  const [isOnItsWay, setIsOnItsWay] = useState(false);
  const [problem, setProblem] = useState<{ message: string; refusals: readonly string[] } | null>(null);
  const isRefused = (problem?.refusals.length ?? 0) > 0;
  const [faster, setFaster] = useState<Promoted['faster']>(null);
  const said = reason.trim();

  const go = async () => {
    setIsOnItsWay(true);
    try {
      const why = said === '' ? {} : isRefused ? { anyway: said } : { reason: said };
      const done: Promoted = JSON.parse(await post(path, { ...body, ...why }));
      setProblem(null);
      setFaster(done.faster);
      if (done.faster !== null) return; // it is read before the button goes away
      dialog.current?.close();
      document.querySelector('h1')?.focus(); // the button goes away with what it was for
      onDone();
    } catch (error) {
      const { message, refusals } = error instanceof NotDone ? error : new NotDone((error as Error).message);
      setProblem({ message, refusals });
      onDone(); // a refusal is in the history as well
    } finally {
      setIsOnItsWay(false);
      statusAgain();
    }
  };
  const close = () => {
    setProblem(null);
    setReason('');
    if (faster !== null) onDone();
  };

  return (
    <>
      <button type="button" onClick={() => dialog.current?.showModal()}>
        {button}
      </button>
      <dialog ref={dialog} aria-label={title} class="promote" onClose={close}>
        <h2>{title}</h2>
        {children}
        {problem !== null && (
          <div class="notice bad" role="alert">
            <p>{outsideText(problem.message)}</p>
            {isRefused && (
              <ul>
                {problem.refusals.map((one) => (
                  <li key={one}>{outsideText(one)}</li>
                ))}
              </ul>
            )}
          </div>
        )}
        {faster !== null && (
          <p class="notice warn" role="alert">
            It is done. {outsideText(faster.by ?? 'Somebody')} was faster, and had promoted{' '}
            {outsideText(faster.version)} meanwhile.
          </p>
        )}
        <label class="why">
          <span>{isRefused ? 'Why promote it anyway' : 'Why, for the history'}</span>
          <input
            type="text"
            value={reason}
            maxLength={1000}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
        <div class="actions">
          <button type="button" onClick={() => dialog.current?.close()}>
            {faster === null ? 'Cancel' : 'Close'}
          </button>
          <button
            type="button"
            class="primary"
            disabled={isOnItsWay || faster !== null || (isRefused && said === '')}
            onClick={() => void go()}
          >
            {isOnItsWay ? 'Trying the model…' : isRefused ? `${act} anyway` : act}
          </button>
        </div>
      </dialog>
    </>
  );
}
