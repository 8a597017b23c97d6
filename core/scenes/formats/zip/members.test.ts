import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isRefused } from '../../../../test/benches/sceneFiles.ts';
import { encodeNpz, type ZipFields } from '../../../../test/numpy.ts';
import { rangesIn } from '../../rangesIn.ts';
import { firstName } from './directory.ts';
import { contentOf, membersOf } from './members.ts';

async function contentsOf(file: Uint8Array) {
  const range = rangesIn(file);
  const members = await membersOf({ key: 'a', size: file.length, range });
  return Array.fromAsync(
    members,
    async (member): Promise<[string, Uint8Array]> => [member.name, new Uint8Array(await contentOf(range, member))],
  );
}

describe('the files of an archive', () => {
  test('are those that were added, whatever else its directory and comment contain', async () => {
    const files = fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 8 }), fc.uint8Array({ maxLength: 40 }), {
      noNullPrototype: true,
      maxKeys: 5,
    });
    await fc.assert(
      fc.asyncProperty(
        files,
        fc.boolean(),
        fc.nat(300),
        fc.nat(300),
        fc.nat(300),
        async (arrays, isDeflated, extra, on, length) => {
          const member = (fields: ZipFields) => ({ ...fields, extra, comment: on });
          const file = encodeNpz(arrays, { isDeflated, member, comment: new Uint8Array(length) });
          const moved = new Uint8Array(file.length + 3).subarray(3);
          moved.set(file);
          assert.deepEqual(
            await contentsOf(moved),
            Object.entries(arrays).map(([name, bytes]) => [`${name.replaceAll('\\', '/')}.npy`, bytes]),
          );
        },
      ),
    );
  });

  test('may have the replacement character in their names, which is UTF-8', async () => {
    const bytes = Uint8Array.of(1);
    assert.deepEqual(await contentsOf(encodeNpz({ '\ufffd': bytes })), [['\ufffd.npy', bytes]]);
  });

  test('may have names in code page 437, where they are not said to be UTF-8', async () => {
    const bytes = Uint8Array.of(1);
    const named = (from: string) => Buffer.from(encodeNpz({ [from]: bytes })).toString('latin1');
    const file = Buffer.from(named('??x').replaceAll('??x', '\x81\xffx'), 'latin1');
    assert.deepEqual(await contentsOf(file), [['ü\xa0x.npy', bytes]]);
  });

  test('are found even if its comment looks like an end record and has the maximum length', async () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const comment = new Uint8Array(0xffff);
    comment.set(encodeNpz({}), 100);
    assert.deepEqual(await contentsOf(encodeNpz({ x: bytes }, { comment })), [['x.npy', bytes]]);
  });

  test('are refused if it is not an archive', async () => {
    const what = 'a: is an archive without a directory at its end: it is cut short, or damaged';
    for (const file of [new Uint8Array(), new Uint8Array(21), new Uint8Array(22), encodeNpz({}).subarray(1)])
      await isRefused(() => contentsOf(file), what);
    assert.deepEqual(await contentsOf(encodeNpz({})), []);
  });
});

describe('a damaged archive is refused with the place:', () => {
  const bytes = Uint8Array.from({ length: 50 }, (_, i) => i);
  const changed = (fields: Partial<ZipFields>, isDeflated = false) =>
    encodeNpz({ x: bytes }, { isDeflated, member: (all) => ({ ...all, ...fields }) });
  const whole = changed({});
  const edited = (at: number, value: number) => Uint8Array.from(whole, (byte, i) => (i === at ? value : byte));
  const file = 30 + 'x.npy'.length + bytes.length;
  const directory = 46 + 'x.npy'.length;
  for (const [archive, says] of [
    [edited(file + directory + 16, file + 1), `its directory has no entry 0 at byte ${file + 1}`],
    [edited(file + directory + 16, file + 6), `has no entry 0 at byte ${file + 6}`],
    [edited(file, 0), `has no entry 0 at byte ${file}`],
    [edited(file + directory + 10, 2), `its directory has no entry 1 at byte ${file + directory}`],
    [edited(0, 0), '“x.npy”: is damaged: it does not begin at byte 0'],
    [changed({ offset: whole.length - 29 }), `does not begin at byte ${whole.length - 29}`],
    [changed({ offset: whole.length - 30 }), 'does not begin at byte'],
    [changed({ packed: 51 }), `its 51 bytes go on behind byte ${file}, where others begin`],
    [changed({ bytes: 51 }), 'it unpacks to 50 bytes, not to 51'],
    [changed({ bytes: 51 }, true), 'it unpacks to 50 bytes, not to 51'],
    [changed({ bytes: 49 }, true), 'it does not unpack to its 49 bytes'],
    [changed({ bytes: 0 }, true), 'it does not unpack to its 0 bytes'],
    [changed({ checksum: 1 }), 'is damaged: its checksum does not match'],
    [changed({ flags: 9 }), '“x.npy”: is encrypted'],
    [changed({ method: 12 }), 'found the compression method 12, allowed are 0 (stored) and 8 (deflated)'],
  ] as const)
    test(says, () => isRefused(() => contentsOf(archive), says));

  test('but one with other flags is read', async () => {
    assert.deepEqual(await contentsOf(changed({ flags: 0x0802 })), [['x.npy', bytes]]);
  });
});

test('the name of the first file is read as far as the first bytes contain it', () => {
  const named = (length: number) => encodeNpz({ ['x'.repeat(length - 4)]: new Uint8Array(40) });
  assert.deepEqual(firstName(named(34).subarray(0, 64)), { name: `${'x'.repeat(30)}.npy`, isWhole: true });
  assert.deepEqual(firstName(named(35).subarray(0, 64)), { name: `${'x'.repeat(31)}.np`, isWhole: false });
  const moved = new Uint8Array(70).subarray(6);
  moved.set(named(5).subarray(0, 64));
  assert.deepEqual(firstName(moved), { name: 'x.npy', isWhole: true });
  for (const head of [named(5).subarray(0, 29), new Uint8Array(64), encodeNpz({})])
    assert.equal(firstName(head), undefined);
  assert.deepEqual(firstName(named(5).subarray(0, 30)), { name: '', isWhole: false });
});
