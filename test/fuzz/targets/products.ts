import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { parseItem } from '../../../core/scenes/formats/stacItem/item.ts';
import { itemOf } from '../../../core/scenes/products/product.ts';
import { productIn } from '../../../core/scenes/products/products.ts';
import { damage } from '../mutate/bytes.ts';
import type { Target } from '../target.ts';

const FIXTURES = new URL('../../../core/scenes/products/fixtures/', import.meta.url);
const ENDING = /MTD_\w+\.xml$|_MTL\.\w+$|\.cmr\.xml$|manifest\.safe$|_metadata\.\w+$/;
/** The metadata by their paths in the folder of fixtures. */
const TEXTS = new Map(
  readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' })
    .filter((path) => ENDING.test(path))
    .map((path) => [path.replaceAll('\\', '/'), readFileSync(new URL(path, FIXTURES))]),
);
const PATHS = [...TEXTS.keys()];

/** Metadata of scenes that agencies deliver as folders: one file of them, after the number of its path. */
export const products: Target = {
  name: 'products',
  limits: { share: 8, refuses: ['InvalidSceneFile'], bytesPerByte: 400 },
  make: (dice) => {
    const at = dice.below(PATHS.length);
    const whole = TEXTS.get(PATHS[at]!)!;
    return Buffer.concat([Uint8Array.of(at), dice.once(8) ? whole : damage(whole, dice)]);
  },
  read: async (input) => {
    const damaged = PATHS[(input[0] ?? 0) % PATHS.length]!;
    const folder = damaged.slice(0, damaged.indexOf('/') + 1);
    const own = PATHS.filter((path) => path.startsWith(folder)).map((path) => path.slice(folder.length));
    const isAlone = ['landsat/', 'hls/'].includes(folder);
    const names = isAlone ? [damaged.slice(folder.length)] : own.filter((path) => !path.includes('/'));
    if (folder === 'planet/') names.push(names.find((name) => name.endsWith('.xml'))!.replace('_metadata.xml', '.tif'));
    const read = async (path: string) => {
      assert.match(path, /^\w[\w.-]*(\/\w[\w.-]*)*$/);
      const bytes = folder + path === damaged ? input.subarray(1) : TEXTS.get(folder + path);
      return Buffer.from(bytes ?? []).toString();
    };
    const product = await productIn(folder, names, read);
    const there = new Set(product.assets.flatMap(({ files }) => files.map(({ path }) => path)));
    for (const path of there) assert.match(path, /^\w[\w.-]*(\/\w[\w.-]*)*$/);
    assert.match(product.id, /^\w[\w.-]*$/);
    if (there.size === 0) return;
    const { item } = itemOf(product, { there, hrefOf: (path) => `./${path}`, isPartial: false });
    const text = JSON.stringify(item, (_, value) => {
      assert.ok(typeof value !== 'number' || Number.isFinite(value)); // JSON has no others
      return value;
    });
    const [west, south, east, north] = item.bbox;
    assert.ok(Math.min(west, east) >= -180 && Math.max(west, east) <= 180 && south >= -90 && north <= 90);
    assert.ok(parseItem('a.stac.json', new TextEncoder().encode(text)).assets.length > 0);
  },
};
