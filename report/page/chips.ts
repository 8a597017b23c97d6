import { cut, orNone } from '../../charts/format.ts';
import { type Html, html } from '../../core/base/text/html.ts';
import { percent } from '../../core/base/text/numbers.ts';
import { shownAs } from '../../core/tasks/shownRegistry.ts';
import type { PicturedChip } from '../pictures.ts';
import type { Report } from '../report.ts';
import { NAME_LETTERS } from './parts.ts';

/** A file's name tells it apart better at its end. */
const FILE_LETTERS = 26;

export function chipsSection({ task, leastCertain }: Report): Html | null {
  const { title, meaning } = shownAs(task).words.chips;
  if (leastCertain.length === 0) return null;
  return html`
<section>
<h2>${title}</h2>
<p class="note">${meaning}</p>
<ul class="chips">${leastCertain.map(card)}</ul>
</section>`;
}

function card(chip: PicturedChip): Html {
  const predicted = chip.text === null ? 'no prediction' : cut(chip.text, NAME_LETTERS);
  const truth = chip.truth === null ? null : cut(chip.truth, NAME_LETTERS);
  const file = chip.file.length <= FILE_LETTERS ? chip.file : `…${chip.file.slice(1 - FILE_LETTERS)}`;
  const alt = `Chip ${chip.index} of ${cut(chip.file, 120)}: ${predicted}${truth === null ? '' : `, in truth ${truth}`}`;
  return html`
<li>${
    chip.image === null
      ? html`<div class="missing">No picture: ${cut(chip.problem ?? '', 160)}</div>`
      : html`<img src="${chip.image}" alt="${alt}">`
  }<b>${predicted}</b> ${chip.text !== null && chip.probability === null ? '' : orNone(chip.probability, percent)}${
    truth !== null &&
    html`<span>${chip.isRight ? '✓ in truth the same' : `${chip.isRight === null ? '' : '✗ '}in truth ${truth}`}</span>`
  }<span>${file}, chip ${chip.index}${chip.alike > 1 && `, and ${chip.alike - 1} more like it`}</span></li>`;
}
