/** The rings of a polygon, its outer one and its holes: x, y, x, y, … of each, closed. */
export type Rings = readonly ArrayLike<number>[];

type Box = readonly [west: number, south: number, east: number, north: number];
type Leaf = { readonly box: Box; readonly rings: Rings; readonly place: number };

/** Polygons in boxes around half of them, a quarter of them and so on; each with its place among them. Plain data. */
export type PolygonTree = Leaf | { readonly box: Box; readonly halves: readonly [PolygonTree, PolygonTree] };

/** @param polygons at least one */
export const polygonTree = (polygons: readonly Rings[]): PolygonTree =>
  treeOf(polygons.map((rings, place) => ({ box: boxAround(rings), rings, place })));

/**
 * Returns the place of the first polygon in which a point lies; `Infinity` if it lies in none. Of many that overlap little, few are looked at.
 *
 * A point on a border belongs to what lies east of it, or north of a border along a parallel: so exactly one of polygons that share borders has it, as in
 * W. R. Franklin's *PNPOLY* (https://wrfranklin.org/Research/Short_Notes/pnpoly.html).
 */
export function findPolygon(tree: PolygonTree, x: number, y: number): number {
  const { box } = tree;
  if (x < box[0] || x > box[2] || y < box[1] || y > box[3]) return Infinity;
  if ('halves' in tree) return Math.min(findPolygon(tree.halves[0], x, y), findPolygon(tree.halves[1], x, y));
  return isWithin(tree.rings, x, y) ? tree.place : Infinity;
}

/** A point lies within rings if a ray to the east crosses them an odd number of times. */
function isWithin(rings: Rings, x: number, y: number): boolean {
  let isInside = false;
  for (const ring of rings)
    for (let i = 2; i < ring.length; i += 2) {
      // From the lower end to the upper, so that neighbours round a border that they share alike.
      const lower = ring[i - 1]! < ring[i + 1]! ? i - 2 : i;
      const upper = lower === i ? i - 2 : i;
      const south = ring[lower + 1]!;
      const north = ring[upper + 1]!;
      if (y < south || y >= north) continue;
      const crossing = ring[lower]! + ((y - south) / (north - south)) * (ring[upper]! - ring[lower]!);
      if (x < crossing) isInside = !isInside;
    }
  return isInside;
}

/** Halves the boxes by where their middles are, in turn from west to east and from south to north. */
function treeOf(leaves: readonly Leaf[], axis: 0 | 1 = 0): PolygonTree {
  if (leaves.length === 1) return leaves[0]!;
  const middle = ({ box }: Leaf) => box[axis] + box[axis + 2]!;
  const inOrder = leaves.toSorted((a, b) => middle(a) - middle(b));
  const half = Math.ceil(leaves.length / 2);
  const parts = [inOrder.slice(0, half), inOrder.slice(half)].map((part) => treeOf(part, axis === 0 ? 1 : 0));
  return { box: boxAround(parts.map(({ box }) => box)), halves: parts as [PolygonTree, PolygonTree] };
}

function boxAround(rings: Rings): Box {
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of rings)
    for (let i = 0; i < ring.length; i += 1) {
      const axis = i % 2;
      box[axis] = Math.min(box[axis]!, ring[i]!);
      box[axis + 2] = Math.max(box[axis + 2]!, ring[i]!);
    }
  return box;
}
