import { useState } from 'preact/hooks';
import { Enlarged, NoPicture } from './enlarged.tsx';

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
