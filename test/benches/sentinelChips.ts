import { type Chip, windowOf } from '../../core/package/package.ts';
import { bundledChips } from './bandChips.ts';

/** The bundled Sentinel-2 scene, in chips of 4 × 4 pixels of 60 m: scenes are squares of neighbouring chips. */
export const SIDE = 4;

/** The chips, each with its column and row of 64, without those that lack data; and the source of a model that takes them. */
export async function sentinelChips() {
  const { model, chips } = await bundledChips('s2-b8a', 'sentinel-2/s2-t29unu-60m-256.tif');
  const source = { ...model.source, height: SIDE, width: SIDE };
  return { model, source, grid: cut(chips, model.source.width) };
}

export const windowAt = (x: number, y: number) => ({
  x: SIDE * x,
  y: SIDE * y,
  width: SIDE,
  height: SIDE,
  footprint: null,
});

/** Cuts chips into smaller ones, of which those without data are left out. */
function cut(chips: readonly Chip[], width: number): { x: number; y: number; chip: Chip }[] {
  const per = width / SIDE;
  const small = chips.flatMap(({ place, planes, truth, valid }) => {
    const { x: left, y: top } = windowOf(place)!;
    return Array.from({ length: per ** 2 }, (_, i) => {
      const [column, row] = [i % per, Math.floor(i / per)];
      const pixels = Array.from(
        { length: SIDE ** 2 },
        (__, at) => (row * SIDE + Math.floor(at / SIDE)) * width + column * SIDE + (at % SIDE),
      );
      const isWhole = pixels.every((pixel) => valid?.[pixel] !== 0);
      const own = planes.map((plane) => Float64Array.from(pixels, (pixel) => plane[pixel]!));
      return { x: left / SIDE + column, y: top / SIDE + row, isWhole, own, truth };
    });
  });
  return small
    .filter(({ isWhole }) => isWhole)
    .map(({ x, y, own: planes, truth }, index) => ({ x, y, chip: { place: { index, kind: 'index' }, planes, truth } }));
}
