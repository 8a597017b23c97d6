import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { makeTiff, openBytes } from '../test/tiff.ts';

const SAMPLE = new URL('../samples/sentinel-2/s2-t29unu-60m-256.tif', import.meta.url);
/** The sample's bands, as models/s2-scl takes them, in uint16. */
export const BANDS = 6;
const VALUE_BYTES = 2;
/** The sample's side; with its mirror images it is a tile, which a scene repeats without a seam. */
const PART = 256;
const TILE = 2 * PART;
const LEVEL = 6;
const [SHORT, DOUBLE] = [3, 12];
/** Of a value of a tag that is given as bytes. */
const BYTES: { readonly [tag: string]: number } = { ModelPixelScale: 8, ModelTiepoint: 8, GeoKeyDirectory: 2 };

/**
 * Writes a square scene of so many pixels a side: the bundled scene of Sentinel-2 and its mirror images, again and again, in tiles
 * of 512 that are deflated with differences (predictor 2), as GDAL writes them. `round` makes its bytes other than another's.
 */
export async function writeRasterFile(path: string, side: number, round: number): Promise<void> {
  const tile = await packedTile();
  const across = Math.ceil(side / TILE);
  const tiles = Array.from({ length: across ** 2 }, (_, i) => i);
  const head = (start: number) =>
    makeTiff({
      directories: [
        {
          ImageWidth: [side],
          ImageLength: [side],
          BitsPerSample: new Array(BANDS).fill(8 * VALUE_BYTES),
          Compression: [8],
          PhotometricInterpretation: [1],
          SamplesPerPixel: [BANDS],
          PlanarConfiguration: [1],
          Predictor: [2],
          TileWidth: [TILE],
          TileLength: [TILE],
          TileOffsets: tiles.map((i) => start + i * tile.length),
          TileByteCounts: tiles.map(() => tile.length),
          SampleFormat: new Array(BANDS).fill(1),
          ModelPixelScale: bytesOf(Float64Array.of(60, 60, 0)),
          ModelTiepoint: bytesOf(Float64Array.of(0, 0, 0, 499_980, 5_845_140, 0)),
          GeoKeyDirectory: bytesOf(Uint16Array.of(1, 1, 0, 2, 1024, 0, 1, 1, 3072, 0, 1, 32_629)),
          GdalMetadata: `<GDALMetadata><Item name="ROUND">${round}</Item></GDALMetadata>`,
        },
      ],
      types: { ModelPixelScale: DOUBLE, ModelTiepoint: DOUBLE, GeoKeyDirectory: SHORT },
      count: (tag, many) => many / (BYTES[tag] ?? 1),
    });
  const file = openSync(path, 'w');
  try {
    writeSync(file, head(head(0).length));
    for (const _ of tiles) writeSync(file, tile);
  } finally {
    closeSync(file);
  }
}

async function packedTile(): Promise<Uint8Array> {
  const sample = await openBytes(readFileSync(SAMPLE));
  const planes = Array.from({ length: BANDS }, () => new Uint16Array(PART ** 2));
  await sample.read({ x: 0, y: 0, width: PART, height: PART }, [...planes.keys()], planes);
  const values = new Uint16Array(TILE ** 2 * BANDS);
  const mirrored = (at: number) => Math.min(at, TILE - 1 - at);
  const valueAt = (band: number, x: number, y: number) => planes[band]![mirrored(y) * PART + mirrored(x)]!;
  for (let y = 0, i = 0; y < TILE; y += 1)
    for (let x = 0; x < TILE; x += 1)
      for (let band = 0; band < BANDS; band += 1, i += 1)
        values[i] = valueAt(band, x, y) - (x > 0 ? valueAt(band, x - 1, y) : 0);
  return deflateSync(bytesOf(values), { level: LEVEL });
}

const bytesOf = ({ buffer }: Uint16Array | Float64Array): Uint8Array => new Uint8Array(buffer);
