import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Writes land.ts: the land of Natural Earth 1:110m (public domain, https://www.naturalearthdata.com), as the package world-atlas
 * (ISC) has it in TopoJSON, made one path of SVG. `node test/maps/makeLand.ts`
 */

type Topology = {
  transform: { scale: [number, number]; translate: [number, number] };
  arcs: [x: number, y: number][][];
  objects: { land: { geometries: { arcs: number[][][] }[] } };
};

/** Units of a degree: a hundredth is a kilometre, and the outlines are less exact. */
const UNITS = 100;

/** What land.ts holds. */
export function landSource(): string {
  const topology = createRequire(import.meta.url)('world-atlas/land-110m.json') as Topology;
  return `// Made by test/maps/makeLand.ts of Natural Earth's land, 1:110m, version 4.1.0, which is in the public domain.

/** The land of the earth as a path of SVG: x is the longitude, y the negative latitude, both in hundredths of a degree. */
export const LAND =
  '${pathOf(topology)}';
`;
}

function pathOf(topology: Topology): string {
  const arcs = topology.arcs.map((arc) => positions(topology, arc));
  const polygons = topology.objects.land.geometries.flatMap((geometry) => geometry.arcs);
  return polygons.flatMap((rings) => rings.map((ring) => ringPath(ring, arcs))).join('');
}

/** An arc is quantized, and each position is told from the one before. https://github.com/topojson/topojson-specification, 2.1.3 */
function positions({ transform: { scale, translate } }: Topology, arc: [number, number][]): [number, number][] {
  let [x, y] = [0, 0];
  return arc.map(([right, up]) => {
    x += right;
    y += up;
    const [longitude, latitude] = [x * scale[0] + translate[0], y * scale[1] + translate[1]];
    return [Math.round(longitude * UNITS), Math.round(-latitude * UNITS)];
  });
}

/** A negative number is an arc backwards; the last position of an arc is the first of the next. */
function ringPath(ring: number[], arcs: [number, number][][]): string {
  const points = ring.flatMap((arc) => (arc < 0 ? arcs[~arc]!.toReversed() : arcs[arc]!).slice(0, -1));
  return cutRing(points).map(piecePath).join('');
}

/** Half of the earth's way around. */
const HALF = 180 * UNITS;

/**
 * The package joins land across the antimeridian, where a map of the earth must cut it: into the pieces on each side or,
 * around a pole, along the map's edges.
 */
function cutRing(ring: readonly [number, number][]): [number, number][][] {
  let before = ring[0]![0];
  const points = ring.map(([x, y]): [number, number] => {
    before = x - 2 * HALF * Math.round((x - before) / (2 * HALF));
    return [before, y];
  });
  const turn = Math.round((before - points[0]![0]) / (2 * HALF));
  const last = points.at(-1)!;
  if (turn !== 0) {
    const pole = Math.sign(last[1]) * 90 * UNITS;
    const end: [number, number] = [points[0]![0] + turn * 2 * HALF, points[0]![1]];
    points.push(end, [end[0], pole], [points[0]![0], pole]);
  }
  return [-1, 0, 1].flatMap((world) => {
    const moved = points.map(([x, y]): [number, number] => [x + world * 2 * HALF, y]);
    const piece = clipped(clipped(moved, 1), -1);
    return piece.length < 3 ? [] : [piece];
  });
}

/** The part of a ring west of the antimeridian (1) or east of it (-1): Sutherland and Hodgman's way. */
function clipped(ring: readonly [number, number][], side: 1 | -1): [number, number][] {
  const isInside = ([x]: [number, number]) => side * x <= HALF;
  return ring.flatMap((point, i) => {
    const next = ring[(i + 1) % ring.length]!;
    const kept = isInside(point) ? [point] : [];
    if (isInside(point) === isInside(next)) return kept;
    const share = (side * HALF - point[0]) / (next[0] - point[0]);
    return [...kept, [side * HALF, Math.round(point[1] + share * (next[1] - point[1]))]];
  });
}

function piecePath(points: readonly [number, number][]): string {
  const [first, ...others] = points as [[number, number], ...[number, number][]];
  let last = first;
  const steps = others.map(([x, y]) => {
    const step = [x - last[0], y - last[1]];
    last = [x, y];
    return step;
  });
  return `M${joined(first)}l${joined(steps.flat())}z`;
}

/** A minus sign is as good as a space. */
function joined(numbers: readonly number[]): string {
  return numbers.join(' ').replaceAll(' -', '-');
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(fileURLToPath(new URL('../../console/page/map/land.ts', import.meta.url)), landSource());
