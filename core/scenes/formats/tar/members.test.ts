import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { encodeTar, paxRecord, type TarFile, tarHeader, withChecksum } from '../../../../test/archives.ts';
import { isRefused } from '../../../../test/benches/sceneFiles.ts';
import { rangesIn } from '../../rangesIn.ts';
import { isPassedOver } from '../archive/ofProduct.ts';
import { membersOf } from './format.ts';
import { beginsLikeTar } from './header.ts';

async function read(file: Uint8Array) {
  const found: { name: string; bytes: Uint8Array }[] = [];
  for await (const { name, offset, length } of membersOf('a', rangesIn(file)))
    found.push({ name, bytes: file.slice(offset, offset + length) });
  return found;
}

const refuses = (file: Uint8Array, message: string) => isRefused(() => read(file), message);

const bytes = Uint8Array.of(1, 2, 3);
const one = encodeTar([{ name: 'a.png', bytes }]);
const pax = (records: Buffer, type = 'x'): TarFile => ({ name: 'PaxHeader', type, bytes: new Uint8Array(records) });

describe('the files of a tar', () => {
  test('are those that were added', async () => {
    const name = fc.stringMatching(/^[a-z]{1,20}(\/[a-z]{1,20}){0,2}\.png$/);
    const files = fc.array(fc.record({ name, bytes: fc.uint8Array({ maxLength: 1200 }) }, { noNullPrototype: true }), {
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(files, async (some) => {
        const file = encodeTar(some);
        assert.equal(beginsLikeTar(file), some.length > 0);
        assert.deepEqual(await read(file), some);
      }),
    );
  });

  test('are skipped if their names are not those of images, and folders are skipped', async () => {
    const files = ['n/', 'n/.DS_Store', 'README.md', '__MACOSX/a.png', 'n/a.pgw', 'A.TXT'].map((name) => ({
      name,
      bytes,
    }));
    assert.deepEqual(
      await read(encodeTar([...files, { name: './a.png', bytes }, { name: 'n', type: '5', size: 99 }])),
      [{ name: './a.png', bytes }],
    );
    for (const name of ['a.png', 'a', '.n/a.tif', 'a.txt.png', '__MACOSX.png', 'x.SAFE/a.tif', 'y.assets/a.tif'])
      assert.equal(isPassedOver(name), false, name);
  });

  test('may have their sizes in GNU or pax form', async () => {
    const header = tarHeader({ name: 'a.png', bytes });
    header.fill(0, 124, 136);
    header[124] = 0x80;
    header[135] = 3;
    const content = Buffer.concat([withChecksum(header), bytes, Buffer.alloc(509 + 512)]);
    assert.deepEqual(await read(new Uint8Array(content)), [{ name: 'a.png', bytes }]);
    const said = pax(Buffer.concat([paxRecord('size', '3'), paxRecord('path', 'ü.png')]));
    const next = { name: 'cut', bytes: new Uint8Array(512).fill(1, 0, 3), size: 0 };
    assert.deepEqual(await read(encodeTar([said, next])), [{ name: 'ü.png', bytes: Uint8Array.of(1, 1, 1) }]);
  });

  test('are recognised by a signed or unsigned checksum of the header', () => {
    const header = tarHeader({ name: 'ü.png' });
    assert.ok(beginsLikeTar(header));
    const signed = Buffer.from(header).fill(0x20, 148, 156);
    const sum = signed.reduce((total, byte) => total + (byte > 127 ? byte - 256 : byte), 0);
    signed.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    assert.ok(beginsLikeTar(signed));
    for (let at = 0; at < 512; at += 1) {
      const other = Buffer.from(header);
      other[at]! ^= 4;
      assert.ok(!beginsLikeTar(other) || (at >= 148 && at < 156), `byte ${at}`);
    }
    for (const head of [new Uint8Array(512), header.subarray(0, 511)]) assert.equal(beginsLikeTar(head), false);
  });
});

describe('a tar is refused with the reason:', () => {
  const many = encodeTar([pax(Buffer.alloc(1024 ** 2 + 1, 'x')), { name: 'a.png', bytes }]);
  for (const [file, message] of [
    [one.subarray(0, 1100), 'a: is cut short: it ends at byte 1100, without'],
    [one.subarray(0, 1024), 'it ends at byte 1024, without the block'],
    [encodeTar([pax(Buffer.alloc(900))]).subarray(0, 1200), 'byte 0: is cut short'],
    [
      Uint8Array.from([...one.subarray(0, 1024), ...one.with(3, 1)]),
      "a: the tar's header at byte 1024: is damaged: its checksum does not match",
    ],
    [Uint8Array.from([...one, ...one]), 'a: the tar ends at byte 1536, and something else stands behind'],
    [withChecksum(tarHeader({ name: 'a.png' }).fill('9', 124, 130)), 'does not say how many bytes follow'],
    [encodeTar([{ name: 'a.png', type: '2' }]), 'a: “a.png”: is a symbolic link, allowed are images'],
    [encodeTar([{ name: 'a.png', type: 'S' }]), '“a.png”: is stored as a sparse file'],
    [
      encodeTar([pax(paxRecord('GNU.sparse.major', '1')), { name: 'a.png', bytes }]),
      '“a.png”: is stored as a sparse file',
    ],
    [encodeTar([{ name: 'a.png', type: 'Z' }]), '“a.png”: found the type “Z”'],
    [
      encodeTar([
        { name: 'L', type: 'L', bytes: Uint8Array.of(0xfc, 0x2e, 0) },
        { name: 'a.png', bytes },
      ]),
      'found the name “\ufffd.”, which is not UTF-8',
    ],
    [many, 'found 1048577 bytes about a member, allowed are at most 1048576'],
    ...['3 path=x\n', '99 path=x\n', 'x', '9 pathxxx\n', '10 path=xx', '11 size=x\n\n'].map(
      (record) =>
        [
          encodeTar([pax(Buffer.from(record)), { name: 'a.png', bytes }]),
          'byte 0: is damaged: it has no record at byte 0 of it',
        ] as const,
    ),
  ] as const)
    test(message, () => refuses(file, message));
});
