import assert from 'node:assert/strict';
import { SCENE_LIMITS } from '../../../core/base/limits.ts';
import { tar } from '../../../core/scenes/formats/tar/format.ts';
import { zip } from '../../../core/scenes/formats/zip/format.ts';
import { rangesIn } from '../../../core/scenes/rangesIn.ts';
import { encodeTar } from '../../archives.ts';
import { editedPackage, smallModel } from '../../benches/packages.ts';
import { landsatFiles, SAFE, safeFiles, within } from '../../benches/products.ts';
import { encodeZip } from '../../numpy.ts';
import { damage } from '../mutate/bytes.ts';
import type { Target } from '../target.ts';
import { inPieces } from './records.ts';

const modelOf = (names: readonly string[]) =>
  editedPackage(
    smallModel(
      names.map((name) => ({ name, data_type: 'uint16' })),
      [4, 4],
    ),
  );
const limits = { ...SCENE_LIMITS, maxRecordBytes: 2 ** 16, maxFileBytes: 2 ** 20 };
const safe = within(`${SAFE}/`, safeFiles());
const ofSafe = [encodeZip(safe), encodeZip(safe, { isDeflated: true })];
const ofLandsat = [
  encodeTar(within('', landsatFiles())),
  encodeZip(within('x/', landsatFiles()), { isDeflated: true }),
];
const [safeModel, landsatModel] = [await modelOf(['B02', 'B11', 'B01']), await modelOf(['red', 'lwir11'])];

/** Zips and tars of a scene as its agency delivers it: one file of them, after which model is to read it. */
export const archivedScenes: Target = {
  name: 'archivedScenes',
  limits: { share: 8, refuses: ['InvalidSceneFile'], bytesPerByte: 400 },
  make: (dice) => {
    const isSafe = dice.once(2);
    const whole = dice.pick(isSafe ? ofSafe : ofLandsat);
    return Buffer.concat([Uint8Array.of(Number(isSafe)), dice.once(8) ? whole : damage(whole, dice)]);
  },
  read: async (input) => {
    const file = input.subarray(1);
    const format = [tar, zip].find(({ sniff }) => sniff(file.subarray(0, 512), file.length) === 'yes');
    if (format === undefined) return;
    const stream = { key: 'north/a', size: file.length, chunks: inPieces(file), range: rangesIn(file) };
    let index = 0;
    for await (const chips of format.makeReader(input[0] === 1 ? safeModel : landsatModel, limits)(stream))
      for (const { place, planes } of chips) {
        assert.equal(place.index, index);
        index += 1;
        assert.ok(planes.every(({ length }) => length === 16));
      }
  },
};
