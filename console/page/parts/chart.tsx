import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type Numbers, NumbersTable } from './table.tsx';

type Drawn<Data> = { data: Data; draw: (data: Data, place: { width: number }) => Element };

/** A drawing as wide as its place, drawn anew when that or its data change: an image to screen readers, in the drawing's words. */
export function Chart<Data>({ data, draw }: Drawn<Data>) {
  const [place, width] = useWidth();
  const said = JSON.stringify(data);

  useLayoutEffect(() => {
    if (width === 0) return;
    const drawing = draw(data, { width });
    place.current?.setAttribute('aria-label', drawing.getAttribute('aria-label') ?? '');
    drawing.setAttribute('aria-hidden', 'true'); // Plot names each group of marks, which says nothing to anybody
    place.current?.replaceChildren(drawing);
  }, [said, width]);

  return <div class="chart" ref={place} role="img" />;
}

type About = { title: string; meaning: string; look?: string; children?: ComponentChildren };
type Figure<Data> = Drawn<Data> & About & Partial<Numbers>;

/** A chart with its title, how to read it, and its numbers, if they stand nowhere else. */
export function ChartFigure<Data>({ title, meaning, head = [], rows, look = '', children, ...drawn }: Figure<Data>) {
  return (
    <figure class={`panel card${look}`}>
      <h3>{title}</h3>
      {children}
      <Chart {...drawn} />
      <figcaption class="small quiet">{meaning}</figcaption>
      {rows && <NumbersTable title={title} head={head} rows={rows} />}
    </figure>
  );
}

/** A place for an element, and how wide that is, in whole pixels; 0 before it is there. */
export function useWidth() {
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
  return [place, width] as const;
}
