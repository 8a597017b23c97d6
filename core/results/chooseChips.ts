import { hash } from 'node:crypto';
import { isMasked } from '../measures/blanks/mask.ts';
import type { ModelPackage } from '../package/package.ts';
import { firstByRank, type PredictedChip } from './predictions.ts';

export type ChosenChip = { readonly chip: PredictedChip; readonly sample: `random-${number}` | 'least-certain' };

/**
 * Chooses chips for a person to label, from predictions that come part by part, and keeps no others. First some at random of all whose truth does
 * not count yet, so that theirs tell what is true of all; those whose truth is known without counting are among them, or the sample
 * would lack what the model is unsure of. Then of the others the least certain whose truth is not known.
 *
 * Each chip has a number that depends on the seed alone, and the lowest are drawn: at least as far as an earlier draw with the seed went, of which
 * `recall` is told, even if those are more than `most.random`. So with one seed, all draws are together a random sample of all chips, however those
 * come over time: E. Ohlsson, Coordination of samples using permanent random numbers (1995).
 */
export function makeChooser(
  { mask }: Pick<ModelPackage, 'mask'>,
  most: { random: number; unsure: number },
  seed: number,
) {
  let random: { chip: PredictedChip; key: string }[] = [];
  let unsure: PredictedChip[] = [];
  let due = 0; // of `random`, how many have lower numbers than one that was drawn before
  let drawnUntil = '';
  const keyOf = ({ run, index }: PredictedChip) => hash('sha256', `${seed} ${run} ${index}`);
  return {
    /** Takes chips that may have been drawn before, all of them before the first that are added. */
    recall(chips: readonly PredictedChip[]): void {
      for (const chip of chips) if (chip.seed === seed && keyOf(chip) > drawnUntil) drawnUntil = keyOf(chip);
    },
    add(chips: readonly PredictedChip[]): void {
      const open = chips.filter((one) => one.value !== null && one.truth === null && !isMasked(one.masked, mask));
      const keyed = open.map((chip) => ({ chip, key: keyOf(chip) }));
      due += keyed.filter(({ key }) => key < drawnUntil).length;
      random = [...random, ...keyed].sort((a, b) => (a.key < b.key ? -1 : 1)).slice(0, Math.max(most.random, due));
      const unknown = keyed.filter(({ chip, key }) => chip.uncounted === undefined && key > drawnUntil);
      unsure = firstByRank([...unsure, ...unknown.map(({ chip }) => chip)], most.random + most.unsure); // some of them may be drawn at random
    },
    due: () => due,
    /** Returns them in turns, so that the first of them are such a choice, too. */
    chosen(): ChosenChip[] {
      const drawn = random.map(({ chip }): ChosenChip => ({ chip, sample: `random-${seed}` }));
      const isDrawn = new Set(random.map(({ chip }) => chip));
      const others = unsure.filter((chip) => !isDrawn.has(chip)).slice(0, most.unsure);
      const doubtful = others.map((chip): ChosenChip => ({ chip, sample: 'least-certain' }));
      const turns = Array.from({ length: Math.max(drawn.length, doubtful.length) }, (_, turn) => turn);
      return turns.flatMap((turn) => [...drawn.slice(turn, turn + 1), ...doubtful.slice(turn, turn + 1)]);
    },
  };
}
