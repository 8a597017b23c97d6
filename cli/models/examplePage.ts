import { type Html, html } from '../../core/base/text/html.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { mapClasses } from '../../core/tasks/mapClasses.ts';
import { htmlDocument } from '../../report/page/document.ts';
import type { ExampleChip } from './classifyExample.ts';

export function examplePage(model: ModelPackage, file: string, chips: readonly ExampleChip[]): string {
  const about = `${model.name} ${model.version}`;
  const style = html`.example { display: flex; flex-wrap: wrap; gap: 20px; margin: 20px 0; padding: 0; list-style: none; }
.example figure { margin: 0; }
.example img { width: 180px; height: 180px; object-fit: contain; image-rendering: pixelated; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; }
.swatch { display: inline-block; width: 12px; height: 12px; margin-right: 6px; border: 1px solid var(--rule); }`;
  const main = html`<p>The first chips that are not blank, as the model reads them from the file${isOfPixels(model) && ', with its predictions for their pixels'}.</p>
${legend(model)}
<ul class="example">${chips.map(figure)}</ul>`;
  return htmlDocument(
    { title: `${file}: ${about}`, style, above: `${about}, a trial of the package`, heading: file },
    main,
  );
}

const isOfPixels = ({ output }: ModelPackage) => output.pixels !== null;

function figure({ index, text, probability, image, map }: ExampleChip): Html {
  const certain =
    probability === null || !Number.isFinite(probability) ? '' : `, ${(100 * probability).toFixed(0)}\u00a0%`;
  return html`<li><figure>
<img src="${address(image)}" alt="chip ${index}">${map && html` <img src="${address(map)}" alt="its pixels' predictions">`}
<figcaption>chip ${index}: ${text ?? 'no finite number'}${certain}</figcaption>
</figure></li>`;
}

function legend(model: ModelPackage): Html | null {
  const layer = isOfPixels(model) ? model.task.layers?.(model)[0] : undefined;
  if (layer?.classes === undefined) return null;
  const titles = new Map(model.classes.map(({ value, title }) => [value, title]));
  const classes = mapClasses(model.classes);
  return html`<p class="legend">${classes.map(
    ({ value, name, colour }) =>
      html`<span><span class="swatch" style="background: rgb(${colour.join(', ')})"></span>${titles.get(value) ?? name}</span>`,
  )}</p>`;
}

const address = (png: Uint8Array) => `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
