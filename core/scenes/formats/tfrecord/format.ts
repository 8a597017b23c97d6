import * as z from 'zod';
import type { Size } from '../../../arrays/resize.ts';
import { attempt, InvalidSceneFile, insteadOf } from '../../../base/errors.ts';
import { MAX_RASTER_PIXELS, MOST_SCENE_LIMITS } from '../../../base/limits.ts';
import type { ReadSibling } from '../../../base/objectStore.ts';
import { type Chip, type ModelPackage, type Place, storedPlace } from '../../../package/package.ts';
import { gunzipped, isGzip, mostUnpacked } from '../../gunzipped.ts';
import { crsNamed } from '../../raster/crs.ts';
import { describeRaster } from '../../raster/describeRaster.ts';
import { placedWindow } from '../../raster/hectaresWithin.ts';
import type { Transform } from '../../raster/raster.ts';
import { begun, type Format, HEAD_BYTES, piecesOf, type SceneRanges, unreadFormat } from '../format.ts';
import { makeChipReader } from './chip.ts';
import { mixersOf, shardOf } from './exportNames.ts';
import { beginsLikeTfRecord, makeRecordCutter, readTfRecord, type TfRecord } from './tfrecord.ts';

/** TFRecord files of `tf.train.Example` records, one chip per record, plain or gzipped as a whole. */
export const tfrecord: Format = {
  name: 'TFRecord',
  // A file damaged at its start cannot be recognised, so any file that resembles no other format may be one.
  sniff: (head) => (beginsLikeTfRecord(head) ? 'yes' : unreadFormat(head) === undefined ? 'maybe' : 'no'),

  makeReader(model, limits) {
    const readChip = makeChipReader(model);
    function* chipsOf(records: Iterable<TfRecord>, windowAt: WindowAt, isPacked: boolean): Generator<Chip, void, void> {
      for (const record of records) {
        const { index, offset, length } = record;
        // A copy stays valid when the next one comes.
        if (isPacked) yield { ...readChip({ ...record, bytes: record.bytes.slice() }), place: inGzip(index, windowAt) };
        else if (windowAt === null) yield readChip(record);
        else yield { ...readChip(record), place: { index, kind: 'bytes', offset, length, window: windowAt(index) } };
      }
    }
    return async function* (scene) {
      const { key, size, sibling, tell } = scene;
      const patches = sibling === undefined ? null : await readMixer(key, sibling, model);
      const windowAt = patches?.windowAt ?? null;
      // For pixel models, a file described as a raster gets a map.
      if (patches !== null && (windowAt !== null || model.output.pixels === null)) tell?.(patches.info);
      const { start, chunks } = await begun(scene.chunks, HEAD_BYTES);
      const isPacked = isGzip(start);
      const cutter = makeRecordCutter(isPacked ? unpacked(key) : key, limits.maxRecordBytes);
      const pieces = isPacked ? gunzipped({ key, size, chunks }, mostUnpacked(size, limits)) : chunks;
      for await (const piece of pieces) yield chipsOf(cutter.cut(piece), windowAt, isPacked);
      cutter.end();
      if (patches !== null) checkTotal(key, cutter.records(), patches);
    };
  },

  async readChip(scene, place, model) {
    const { key, range, head } = scene;
    const { index, offset, length } = storedPlace(place);
    if (isGzip(head)) return chipInGzip(scene, index, model);
    return makeChipReader(model)(readTfRecord({ file: key, index, offset }, await range(offset, length)));
  },
};

/** How errors name the contents of a gzip file, in which bytes are then counted. */
const unpacked = (key: string) => `${key}: in its gzip`;

type WindowAt = Patches['windowAt'];

/** The place of a gzipped record, which has no byte range in the file. */
const inGzip = (index: number, windowAt: WindowAt): Place =>
  windowAt === null ? { index, kind: 'index' } : { index, kind: 'window', ...windowAt(index) };

/** Checks that a file has no more records than its companion says, and not fewer if the companion is about this file alone. */
function checkTotal(key: string, records: number, { total, areAll }: Patches): void {
  if (records > total || (areAll && records < total))
    throw new InvalidSceneFile(
      `${key}: found ${records} records, but the mixer.json beside it says ${total} patches: it is another export's`,
    );
}

