import { hash } from 'node:crypto';
import { InvalidModelPackage } from '../base/errors.ts';
import { packageFile } from '../base/names.ts';
import { parseItem } from './item.ts';
import type { ModelPackage } from './package.ts';
import { modelFiles, mostModelBytes, type ReadPackageFile, readJson, readWithin } from './packageFile.ts';

/** How a multihash of SHA-256 begins: 0x12 is the hash, 0x20 its length. */
const SHA_256 = '1220';

/** Refuses a model's files that are not those of which the item has the size or the SHA-256. */
export async function checkStated(readFile: ReadPackageFile, model: ModelPackage): Promise<void> {
  const { assets } = parseItem(await readJson(readFile, 'item.json'));
  for (const asset of Object.values(assets)) {
    const file = modelFiles(model).find((name) => name === packageFile(asset.href));
    if (file === undefined) continue;
    const bytes = await readWithin(readFile, file, mostModelBytes(model));
    const found = { 'file:size': `${bytes.length}`, 'file:checksum': SHA_256 + hash('sha256', bytes) };
    for (const member of ['file:size', 'file:checksum'] as const) {
      const stated = `${asset[member] ?? found[member]}`.toLowerCase();
      if (stated === found[member] || (member === 'file:checksum' && !stated.startsWith(SHA_256))) continue;
      const remedy = 'Copy it anew if it is damaged; if it is meant, correct or leave out both members of its asset.';
      const allowed = `${stated}, as item.json has it. ${remedy}`;
      throw new InvalidModelPackage(`${file}: found the ${member} ${found[member]}, allowed is ${allowed}`);
    }
  }
}
