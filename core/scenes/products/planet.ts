import { posix } from 'node:path';
import * as z from 'zod';
import { citedStart, orElse } from '../../base/errors.ts';
import { outlineThrough } from './footprint.ts';
import { type ReadText, readMetadata, refuseIn, type SceneFolder, timeIn } from './metadata.ts';
import PLANET from './planet.json' with { type: 'json' };
import type { Product, ProductAsset } from './product.ts';

const IMAGE = /^(AnalyticMS(?:_SR)?(?:_8b)?|Visual|udm2)(_harmonized|_clip|_reproject|_file_format)*\.tif$/;
const IMAGES: Readonly<Record<string, ProductAsset['about']>> = PLANET.images;

const sceneSchema = z.object({
  id: z.string().regex(/^\w+$/),
  geometry: z.object({
    type: z.literal('Polygon'),
    coordinates: z.array(z.array(z.tuple([z.number(), z.number()]))).min(1),
  }),
  properties: z.object({ acquired: z.string(), cloud_cover: z.number().nullish() }).catchall(z.json()),
});

/**
 * Returns the PlanetScope scene (PSScene) that `*_metadata.json` describes. It does not list its files: those count that are
 * there and named after it. Their bands are in planet.json, by https://docs.planet.com/data/imagery/planetscope/psscene/
 */
export async function planetProduct(name: string, read: ReadText, { names }: SceneFolder): Promise<Product> {
  const [refuse, text] = [refuseIn(name), await read(name)];
  const { data, error } = sceneSchema.safeParse(orElse(undefined, () => JSON.parse(text)));
  if (data === undefined) {
    const [{ path, message } = { path: [], message: '' }] = error.issues;
    return refuse(`other JSON (${citedStart(`${path.join('.')}: ${message}`, 200)})`, 'is the metadata of a PSScene');
  }
  const { id, geometry, properties: about } = data;
  if (`${id}_metadata.json` !== name) refuse(`the scene ${id}`, 'is the one that the file is named after');
  const own = names.flatMap((path) => {
    const [first, rest] = posix.basename(path).split(`${id}_3B_`);
    return first === '' && rest !== undefined ? [{ path, rest }] : [];
  });
  own.sort((a, b) => Number(b.rest.includes('_SR')) - Number(a.rest.includes('_SR'))); // of bands in two files, the first count
  const assets: ProductAsset[] = [];
  for (const { path, rest } of own) {
    const [, kind = ''] = IMAGE.exec(rest) ?? [];
    const image = IMAGES[kind];
    if (image === undefined) continue;
    const xml = own.find((one) => one.rest.startsWith(`${kind}_metadata`) && one.rest.endsWith('.xml'));
    const ofImage = xml === undefined ? image : await withReflectance(image, id, xml.path, read);
    assets.push({ key: rest.slice(0, -4), files: [{ path }], about: ofImage });
  }
  if (assets.length === 0) refuse('no image beside it', `are files such as ${id}_3B_AnalyticMS_SR_8b_clip.tif`);
  const ring = geometry.coordinates[0]!.flatMap(([longitude, latitude]) => [latitude, longitude]);
  return {
    id,
    outline: outlineThrough(ring, { refuse }),
    properties: {
      datetime: timeIn(about.acquired, refuse),
      constellation: 'planetscope',
      'eo:cloud_cover': about.cloud_cover == null ? undefined : Math.round(about.cloud_cover * 1e4) / 100, // a share
      ...Object.fromEntries(Object.entries(PLANET.properties).map(([key, own]) => [key, about[own] ?? undefined])),
    },
    extensions: PLANET.extensions,
    assets,
  };
}

/** Says of each band what makes reflectance at the top of the atmosphere of its values. */
async function withReflectance(image: ProductAsset['about'], id: string, path: string, read: ReadText) {
  const xml = readMetadata(path, await read(path));
  const found = xml.text('identifier');
  if (!found.startsWith(`${id}_`)) xml.refuse(`the scene ${found}`, `is ${id}`);
  const about = new Map(xml.all('bandSpecificMetadata').map((one) => [xml.number('bandNumber', one), one]));
  const bands = image.bands.map((band, i) => {
    const own = about.get(i + 1) ?? xml.refuse(`no band ${i + 1}`, `are ${image.bands.length}`);
    return { ...band, 'raster:scale': xml.number('reflectanceCoefficient', own), 'raster:offset': 0 };
  });
  return { ...image, roles: ['data', 'reflectance'], bands };
}
