import { ObjectNotFound } from '../../../core/base/errors.ts';
import { isZarr } from '../../../core/base/keys.ts';
import vectors from '../../../core/scenes/cubes/cubes.vectors.json' with { type: 'json' };
import { rangesIn } from '../../../core/scenes/rangesIn.ts';
import { damage } from '../mutate/bytes.ts';
import { damageJson } from '../mutate/json.ts';
import type { Target } from '../target.ts';
import { readCubeChips } from './cubeChips.ts';
import { inPieces } from './records.ts';

type Store = { name: string; metadata: object; files: ReadonlyMap<string, Buffer> };

const STORES = vectors.vectors
  .filter(({ type }) => type === 'uint16')
  .map(({ files }): Store => {
    const all = Object.entries(files as unknown as Record<string, string>);
    const [name, metadata] = all.find(([one]) => isZarr(`a.zarr/${one}`))!;
    const bytes = all.map(([path, file]) => [path, Buffer.from(file, 'base64')] as const);
    return { name, metadata: JSON.parse(Buffer.from(metadata, 'base64').toString()), files: new Map(bytes) };
  });

/** The number of a store, whether one of its chunks is damaged, and its metadata. */
export const zarrStores: Target = {
  name: 'zarrStores',
  limits: { share: 20, refuses: ['InvalidSceneFile'], bytesPerByte: 400, mostBytes: 64 * 1024 ** 2 },
  make: (dice) => {
    const nth = dice.below(STORES.length);
    const whole = STORES[nth]!.metadata;
    const hasWholeMetadata = dice.once(3);
    const metadata = hasWholeMetadata ? Buffer.from(JSON.stringify(whole)) : damageJson(whole, dice);
    return new Uint8Array([nth, dice.below(256), ...(dice.once(8) ? damage(metadata, dice) : metadata)]);
  },
  read: async (input) => {
    const [nth = 0, flaw = 0, ...rest] = input;
    const { name, files } = STORES[nth % STORES.length]!;
    const file = Uint8Array.from(rest);
    const asset = async (href: string) => {
      const whole = files.get(decodeURIComponent(href));
      if (whole === undefined) throw new ObjectNotFound(href);
      const bytes = flaw < 64 ? whole.map((byte, i) => (i === flaw % whole.length ? byte ^ 0x55 : byte)) : whole;
      return { key: href, size: bytes.length, digest: async () => '1', range: rangesIn(bytes), close: () => {} };
    };
    const key = `north/a.zarr/${name}`;
    const stream = { key, size: file.length, chunks: inPieces(file), range: rangesIn(file), asset };
    await readCubeChips(stream);
  },
};
