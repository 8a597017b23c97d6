import { type Html, html } from '../../core/html.ts';
import type { PicturedChip } from '../pictures.ts';
import type { Report } from '../report.ts';
import { cut, share } from './numbers.ts';

const NAME_LETTERS = 40;
/** A file's name tells it apart better at its end. */
const FILE_LETTERS = 26;
const ALT_LETTERS = 120;
const PROBLEM_LETTERS = 160;

/** The chips that the model is least sure of, with what they show. */
export function chipsSection({ leastCertain }: Report): Html | null {
  if (leastCertain.length === 0) return null;
  return html`
<section>
<h2>Least certain chips</h2>
<p class="note">The predictions with the lowest probability, the least certain first. If they all look alike, that kind of land is what the model knows least.</p>
<ul class="chips">${leastCertain.map(card)}</ul>
</section>`;
}

function card(chip: PicturedChip): Html {
  const predicted = chip.class === null ? 'no prediction' : cut(chip.class, NAME_LETTERS);
  const truth = chip.truth === null ? null : cut(chip.truth, NAME_LETTERS);
  const file = chip.file.length <= FILE_LETTERS ? chip.file : `…${chip.file.slice(1 - FILE_LETTERS)}`;
  const alt = `Chip ${chip.index} of ${cut(chip.file, ALT_LETTERS)}: ${predicted}${truth === null ? '' : `, in truth ${truth}`}`;
  return html`
<li>${
    chip.image === null
      ? html`<div class="missing">No picture: ${cut(chip.problem ?? '', PROBLEM_LETTERS)}</div>`
      : html`<img src="${chip.image}" alt="${alt}">`
  }<b>${predicted}</b> ${share(chip.probability)}${
    truth !== null && html`<span>${truth === predicted ? '✓ in truth the same' : `✗ in truth ${truth}`}</span>`
  }<span>${file}, chip ${chip.index}${chip.alike > 1 && `, and ${chip.alike - 1} more like it`}</span></li>`;
}
