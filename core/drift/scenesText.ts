import type { DriftScores } from '../ledger/ledgerRow.ts';

type Scenes = Pick<DriftScores, 'scenes'>;

/** Says how many scenes the predictions are of, and what they are worth; null if each chip counts by itself. */
export function scenesText({ scenes }: Scenes): string | null {
  if (scenes === undefined) return null;
  const [of, chips] = [scenesLike(scenes.count), digits(scenes.independentChips)];
  return `${of}, which ${of === '1 scene' ? 'says' : 'say'} as much as ${chips} independent ${chips === '1' ? 'chip' : 'chips'}`;
}

/** Says why some scenes are too few for a verdict, and how many it takes; null if each chip counts by itself. */
export function tooFewScenes({ scenes }: Scenes): string | null {
  if (scenes === undefined) return null;
  const few = `the chips of a scene are alike, and ${scenesLike(scenes.count)} can pass the threshold by chance`;
  return scenes.needed === null
    ? `${few}, as long as the reference is of so few`
    : `${few}: a verdict takes about ${digits(scenes.needed)} like these`;
}

/** Scenes of different size count as fewer of equal size. */
function scenesLike(count: number): string {
  const shown = digits(count);
  return `${shown} ${shown === '1' ? 'scene' : 'scenes'}`;
}

/** Two digits of a small number, and all of a larger one. */
const digits = (number: number): string =>
  (number < 10 ? Number(number.toPrecision(2)) : Math.round(number)).toLocaleString('en-US');
