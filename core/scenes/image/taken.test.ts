import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kindOf, openImage } from '../../../test/images.ts';
import { acquiredInRow } from '../../ledger/acquiredInRow.ts';
import pictures from './taken.vectors.json' with { type: 'json' };

describe('a picture is dated by its EXIF, as Pillow reads it:', () => {
  for (const { what, file, taken } of pictures)
    test(what, async () => {
      const bytes = Buffer.from(file, 'base64');
      const { times, width } = await openImage(kindOf(what), new Uint8Array(bytes));
      assert.deepEqual(times, [{ by: 'EXIF', start: taken }]);
      assert.equal(width, taken.includes('+') ? 6 : 8);
      const { acquired } = acquiredInRow({ key: 'a.jpg' }, times, {
        acquisitionTimePattern: '',
        now: () => new Date(),
      });
      assert.equal(acquired?.at, `2018-06-01T${taken.includes('+') ? 10 : 12}:11:31.000Z`);
      const at = bytes.indexOf('2018:06:01');
      for (const other of ['2018:06:01'.replaceAll('1', 'x'), '          ', '0000:00:00']) {
        bytes.write(other, at, 'latin1');
        const again = await openImage(kindOf(what), new Uint8Array(bytes)).catch(() => null); // a PNG has checksums
        const { acquired: none } = acquiredInRow({ key: 'a.jpg' }, again?.times, {
          acquisitionTimePattern: '',
          now: () => new Date(),
        });
        assert.equal(none, undefined);
      }
    });
});
