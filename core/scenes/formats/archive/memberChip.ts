import type { Chip, Place } from '../../../package/chip.ts';
import type { ModelPackage } from '../../../package/package.ts';
import { imageChip } from '../../image/imageChip.ts';

/** An image in an archive: `where` names it in errors; `name` is null if only its bytes are known. */
export type Member = { readonly where: string; readonly name: string | null; readonly bytes: Uint8Array };

const ARCHIVE = { name: 'archive', hint: 'Notes are ignored if they end in .txt, .json, .xml or .md.' } as const;

/**
 * Reads an image in an archive as a chip with a name.
 *
 * @param mostBytes the most bytes of the decoded image
 * @throws {InvalidSceneFile} as `imageChip` does
 */
export async function memberChip(
  { where, name, bytes }: Member,
  place: Place,
  model: ModelPackage,
  mostBytes: number,
): Promise<Chip> {
  const chip = await imageChip({ where, bytes, of: ARCHIVE }, place, model, mostBytes);
  return name === null ? chip : { ...chip, member: name };
}
