/** The rings of a polygon, its outer one and its holes: x, y, x, y, … of each, closed. */
export type Rings = readonly ArrayLike<number>[];

/** Polygons, and west, south, east and north of each. Plain data. */
export type Polygons = { readonly rings: readonly Rings[]; readonly boxes: Float64Array };

/**
 * Returns the place of the first polygon in which a point lies; -1 if it lies in none.
 *
 * A point on a border belongs to what lies east of it, or north of a border along a parallel: so exactly one of polygons that share borders has it, as in
 * W. R. Franklin's *PNPOLY* (https://wrfranklin.org/Research/Short_Notes/pnpoly.html).
 */
export function findPolygon({ rings, boxes }: Polygons, x: number, y: number): number {
  return rings.findIndex((of, i) => {
    const isInBox = x >= boxes[4 * i]! && x <= boxes[4 * i + 2]! && y >= boxes[4 * i + 1]! && y <= boxes[4 * i + 3]!;
    return isInBox && isWithin(of, x, y);
  });
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

/** Returns polygons with the box around each, by which most are passed over. */
export function withBoxes(rings: readonly Rings[]): Polygons {
  const boxes = new Float64Array(4 * rings.length).map((_, i) => (i % 4 < 2 ? Infinity : -Infinity));
  for (const [polygon, of] of rings.entries())
    for (const ring of of)
      for (let i = 0; i < ring.length; i += 1) {
        const west = 4 * polygon + (i % 2); // or south
        boxes[west] = Math.min(boxes[west]!, ring[i]!);
        boxes[west + 2] = Math.max(boxes[west + 2]!, ring[i]!);
      }
  return { rings, boxes };
}
