import { useLayoutEffect, useRef } from 'preact/hooks';
import { useWidth } from './useWidth.ts';

/**
 * A drawing that is as wide as its place, drawn anew when that or the data change. It is an image to screen readers:
 * `reading` says in words what it shows, and a table of its numbers stands beside it.
 */
export function Chart<Data>({
  data,
  draw,
  reading,
}: {
  data: Data;
  draw: (data: Data, width: number) => Element;
  reading: string;
}) {
  const place = useRef<HTMLDivElement>(null);
  const width = useWidth(place);

  useLayoutEffect(() => {
    if (width === 0) return;
    const drawing = draw(data, width);
    drawing.setAttribute('aria-hidden', 'true'); // Plot names each group of marks, which says nothing to anybody
    place.current?.replaceChildren(drawing);
  }, [data, draw, width]);

  return <div class="chart" ref={place} role="img" aria-label={reading} />;
}
