import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { findPolygon, polygonTree, type Rings } from './findPolygon.ts';

/** The place of a polygon in which a point lies; -1 for none. */
function makeFind(polygons: readonly Rings[]) {
  const tree = polygonTree(polygons);
  return (x: number, y: number) => {
    const place = findPolygon(tree, x, y);
    return place === Infinity ? -1 : place;
  };
}

/** Polygons in which points lie, by shapely 2.2.0: `contains_xy(from_wkt("POLYGON(…)"), column + 0.3, 9 - row + 0.45)` for ten rows of ten. */
const DRAWN: Record<string, { rings: Rings; inside: string }> = {
  'a concave one': {
    rings: [[1, 9, 3, 5, 0, 3, 4, 3, 5, 0, 6, 3, 10, 3, 7, 5, 9, 9, 5, 6.5, 1, 9]],
    inside: `
      ..........
      .#......#.
      ..##...#..
      ..######..
      ...####...
      ..######..
      .#########
      ....##....
      .....#....
      ..........`,
  },
  'one with two holes': {
    rings: [
      [0, 0, 10, 0, 10, 10, 0, 10, 0, 0],
      [2, 2, 2, 8, 8, 8, 8, 2, 2, 2],
      [0.5, 0.5, 0.5, 1, 1.5, 1, 1.5, 0.5, 0.5, 0.5],
    ],
    inside: `
      ##########
      ##########
      ##......##
      ##......##
      ##......##
      ##......##
      ##......##
      ##......##
      ##########
      ##########`,
  },
  'one of vertical borders, crossed often': {
    rings: [[0, 0, 10, 0, 10, 9, 8, 9, 8, 2, 6, 2, 6, 9, 4, 9, 4, 2, 2, 2, 2, 9, 0, 9, 0, 0]],
    inside: `
      ..........
      ##..##..##
      ##..##..##
      ##..##..##
      ##..##..##
      ##..##..##
      ##..##..##
      ##..##..##
      ##########
      ##########`,
  },
};

describe('the polygon in which a point lies', () => {
  for (const [what, { rings, inside }] of Object.entries(DRAWN))
    test(`is ${what}, whichever way its rings go, as shapely says`, () => {
      const reversed = rings.map((ring) =>
        Array.from(ring)
          .toReversed()
          .map((_, i, all) => all[i ^ 1]!),
      );
      for (const either of [rings, reversed]) {
        const find = makeFind([either]);
        const rows = Array.from({ length: 10 }, (_, row) =>
          Array.from({ length: 10 }, (_, column) => (find(column + 0.3, 9 - row + 0.45) === 0 ? '#' : '.')).join(''),
        );
        assert.deepEqual(rows, inside.trim().split(/\s+/));
      }
    });

  test('is the first of several, or none', () => {
    const square = [[0, 0, 2, 0, 2, 2, 0, 2, 0, 0]];
    assert.equal(makeFind([square, square])(1, 1), 0);
    assert.equal(makeFind([square])(3, 1), -1);
  });

  test('is the one to the east or north of a point on a border', () => {
    const find = makeFind([
      [[0, 0, 1, 0, 1, 1, 0, 1, 0, 0]],
      [[1, 0, 2, 0, 2, 1, 1, 1, 1, 0]],
      [[0, 1, 1, 1, 1, 2, 0, 2, 0, 1]],
    ]);
    const found = [
      [1, 0.5],
      [0.5, 1],
      [0, 0.5],
      [0.5, 0],
      [2, 0.5],
      [0.5, 2],
    ].map(([x, y]) => find(x!, y!));
    assert.deepEqual(found, [1, 2, 0, 0, -1, -1]);
  });

  /** Corners of a mesh, a seventh of a side away from their places, so that none of its triangles is turned over. */
  const jitter = fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { minLength: 49, maxLength: 49 });
  const within = fc.integer({ min: 0, max: 60 }).map((tenths) => 1 + tenths / 15);

  test('is exactly one of those that share borders, and the same that looking at one after the other finds', () => {
    fc.assert(
      fc.property(jitter, fc.array(fc.tuple(within, within), { minLength: 20 }), (moved, points) => {
        const corner = (x: number, y: number) => [
          x + (moved[7 * y + x]![0] - 1) / 7,
          y + (moved[7 * y + x]![1] - 1) / 7,
        ];
        const triangles = Array.from({ length: 36 }, (_, i) => [i % 6, Math.floor(i / 6)] as const).flatMap(
          ([x, y]) => {
            const [a, b, c, d] = [corner(x, y), corner(x + 1, y), corner(x + 1, y + 1), corner(x, y + 1)];
            return [[[a, b, c, a].flat()], [[c, d, a, c].flat()]] as number[][][];
          },
        );
        const [find, alone] = [makeFind(triangles), triangles.map((one) => makeFind([one]))];
        const ofMesh = moved
          .map((_, i) => corner(i % 7, Math.floor(i / 7)))
          .filter((_, i) => i % 7 > 1 && i % 7 < 5 && i > 13 && i < 35);
        for (const [x, y] of [...points, ...ofMesh]) {
          const places = alone.flatMap((one, place) => (one(x!, y!) === 0 ? [place] : []));
          assert.deepEqual(places, [find(x!, y!)], `${x}, ${y}`);
        }
      }),
    );
  });

  test('is the first that looking at one after the other finds, where they overlap', () => {
    const side = fc.integer({ min: 0, max: 12 });
    const boxes = fc.array(fc.tuple(side, side, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(boxes, fc.array(fc.tuple(side, side), { minLength: 10 }), (all, points) => {
        const rings = all.map(([x, y, width, height]) => [
          [x, y, x + width, y, x + width, y + height, x, y + height, x, y],
        ]);
        const find = makeFind(rings);
        for (const [x, y] of points)
          assert.equal(
            find(x, y),
            all.findIndex(
              ([west, south, width, height]) => x >= west && x < west + width && y >= south && y < south + height,
            ),
          );
      }),
    );
  });
});
