import type { Service } from '../../console/service.ts';
import { InvalidSceneFile, ObjectNotFound } from '../../core/base/errors.ts';
import { modelId } from '../../core/base/run.ts';
import { type Html, html } from '../../core/base/text/html.ts';
import { percent } from '../../core/base/text/percent.ts';
import { precise } from '../../core/base/text/precise.ts';
import { formatsOf } from '../../core/doors/formatsOf.ts';
import type { ComparedRuns } from '../../core/releases/comparison/compareRuns.ts';
import type { Pair } from '../../core/releases/comparison/compareVersions.ts';
import { counted, numbersOf, truthOf } from '../../core/releases/comparison/numbers.ts';
import { makeChipAt } from '../../core/scenes/chipAt.ts';
import { makeThumbnail } from '../../core/scenes/thumbnail.ts';
import type { DifferenceSummary } from '../../core/tasks/difference.ts';
import { reliability } from '../../report/page/calibration.ts';
import { htmlDocument } from '../../report/page/document.ts';
import { said } from './versionComparison.ts';

const LONGEST_SIDE = 180;

export async function diffPage(service: Pick<Service, 'readRange' | 'ledger'>, told: ComparedRuns): Promise<string> {
  const { first, second, chips, files, difference, changed, accuracy } = told;
  const title = `${modelId(first)} and ${modelId(second)}`;
  const pictures = await Promise.all(changed.map((pair) => pictureOf(service, pair, told)));
  const style = html`th[scope=row] { white-space: nowrap; }
.changed { display: flex; flex-wrap: wrap; gap: 20px; margin: 20px 0; padding: 0; list-style: none; }
.changed figure { margin: 0; width: ${LONGEST_SIDE}px; }
.changed img { width: ${LONGEST_SIDE}px; height: ${LONGEST_SIDE}px; object-fit: contain; image-rendering: pixelated; }
.changed figcaption { overflow-wrap: anywhere; }`;
  const main = html`<p>${counted(chips, 'chip')} of ${counted(files.both, 'file')} that both have classified. First: ${modelId(first)}. Second: ${modelId(second)}.</p>
${
  difference === null
    ? html`<p>There is nothing to compare.</p>`
    : html`<table><tbody>${numbersOf(told).map(({ name, value, note }) => html`<tr><th scope="row">${name}</th><td>${value}${note && ` (${note})`}</td></tr>`)}</tbody></table>`
}
${difference?.names && sharesOf(difference)}
${
  difference?.changes?.length
    ? html`<h2>What became what</h2>
<table><thead><tr><th>first</th><th>second</th><th>${difference.counted.of}s</th></tr></thead><tbody>${difference.changes.map(
        (one) => html`<tr><td>${one.first}</td><td>${one.second}</td><td>${one.count.toLocaleString('en')}</td></tr>`,
      )}</tbody></table>`
    : null
}
${(['first', 'second'] as const).map((which) => {
  const calibration = accuracy?.[which].calibration;
  return calibration && html`<h2>Reliability, ${which}</h2>${reliability(calibration)}`;
})}
${
  changed.length > 0 &&
  html`<h2>Chips that differ most</h2>
<ul class="changed">${changed.map((pair, i) => figure(pair, pictures[i]!, truthOf(pair, told)))}</ul>`
}`;
  return htmlDocument({ title, style, above: 'Two versions, the same chips', heading: title }, main);
}

function sharesOf({ names = [], counted: { n } }: DifferenceSummary): Html {
  const hasOverlap = names.some(({ iou }) => iou !== undefined);
  return html`<h2>Shares</h2>
<table><thead><tr><th></th><th>first</th><th>second</th>${hasOverlap && html`<th>IoU</th>`}</tr></thead><tbody>${names.map(
    ({ name, first, second, iou }) =>
      html`<tr><th scope="row">${name}</th><td>${percent(first / n)}</td><td>${percent(second / n)}</td>${hasOverlap && html`<td>${iou == null ? '–' : precise(iou)}</td>`}</tr>`,
  )}</tbody></table>`;
}

function figure({ first, second }: Pair, picture: Uint8Array | null, truth: string | null): Html {
  const where = `${first.scene.key}, chip ${first.index}`;
  const image =
    picture && html`<img src="data:image/png;base64,${Buffer.from(picture).toString('base64')}" alt="${where}">`;
  return html`<li><figure>${image}
<figcaption>${where}<br>first: ${said(first)}<br>second: ${said(second)}${truth !== null && html`<br>true: ${truth}`}</figcaption></figure></li>`;
}

/** The chip's picture, as the first package reads it; null if the file is gone. */
async function pictureOf(
  { readRange, ledger }: Pick<Service, 'readRange' | 'ledger'>,
  { first }: Pair,
  told: ComparedRuns,
) {
  try {
    const row = (await ledger.byRun(first.run)) ?? (await ledger.shadowByRun(first.run));
    const chip = await makeChipAt(readRange, formatsOf)({ ...first.scene, size: row?.size ?? 0 }, first, told.first);
    return makeThumbnail(told.first, LONGEST_SIDE)(chip);
  } catch (error) {
    if (error instanceof ObjectNotFound || error instanceof InvalidSceneFile) return null;
    throw error;
  }
}
