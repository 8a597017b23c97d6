import type { Chip } from '../../api.ts';
import { outsideText } from '../outsideText.ts';
import { Icon } from './icon.tsx';

/** Right or wrong, told by a word and a mark; nothing where the file brought no truth. */
export function Truth({ chip: { truth, isRight } }: { chip: Pick<Chip, 'truth' | 'isRight'> }) {
  if (truth === null) return null;
  if (isRight === null) return <p class="truth">in truth {outsideText(truth)}</p>;
  return (
    <p class={`truth ${isRight ? 'good' : 'bad'}`}>
      <Icon name={isRight ? 'good' : 'wrong'} />
      {isRight ? 'right' : <>wrong: it is {outsideText(truth)}</>}
    </p>
  );
}
