import type { SceneChip } from '../../api.ts';

type Placed = Pick<SceneChip, 'window'>;

const ARROWS: Record<string, readonly [right: number, down: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The place in a list of the chip that a key leads to: with an arrow the next one over there, if there is any; undefined for other keys. */
export function chipByKey(chips: readonly Placed[], from: number, key: string): number | undefined {
  if (key === 'Home') return 0;
  if (key === 'End') return chips.length - 1;
  const arrow = ARROWS[key];
  if (arrow === undefined) return undefined;
  const [right, down] = arrow;
  const [x, y] = middleOf(chips[from]!);
  let [nearest, least] = [from, Number.POSITIVE_INFINITY];
  for (const [i, chip] of chips.entries()) {
    const [otherX, otherY] = middleOf(chip);
    const along = (otherX - x) * right + (otherY - y) * down;
    const aside = Math.abs((otherX - x) * down) + Math.abs((otherY - y) * right);
    if (along <= 0 || aside > along) continue;
    const distance = along + 2 * aside; // rather straight on than near
    if (distance < least) [nearest, least] = [i, distance];
  }
  return nearest;
}

/** The place of the chip at a pixel: of those that share it, the one whose middle is nearest; undefined where none is. */
export function chipAt(chips: readonly Placed[], x: number, y: number): number | undefined {
  const distanceOf = ([middleX, middleY]: [number, number]) => Math.hypot(x - middleX, y - middleY);
  const isUnder = ({ window: [left, top, width, height] }: Placed) =>
    x >= left && y >= top && x < left + width && y < top + height;
  const [nearest] = chips.filter(isUnder).sort((a, b) => distanceOf(middleOf(a)) - distanceOf(middleOf(b)));
  return nearest && chips.indexOf(nearest);
}

const middleOf = ({ window: [x, y, width, height] }: Placed): [number, number] => [x + width / 2, y + height / 2];
