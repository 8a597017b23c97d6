import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** A chip's picture, large, over the page; `children` are what there is to say of it. */
export function Enlarged({
  src,
  text,
  onClose,
  children = text,
}: {
  src: string;
  text: string;
  onClose: () => void;
  children?: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isGone, setIsGone] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="enlarged" aria-label={text} onClose={onClose}>
      {isGone ? <NoPicture /> : <img src={src} alt={text} onError={() => setIsGone(true)} />}
      <div class="actions">
        <div>{children}</div>
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
    </dialog>
  );
}

export function NoPicture({ why = 'its file can no longer be read' }: { why?: string }) {
  return <p class="no-picture">No picture: {why}.</p>;
}
