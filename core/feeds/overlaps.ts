import { findPolygon, polygonTree, type Rings } from '../arrays/findPolygon.ts';
import type { AreaOfInterest } from '../package/areaOfInterest.ts';

type Geometry = { readonly type?: unknown; readonly coordinates?: unknown };
type Placed = { readonly geometry?: Geometry | null | undefined; readonly bbox?: readonly number[] | null | undefined };

/**
 * Whether an Item reaches into an area, or has no place; edges are as in GeoJSON, and longitudes may pass 180. What is no polygon counts as the
 * box around it. An edge of more than 180 degrees is of a polygon that is not cut at the antimeridian, if the bbox says so; else it may also lead
 * around the world, and both count. If such edges lead around the world once, the polygon reaches to the nearer pole.
 */
export function overlaps(area: AreaOfInterest, { geometry, bbox }: Placed): boolean {
  const box = bbox && bbox.length >= 4 ? bbox : polygonTree([[positionsIn(geometry)]]).box;
  const isAcross = box[0]! > box[box.length / 2]!; // RFC 7946, 5.2
  const polygons = polygonsOf(geometry ?? {}).flatMap((rings) => {
    const uncut = rings.map((ring) => ring.map((of, i) => (i % 2 === 0 && of < 0 ? of + 360 : of)));
    if (!rings.some((ring) => ring.some(isLong))) return [rings];
    return [...(isAcross ? [] : [rings]), uncut, ...capsOf(rings[0]!)];
  });
  const item = polygons.length > 0 ? polygons : box.every(Number.isFinite) ? [[cornersOf(box)]] : [];
  if (item.length === 0) return true;
  const others = polygonsOf({ type: 'MultiPolygon', coordinates: area });
  return [0, -360, 360].some((east) => {
    const moved = item.map((rings) => rings.map((ring) => ring.map((of, i) => (i % 2 === 0 ? of + east : of))));
    return moved.some((one) => others.some((other) => doOverlap(one, other)));
  });
}

const isLong = (x: number, i: number, ring: readonly number[]) => i % 2 === 0 && Math.abs(x - ring[i - 2]!) > 180;

/** The polygon of a ring around a pole, the nearer one, with straight edges along it; none of other rings. */
function capsOf(ring: readonly number[]): number[][][] {
  let east = 0;
  const whole = ring.map((of, i) => {
    const step = of - ring[i - 2]!;
    if (isLong(of, i, ring) && Math.abs(step) < 360) east -= 360 * Math.sign(step); // one of 360 leads back, as in a strip around the world
    return i % 2 === 0 ? of + east : of;
  });
  const [x = 0, y = 0] = whole;
  const pole = 90 * Math.sign(ring.reduce((sum, of, i) => (i % 2 === 1 ? sum + of : sum), 0)); // by the mean latitude
  return east === 0 || pole === 0 ? [] : [[[...whole, x + east, pole, x, pole, x, y]]];
}

/** The polygons of a geometry of GeoJSON, each as rings of x, y, x, y, …; without those that are malformed. */
export function polygonsOf({ type, coordinates }: Geometry): number[][][] {
  const all = type === 'Polygon' ? [coordinates] : type === 'MultiPolygon' ? coordinates : [];
  const flat = (ring: unknown) => [ring].flat(1).flatMap((at) => [Number(Object(at)[0]), Number(Object(at)[1])]);
  return [all].flat(1).flatMap((rings) => (Array.isArray(rings) && rings.length > 0 ? [rings.map(flat)] : []));
}

/** The x and y of every position in a geometry, whatever its type. */
function positionsIn(of: unknown): number[] {
  if (Array.isArray(of) && of.length > 1 && of.every(Number.isFinite)) return of.slice(0, 2);
  return typeof of === 'object' && of !== null ? Object.values(of).flatMap(positionsIn) : [];
}

function cornersOf(bbox: readonly number[]): number[] {
  const [west = 0, south = 0, beyond = 0, north = 0] = bbox.length === 6 ? [0, 1, 3, 4].map((i) => bbox[i]!) : bbox;
  const east = beyond < west ? beyond + 360 : beyond;
  return [west, south, east, south, east, north, west, north, west, south];
}

/** Two polygons overlap if edges of theirs cross, or if a corner of one lies in the other. */
function doOverlap(one: Rings, other: Rings): boolean {
  const [a, b] = [polygonTree([one]), polygonTree([other])];
  if (a.box[0] > b.box[2] || b.box[0] > a.box[2] || a.box[1] > b.box[3] || b.box[1] > a.box[3]) return false;
  const isIn = (tree: typeof a, of: Rings) => findPolygon(tree, of[0]![0]!, of[0]![1]!) === 0;
  return isIn(a, other) || isIn(b, one) || one.some((ring) => other.some((edges) => doCross(ring, edges)));
}

/** Whether edges cross or touch. Some that lie on one line apart count as if they did, which costs a look at a scene at most. */
function doCross(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  for (let i = 2; i < a.length; i += 2)
    for (let j = 2; j < b.length; j += 2) {
      const [p, q, r, s] = [at(a, i - 2), at(a, i), at(b, j - 2), at(b, j)];
      if (side(p, q, r) * side(p, q, s) <= 0 && side(r, s, p) * side(r, s, q) <= 0) return true;
    }
  return false;
}

type Point = readonly [x: number, y: number];
const at = (ring: ArrayLike<number>, i: number): Point => [ring[i]!, ring[i + 1]!];
const side = (p: Point, q: Point, r: Point): number =>
  Math.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]));
