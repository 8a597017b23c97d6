import { InvalidSceneFile, jsonIn } from '../../../base/errors.ts';
import { MOST_SCENE_LIMITS } from '../../../base/limits.ts';
import { linesIn } from '../../linesIn.ts';
import { type Format, piecesOf } from '../format.ts';

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
      for (const chip of table.chips(lines, index)) return chip;
    throw new InvalidSceneFile(`${key}: has no row ${index}`);
  },
};

const WHAT = 'a line of JSON';

/**
 * Whether a file begins with an object on a line. If the line goes on, its members must be plain so far: a STAC Item on one line has others. The
 * features of GeoJSON are rows only where another follows.
 */
function beginsWithRow(start: string): boolean {
  const [line = '', next] = start
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart()
    .split(/\r?\n/, 2);
  if (/"stac_version"/.test(line)) return false;
  const isFeature = /"type"\s*:\s*"Feature/.test(line);
  if (jsonIn(line) !== undefined) return line.startsWith('{') && (!isFeature || next?.startsWith('{') === true);
  const bare = line.replace(/"(?:[^"\\]|\\.)*(?:"|$)/g, '"');
  return next === undefined && !isFeature && /^\{\s*"\s*:\s*["\w-][^[{]*$/.test(bare);
}
