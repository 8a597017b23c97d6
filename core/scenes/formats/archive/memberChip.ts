import type { ModelPackage } from '../../../models/package.ts';
import type { Chip, Place } from '../../chip.ts';
import { imageChip } from '../../image/imageChip.ts';

/** An image of an archive: `where` names it in errors, `name` is null where only its bytes are known. */
export type Member = { readonly where: string; readonly name: string | null; readonly bytes: Uint8Array };

const ARCHIVE = {
  name: 'archive',
  hint: 'Notes are passed over where they end in .txt, .json, .xml or .md.',
} as const;

/**
 * Reads an image of an archive as a chip, with its name.
 *
 * @param mostBytes of the image as it is decoded
 * @throws InvalidSceneFile as `imageChip` does
 */
export async function memberChip(
  { where, name, bytes }: Member,
  place: Place,
  model: Pick<ModelPackage, 'source'>,
  mostBytes: number,
): Promise<Chip> {
  const chip = await imageChip({ where, bytes, of: ARCHIVE }, place, model, mostBytes);
  return name === null ? chip : { ...chip, member: name };
}
