import type { Size } from '../../arrays/resize.ts';
import type { Point, ToLonLat } from './footprint.ts';
import { boxOf, boxOnEarth, edgeOf, extentOf, fromAntimeridian, isClockwise, PIECES } from './footprint.ts';
import type { Transform } from './raster.ts';

export type Outline = {
  /** Rings are counter-clockwise and closed. An outline that crosses the antimeridian is cut there (RFC 7946, 3.1.9). */
  readonly geometry:
    | { readonly type: 'Polygon'; readonly coordinates: readonly (readonly Point[])[] }
    | { readonly type: 'MultiPolygon'; readonly coordinates: readonly (readonly (readonly Point[])[])[] };
  /** West, south, east and north; west exceeds east if it crosses the antimeridian (RFC 7946, 5.2). */
  readonly bbox: readonly [west: number, south: number, east: number, north: number];
};

/** In degrees, at most a metre: a side that bends less counts as straight. */
const STRAIGHT = 1e-5;

/** Decimals of a degree: a centimetre. */
const DECIMALS = 7;

/**
 * Returns where a raster lies on earth, in WGS84 degrees; it may surround a pole. If part of its edge does not lie on earth,
 * the outline is the box around the rest; null if nothing of it does.
 */
export function outlineOf({ width, height }: Size, transform: Transform, crs: ToLonLat): Outline | null {
  const window = { x: 0, y: 0, width, height };
  const around = edgeOf(window, transform, crs);
  if (around === null) {
    const box = boxOnEarth(window, transform, crs);
    return box && cutAtAntimeridian(box);
  }
  const turn = around.at(-1)![0] - around[0]![0];
  if (Math.abs(turn) > 180) return polygon(overThePole(turn > 0 ? around : around.toReversed()));
  return cutAtAntimeridian(withoutStraightPieces(around));
}

/** Keeps the corners and, for each side that bends, the points between; drops the last point, which equals the first. */
function withoutStraightPieces(around: readonly Point[]): Point[] {
  const ring: Point[] = [];
  for (let start = 0; start + PIECES < around.length; start += PIECES) {
    const side = around.slice(start, start + PIECES);
    const end = around[start + PIECES]!;
    const isStraight = side.every((point) => distance(point, side[0]!, end) < STRAIGHT);
    ring.push(...(isStraight ? side.slice(0, 1) : side));
  }
  return ring;
}

/** Returns the distance of a point from the line through two others, in degrees. */
function distance([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const length = Math.hypot(bx - ax, by - ay);
  return length === 0 ? Math.hypot(x - ax, y - ay) : Math.abs((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / length;
}

/** Completes an outline that goes eastwards around the earth: from antimeridian to antimeridian, back by the pole. */
function overThePole(around: readonly Point[]): Point[] {
  const meridian = 180 + 360 * Math.ceil((around[0]![0] - 180) / 360);
  const beyond = around.findIndex(([longitude]) => longitude >= meridian);
  const behind = Math.max(1, beyond);
  const cut = crossing(around[behind - 1]!, around[behind]!, meridian);
  const pole = around.reduce((sum, [, latitude]) => sum + latitude, 0) < 0 ? -90 : 90;
  return [
    [-180, cut],
    ...around.slice(behind, -1).map(([longitude, latitude]): Point => [longitude - meridian - 180, latitude]),
    ...around.slice(0, behind).map(([longitude, latitude]): Point => [longitude - meridian + 180, latitude]),
    [180, cut],
    [180, pole],
    [-180, pole],
  ];
}

const crossing = ([ax, ay]: Point, [bx, by]: Point, meridian: number): number =>
  ax === bx ? ay : ay + ((meridian - ax) / (bx - ax)) * (by - ay);

/** Returns the outline of a ring whose longitudes may lie anywhere, cut where it crosses the antimeridian. */
export function cutAtAntimeridian(ring: readonly Point[]): Outline {
  const moved = fromAntimeridian(ring);
  const [west, south, east, north] = bboxOf(moved);
  // Less than a centimetre beyond is not a crossing.
  if (east <= 180) return polygon(moved);
  if (east - west >= 360) return polygon(boxOf(-180, south, 180, north));
  const behind = closed(clipped(moved, 0, 180, -1).map(([longitude, latitude]) => [longitude - 360, latitude]));
  const geometry = { type: 'MultiPolygon', coordinates: [[closed(clipped(moved, 0, 180, 1))], [behind]] } as const;
  return { geometry, bbox: [west, south, rounded(east - 360), north] };
}

function polygon(ring: readonly Point[]): Outline {
  return { geometry: { type: 'Polygon', coordinates: [closed(ring)] }, bbox: bboxOf(ring) };
}

function bboxOf(ring: readonly Point[]): Outline['bbox'] {
  const [west, south, east, north] = extentOf(ring);
  return [rounded(west), rounded(south), rounded(east), rounded(north)];
}

/** Returns the part of a ring whose longitudes (0) or latitudes (1) are up to a limit (1) or from it on (-1): Sutherland-Hodgman clipping by one line. */
export function clipped(ring: readonly Point[], axis: 0 | 1, limit: number, direction: 1 | -1): Point[] {
  const isInside = (point: Point) => direction * (limit - point[axis]) >= 0;
  return ring.flatMap((point, i) => {
    const next = ring[(i + 1) % ring.length]!;
    const kept = isInside(point) ? [point] : [];
    if (isInside(point) === isInside(next)) return kept;
    const share = (limit - point[axis]) / (next[axis] - point[axis]);
    const at = (along: 0 | 1) => (along === axis ? limit : point[along] + share * (next[along] - point[along]));
    return [...kept, [at(0), at(1)] as const];
  });
}

/** Returns a ring for GeoJSON: rounded, counter-clockwise and closed. */
function closed(ring: readonly Point[]): Point[] {
  const points = ring
    .map(([longitude, latitude]): Point => [rounded(longitude), rounded(latitude)])
    .filter(([x, y], i, all) => x !== all.at(i - 1)![0] || y !== all.at(i - 1)![1]);
  const turned = isClockwise(points) ? points.toReversed() : points;
  return [...turned, turned[0]!];
}

const rounded = (degrees: number): number => Number(degrees.toFixed(DECIMALS)) + 0;
