import { useLayoutEffect, useRef, useState } from 'preact/hooks';

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
  const [width, setWidth] = useState(0);

  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return;
    const measure = () => setWidth(Math.floor(element.clientWidth));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    if (width === 0) return;
    const drawing = draw(data, width);
    drawing.setAttribute('aria-hidden', 'true'); // Plot names each group of marks, which says nothing to anybody
    place.current?.replaceChildren(drawing);
  }, [data, draw, width]);

  return <div class="chart" ref={place} role="img" aria-label={reading} />;
}
