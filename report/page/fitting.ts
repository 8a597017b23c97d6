import type { Html } from '../../core/html.ts';

/** As many of the first pieces as take no more than so many bytes. */
export function fitting(pieces: readonly Html[], bytes: number): Html[] {
  let left = bytes;
  const end = pieces.findIndex(({ html }) => {
    left -= Buffer.byteLength(html);
    return left < 0;
  });
  return end < 0 ? [...pieces] : pieces.slice(0, end);
}
