import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { makePlane, type Plane } from '../../arrays/dataTypes.ts';
import { keptArea } from '../../package/area.ts';
import type { Layer } from '../../package/layer.ts';
import { chipGrid } from '../../scenes/raster/chipGrid.ts';
import { drawMap } from './drawMap.ts';
import { decodePieces, encodePieces, type Piece, packPiece } from './pieces.ts';

const NONE = 255;
const LABELS: Layer = { map: 'predictions', description: 'class', dataType: 'uint8', nodata: NONE, resampling: 'mode' };
const HEIGHTS: Layer = {
  map: 'probabilities',
  description: 'height',
  dataType: 'float32',
  nodata: Number.NaN,
  resampling: 'average',
};

/** A writer that keeps what it is given. */
function makeRows(width: number) {
  const rows: number[][] = [];
  return {
    rows,
    async addRows(planes: readonly Plane[], count: number) {
      assert.equal(planes.length, 1);
      assert.equal(planes[0]!.length, count * width);
      for (let row = 0; row < count; row += 1) rows.push([...planes[0]!.subarray(row * width, (row + 1) * width)]);
    },
  };
}

async function draw(pieces: readonly Piece[], width: number, height: number, layers: readonly Layer[]) {
  const writers = layers.map(({ map }) => [map, makeRows(width)] as const);
  const asRead = (async function* () {
    yield* pieces;
  })();
  await drawMap(asRead, { width, height }, layers, new Map(writers));
  return writers.map(([, { rows }]) => rows);
}

const side = fc.integer({ min: 1, max: 40 });

test('the pieces of any chips are assembled to a map, which has no data where chips are missing', async () => {
  await fc.assert(
    fc.asyncProperty(
      side,
      side,
      fc.integer({ min: 2, max: 12 }),
      fc.func(fc.boolean()),
      async (width, height, chip, isThere) => {
        const grid = chipGrid({ width, height }, { width: chip, height: chip }, Math.floor(chip / 3));
        const [labels, heights] = [new Array(width * height).fill(NONE), new Array(width * height).fill(Number.NaN)];
        const pieces: Piece[] = [];
        for (let index = 0; index < grid.columns * grid.rows; index += 1) {
          if (!isThere(index)) continue;
          const window = grid.windowOf(index);
          const kept = keptArea(window, grid.neighboursOf(index), { top: 0, left: 0 });
          const [x0, y0] = [window.x + kept.x, window.y + kept.y];
          const planes = [makePlane('uint8', kept.width * kept.height), makePlane('float32', kept.width * kept.height)];
          for (let i = 0; i < planes[0]!.length; i += 1) {
            const at = (y0 + Math.floor(i / kept.width)) * width + x0 + (i % kept.width);
            labels[at] = planes[0]![i] = (index * 7 + i) % 250;
            heights[at] = planes[1]![i] = Math.fround(index + i / 8);
          }
          pieces.push({ ...kept, x: x0, y: y0, planes });
        }
        const found = await draw(pieces, width, height, [LABELS, HEIGHTS]);
        assert.deepEqual([found[0]!.flat(), found[1]!.flat()], [labels, heights]);
      },
    ),
    { numRuns: 50 },
  );
});

test('a piece without pixels is passed over', async () => {
  const narrow = { x: 0, y: 1, width: 0, height: 2, planes: [new Uint8Array()] };
  const pieces = [{ x: 0, y: 0, width: 2, height: 0, planes: [new Uint8Array()] }, narrow];
  assert.deepEqual(await draw(pieces, 2, 3, [LABELS]), [Array(3).fill([NONE, NONE])]);
});

describe('a file of pieces', () => {
  const pieces: Piece[] = [
    { x: 3, y: 0, width: 2, height: 1, planes: [Uint8Array.of(1, 2), Float32Array.of(0.5, Number.NaN)] },
    { x: 0, y: 5, width: 1, height: 3, planes: [Uint8Array.of(9, 9, 9), Float32Array.of(-1, 0, 1e30)] },
  ];
  const file = () => encodePieces(pieces.map(packPiece));

  test('gives them back as they were', () => {
    assert.deepEqual([...decodePieces(file(), ['uint8', 'float32'])], pieces);
  });

  test('can be read from any offset in memory', () => {
    const shifted = new Uint8Array(file().length + 3);
    shifted.set(file(), 3);
    assert.deepEqual([...decodePieces(shifted.subarray(3), ['uint8', 'float32'])], pieces);
  });

  test('without chips has no pieces', () => {
    assert.deepEqual([...decodePieces(encodePieces([]), ['uint8'])], []);
  });

  test('is refused if it unpacks to more than its windows hold', () => {
    const larger = encodePieces([packPiece({ ...pieces[0]!, planes: [new Uint8Array(1000)] })]);
    assert.throws(() => [...decodePieces(larger, ['uint8'])], { code: 'ERR_BUFFER_TOO_LARGE' });
  });
});