async function chipInGzip(scene: SceneRanges, index: number, model: ModelPackage): Promise<Chip> {
  const { key, size } = scene;
  const chunks = piecesOf(scene);
  const cutter = makeRecordCutter(unpacked(key), MOST_SCENE_LIMITS.maxRecordBytes);
  for await (const piece of gunzipped({ key, size, chunks }, mostUnpacked(size, MOST_SCENE_LIMITS)))
    for (const record of cutter.cut(piece))
      if (record.index === index) return { ...makeChipReader(model)(record), place: { index, kind: 'index' } };
  cutter.end();
  throw new InvalidSceneFile(`${key}: has no chip ${index}, found are ${cutter.records()}`);
}

const count = z.int().min(1).max(1_000_000_000);

/**
 * The file that Earth Engine writes beside an image's TFRecord files: how the patches lie in the image, and where that is.
 * https://developers.google.com/earth-engine/guides/tfrecord
 */
const mixerSchema = z.object({
  projection: z.object({ crs: z.string(), affine: z.object({ doubleMatrix: z.array(z.number()).length(6) }) }),
  patchDimensions: z.tuple([count, count]),
  patchesPerRow: count,
  totalPatches: count,
});

type Patches = Awaited<ReturnType<typeof patchesOf>>;

/** How a file's records lie on earth, by its companion, if any. Throws `InvalidSceneFile` if that is malformed. */
export async function readMixer(key: string, sibling: ReadSibling, model: Model) {
  for (const mixer of mixersOf(key)) {
    const bytes = await sibling(mixer);
    const where = `${key}: ${mixer.slice(mixer.lastIndexOf('/') + 1)} beside it`;
    if (bytes !== null) return patchesOf(parse(where, bytes), shardOf(key), model);
  }
  return null;
}

type Model = Pick<ModelPackage, 'source' | 'output' | 'overlap'>;

async function patchesOf(mixer: Mixer, shard: string | undefined, model: Model) {
  const { projection, patchesPerRow, totalPatches } = mixer;
  const [width, height] = mixer.patchDimensions;
  const size = { width: patchesPerRow * width, height: Math.ceil(totalPatches / patchesPerRow) * height };
  const [a, b, c, d, e, f] = projection.affine.doubleMatrix as [number, number, number, number, number, number];
  const transform: Transform = [c, a, b, f, d, e];
  const obstacle = obstacleTo({ width, height }, size, model.source, shard);
  const place = obstacle === undefined ? await crsNamed(projection.crs) : ({ crs: null, reason: obstacle } as const);
  const geoKeys = place.crs === null ? null : place.geoKeys;
  const windowAt = (index: number) => {
    const corner = { x: (index % patchesPerRow) * width, y: Math.floor(index / patchesPerRow) * height };
    return placedWindow({ ...corner, width, height }, transform, place.crs, model);
  };
  return {
    info: describeRaster({ size, bandsBy: 'name', transform, place, geoKeys }, model),
    /** The number of patches, and whether the file holds all of them, because no further file is named. */
    total: totalPatches,
    areAll: shard === undefined,
    /** Returns the patch that a record is; null if that is not known. */
    windowAt: obstacle === undefined ? windowAt : null,
  };
}

/** Returns why it is not known which patch a record is, if so. */
function obstacleTo(patch: Size, image: Size, chip: Size, shard: string | undefined): string | undefined {
  if (image.width * image.height > MAX_RASTER_PIXELS)
    return `its mixer.json says an image of ${image.height} × ${image.width} pixels, and at most ${MAX_RASTER_PIXELS} are allowed`;
  if (Number(shard ?? 0) > 0)
    return 'its patches are numbered on from those of the files before it, and it does not say how many these hold';
  if (patch.width !== chip.width || patch.height !== chip.height)
    return `its records are chips of ${chip.height} × ${chip.width} pixels, and its mixer.json says patches of ${patch.height} × ${patch.width}: they overlap`;
  return undefined;
}

type Mixer = z.infer<typeof mixerSchema>;

function parse(where: string, bytes: Uint8Array): Mixer {
  const message = `${where}: is not as Earth Engine writes it: allowed is JSON with projection (crs, affine.doubleMatrix), patchDimensions, patchesPerRow and totalPatches`;
  const invalid = insteadOf(Error, (cause) => new InvalidSceneFile(message, { cause }));
  return attempt(() => mixerSchema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))), invalid);
}
