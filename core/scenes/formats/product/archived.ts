import { posix } from 'node:path';
import { citedStart, InvalidSceneFile, insteadOf, listed, ObjectNotFound } from '../../../base/errors.ts';
import { MAX_PRODUCT_METADATA_BYTES, type SceneLimits } from '../../../base/limits.ts';
import type { OpenedAsset } from '../../../base/objectStore.ts';
import type { Chip, ModelPackage } from '../../../package/package.ts';
import { METADATA } from '../../products/product.ts';
import type { RasterSource } from '../../raster/raster.ts';
import { shownName } from '../archive/memberName.ts';
import { isJunk } from '../archive/ofProduct.ts';
import type { SceneStream } from '../format.ts';
import { itemChips } from '../stacItem/itemChips.ts';

/** A file in an archive, of which ranges can be read. */
export type Member = { readonly name: string; readonly bytes: number; open(): Promise<OpenedMember> };
export type OpenedMember = Pick<RasterSource, 'range'> & { close?(): unknown };

/**
 * Yields the chips of the one scene in an archive that an agency delivers. Its files are read in place, by ranges, and only
 * those that the model needs; the stream of the whole archive is left where it is. Its other files are ignored.
 * @throws {InvalidSceneFile} when there are several scenes, or files of the bands are missing
 */
export async function* archivedChips(
  { key, ...scene }: Pick<SceneStream, 'key' | 'tell' | 'mask'>,
  members: readonly Member[],
  model: ModelPackage,
  limits: SceneLimits,
): AsyncGenerator<Chip[], void, void> {
  const files = new Map(members.filter(({ name }) => !isJunk(name)).map((one) => [one.name, one]));
  const names = [...files.keys()];
  const metadata = names.filter((name) => METADATA.some((one) => one.test(posix.basename(name))));
  const [folder = '', ...others] = new Set(metadata.map((name) => name.slice(0, name.lastIndexOf('/') + 1)));
  if (others.length > 0)
    throw new InvalidSceneFile(
      `${key}: found the metadata of several scenes, ${citedStart(listed(metadata), 300)}, allowed is one scene. Send each in an archive of its own.`,
    );
  const opened: OpenedMember[] = [];
  const open = async (path: string): Promise<OpenedAsset> => {
    const member = files.get(`${folder}${path}`);
    if (member === undefined) throw new ObjectNotFound(`${shownName(path)} is not in it.`);
    const file = await member.open();
    opened.push(file);
    const [size, where] = [member.bytes, `${key}: ${shownName(member.name)}`];
    // Whoever reads the archive knows its content by its own digest.
    return { key: where, size, range: file.range, digest: async () => '', close: () => {} };
  };
  const missing = (found: string, cause: Error) =>
    new InvalidSceneFile(`${key}: ${found} Send the scene with all files of the model's bands.`, { cause });
  try {
    const { productItem } = await import('../../products/products.ts'); // few archives need the parser of XML
    const item = await productItem(
      key,
      names.filter((name) => name.startsWith(folder)).map((name) => name.slice(folder.length)),
      (path) => open(path).then(textOf),
    ).catch(insteadOf(ObjectNotFound, (cause) => missing(`found no ${cause.message}`, cause)));
    yield* itemChips({ ...scene, key, size: 0, open, missing }, item, model, limits);
  } finally {
    for (const file of opened) await file.close?.();
  }
}

/** Reads a text of a product's metadata, which are not large. */
export async function textOf({ key, size, range }: Pick<RasterSource, 'key' | 'size' | 'range'>): Promise<string> {
  if (size > MAX_PRODUCT_METADATA_BYTES)
    throw new InvalidSceneFile(
      `${key}: found ${size} bytes, allowed are metadata of at most ${MAX_PRODUCT_METADATA_BYTES}`,
    );
  const bytes = await range(0, size);
  if (bytes.length < size) throw new InvalidSceneFile(`${key}: is cut short`);
  return new TextDecoder().decode(bytes);
}
