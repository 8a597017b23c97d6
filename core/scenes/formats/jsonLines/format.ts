import { InvalidSceneFile } from '../../../base/errors.ts';
import { MOST_SCENE_LIMITS } from '../../../base/limits.ts';
import { piecesOf } from '../../begun.ts';
import { linesIn } from '../../linesIn.ts';
import type { Format } from '../format.ts';

/** A JSON object a line, whose members are the columns of a table: https://jsonlines.org */
export const jsonLines: Format = {
  name: 'JSON Lines',
  sniff: (head) => (beginsWithRow(Buffer.from(head).toString('latin1')) ? 'yes' : 'no'),

  makeReader: (model, { maxRecordBytes }) =>
    async function* ({ key, chunks }) {
      const { makeTable } = await import('./table.ts');
      const table = await makeTable(key, model);
      for await (const lines of linesIn({ key, chunks }, maxRecordBytes, WHAT, true)) yield table.chips(lines);
    },

  /** A row has no place other than its number, so the file is read up to it. */
  async readChip(scene, { index }, model) {
    const { key } = scene;
    const { makeTable } = await import('./table.ts');
    const table = await makeTable(key, model);
    for await (const lines of linesIn({ key, chunks: piecesOf(scene) }, MOST_SCENE_LIMITS.maxRecordBytes, WHAT, true))
      for (const chip of table.chips(lines)) if (chip.place.index === index) return chip;
    throw new InvalidSceneFile(`${key}: has no row ${index}`);
  },
};

const WHAT = 'a line of JSON';

/** Whether a file begins with an object of plain members, which is whole if its line is, and no STAC Item on one line. */
function beginsWithRow(start: string): boolean {
  const [line = '', ...more] = start.replace(/^\xef\xbb\xbf/, '').split(/\r?\n/, 2);
  const bare = line.replace(/"(?:[^"\\]|\\.)*(?:"|$)/g, '"').trim();
  if (!/^\{\s*"\s*:\s*["\w-][^[{]*$/.test(bare) || /"type"\s*:\s*"Feature"|"stac_version"/.test(line)) return false;
  return more.length === 0 || bare.endsWith('}');
}
