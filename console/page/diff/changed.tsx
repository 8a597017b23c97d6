import { percent } from '../../../core/base/text/percent.ts';
import type { ChangedChip } from '../../api.ts';
import { outsideText } from '../outsideText.ts';
import { Icon } from '../parts/icon.tsx';
import { RunLink } from '../parts/text.tsx';
import { Thumbnail } from '../parts/thumbnail.tsx';

/** The chips that differ most, as pictures with what each version says. */
export function Changed({ chips }: { chips: ChangedChip[] }) {
  if (chips.length === 0) return null;
  return (
    <>
      <h2>Chips that differ most</h2>
      <ul class="chips diff-chips">
        {chips.map((chip) => (
          <li key={`${chip.run}/${chip.index}`}>
            <ChangedCard chip={chip} />
          </li>
        ))}
      </ul>
    </>
  );
}

function ChangedCard({ chip }: { chip: ChangedChip }) {
  const { run, file, index, truth, first, second } = chip;
  return (
    <figure class="chip">
      <Thumbnail src={chip.image} text={`Chip: first ${outsideText(first.text)}, second ${outsideText(second.text)}`} />
      <figcaption>
        <Said which="first" said={first} />
        <Said which="second" said={second} />
        {truth !== null && <p>in truth {outsideText(truth)}</p>}
        <p class="origin small quiet">
          <RunLink run={{ run, file }} />
          <span>#{index}</span>
        </p>
      </figcaption>
    </figure>
  );
}

/** What one version says; right or wrong told by a word and a mark, where the truth is known. */
function Said({ which, said: { text, probability, isRight } }: { which: string; said: ChangedChip['first'] }) {
  return (
    <p>
      <span class="small quiet">{which}</span>
      <br />
      <b>{outsideText(text)}</b> {probability !== null && percent(probability)}{' '}
      {isRight !== null && (
        <span class={isRight ? 'truth good' : 'truth bad'}>
          <Icon name={isRight ? 'good' : 'wrong'} />
          {isRight ? 'right' : 'wrong'}
        </span>
      )}
    </p>
  );
}
