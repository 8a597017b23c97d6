import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Chip } from '../../api.ts';
import { outsideText } from '../outsideText.ts';
import { Icon } from './badges.tsx';

/** A chip's picture, each pixel as it is, which grows when it is pressed; or that there is none, when the file is gone from the inbox. */
export function Thumbnail({ src, text }: { src: string | null; text: string }) {
  const [isGone, setIsGone] = useState(false);
  const [isLarge, setIsLarge] = useState(false);
  if (src === null) return <NoPicture why="it was predicted over HTTP, which keeps no images" />;
  if (isGone) return <NoPicture />;
  return (
    <>
      <button type="button" class="enlarge" aria-haspopup="dialog" onClick={() => setIsLarge(true)}>
        <img src={src} alt={text} loading="lazy" decoding="async" onError={() => setIsGone(true)} />
      </button>
      {isLarge && <Enlarged src={src} text={text} onClose={() => setIsLarge(false)} />}
    </>
  );
}

type Large = { src: string; text: string; onClose: () => void; children?: ComponentChildren };

/** A chip's picture, large, over the page; `children` are what there is to say of it. */
export function Enlarged({ src, text, onClose, children = text }: Large) {
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

function NoPicture({ why = 'its file can no longer be read' }: { why?: string }) {
  return <p class="no-picture">No picture: {why}.</p>;
}

/** Right or wrong, told by a word and a mark; nothing where the file brought no truth. */
export function Truth({ chip: { truth, isRight } }: { chip: Pick<Chip, 'truth' | 'isRight'> }) {
  if (truth === null) return null;
  if (isRight === null) return <p class="truth">in truth {outsideText(truth)}</p>;
  return (
    <p class={`truth ${isRight ? 'good' : 'bad'}`}>
      <Icon name={isRight ? 'good' : 'wrong'} />
      {isRight ? 'right' : <>wrong: it is {outsideText(truth)}</>}
    </p>
  );
}
