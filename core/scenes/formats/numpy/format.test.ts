import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Edit, editedPackage, PROPERTIES, smallModel } from '../../../../test/benches/packages.ts';
import { isRefused, readAgain, readScene } from '../../../../test/benches/sceneFiles.ts';
import { encodeNpy, encodeNpz, withHeader, type ZipFields } from '../../../../test/numpy.ts';
import type { Chip, ModelPackage } from '../../../package/package.ts';
import { HEAD_BYTES } from '../format.ts';
import { numpy } from './format.ts';
import vectors from './numpy.vectors.json' with { type: 'json' };

/** Two bands of two rows and three columns, and a label of 0 to 3. */
function modelOf(type: string, dimensions: readonly string[] = ['height', 'width', 'bands']): Promise<ModelPackage> {
  const bands = ['A', 'B'].map((name) => ({ name, data_type: type }));
  const truth: Edit = [`${PROPERTIES}/swath:truth`, 'label'];
  return editedPackage([...smallModel(bands, [2, 3], ['A', 'B'], ['batch', ...dimensions]), truth]);
}

const uint16 = await modelOf('uint16');
const CHIP = 12;

const read = async (file: Uint8Array, model = uint16, size = 1000, limits = {}, said = file.length) =>
  (await readScene(numpy, file, model, { size, limits, said })).chips;
const again = (file: Uint8Array, index: number, model = uint16, there = file.length) =>
  readAgain(numpy, file, index, model, { there });

const plain = (chips: readonly Chip[]) => chips.map(({ planes }) => planes.map((plane) => [...plane]));

describe('files written by numpy are read as numpy reads them:', () => {
  for (const { what, held, dimensions, file: text, planes } of vectors.arrays)
    test(what, async () => {
      const file = new Uint8Array(Buffer.from(text, 'base64'));
      assert.equal(numpy.sniff(file, file.length), 'yes');
      const model = await modelOf(held, dimensions);
      for (const size of [1, 7, 100, 1000]) {
        const chips = await read(file, model, size);
        assert.deepEqual(plain(chips), planes);
        for (const plane of chips.flatMap((chip) => chip.planes))
          assert.equal(plane.constructor.name.toLowerCase(), `${held}array`);
        if (size !== 1000) continue;
        for (const chip of chips) assert.deepEqual(await again(file, chip.place.index, model), chip);
      }
    });

  for (const { what, file: text, planes, truth } of vectors.archives)
    test(`an archive, ${what}`, async () => {
      const file = new Uint8Array(Buffer.from(text, 'base64'));
      assert.equal(numpy.sniff(file.subarray(0, HEAD_BYTES), file.length), 'yes');
      const chips = await read(file, uint16, 100);
      assert.deepEqual(plain(chips), planes);
      assert.equal(chips.map((chip) => chip.truth).join(), truth.join());
      assert.deepEqual(await again(file, 1), chips[1]);
    });

  for (const { what, file: text } of vectors.refused)
    test(`but ${what} are refused by their name`, async () => {
      const file = new Uint8Array(Buffer.from(text, 'base64'));
      assert.equal(numpy.sniff(file, file.length), 'yes');
      await refused(read(file), `a: found an array of ${what}`, 'allowed are numbers of fixed width');
    });
});

const TYPES = ['u1', 'i1', 'u2', 'i2', 'u4', 'i4', 'f4', 'f8'] as const;
const NAMES = { u: 'uint', i: 'int', f: 'float' };
const INTEGERS = { u1: Uint8Array, i1: Int8Array, u2: Uint16Array, i2: Int16Array, u4: Uint32Array, i4: Int32Array };
const PLANES = { ...INTEGERS, f4: Float32Array, f8: Float64Array };

test('an array of any type, shape and order is read as it was written, in whatever pieces it comes', async () => {
  const layouts = ['bands height width', 'height width bands', 'width bands height', 'height bands width'];
  const models = new Map<string, ModelPackage>();
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        type: fc.constantFrom(...TYPES),
        layout: fc.constantFrom(...layouts),
        byteOrder: fc.constantFrom('<', '>', '|'),
        isFortranOrder: fc.boolean(),
        major: fc.constantFrom(1, 2, 3),
        chips: fc.integer({ min: 1, max: 5 }),
        size: fc.integer({ min: 1, max: 300 }),
        seed: fc.uint8Array({ minLength: 5 * 12 * 8, maxLength: 5 * 12 * 8 }),
      }),
      async ({ type, layout: dimensions, byteOrder, isFortranOrder, major, chips, size, seed }) => {
        const layout = dimensions.split(' ') as ('bands' | 'height' | 'width')[];
        const dataType = `${NAMES[type[0] as 'u']}${8 * Number(type[1])}`;
        const id = `${dataType} ${layout}`;
        const model = models.get(id) ?? (await modelOf(dataType, layout));
        models.set(id, model);
        const sizes = { bands: 2, height: 2, width: 3 };
        const shape = [chips, ...layout.map((dimension) => sizes[dimension])];
        const values = new PLANES[type](seed.slice(0, chips * CHIP * Number(type[1])).buffer);
        // By its definition: the value at [n, …] of which the first, or the last, index changes fastest.
        const at = (indexes: number[]) => {
          const order = shape.map((_, i) => (isFortranOrder ? i : shape.length - 1 - i));
          let [place, step] = [0, 1];
          for (const i of order) {
            place += indexes[i]! * step;
            step *= shape[i]!;
          }
          return values[place]!;
        };
        const pixel = (n: number, bands: number, i: number) => {
          const place = { bands, height: Math.floor(i / 3), width: i % 3 };
          return at([n, ...layout.map((dimension) => place[dimension])]);
        };
        const planes = Array.from({ length: chips }, (_, n) =>
          [0, 1].map((band) => [0, 1, 2, 3, 4, 5].map((i) => pixel(n, band, i))),
        );
        const data = Buffer.from(values.buffer.slice(0));
        if (byteOrder === '>' && type[1] === '2') data.swap16();
        if (byteOrder === '>' && type[1] === '4') data.swap32();
        if (byteOrder === '>' && type[1] === '8') data.swap64();
        const descr = `${type[1] !== '1' && byteOrder === '|' ? '<' : byteOrder}${type}`; // a single byte may say any
        const file = encodeNpy({ descr, shape, data, isFortranOrder, major: major as 1 });
        const found = await read(file, model, size);
        assert.deepEqual(plain(found), planes);
        for (const isDeflated of [true, false])
          assert.deepEqual(plain(await read(encodeNpz({ x: file }, { isDeflated }), model, size)), planes);
        // Where a chip is said to lie it is found again.
        for (const chip of found)
          assert.deepEqual(plain([await again(file, chip.place.index, model)])[0], planes[chip.place.index]);
      },
    ),
    { numRuns: 150 },
  );
});

const array = (chips: number, more: object = {}) =>
  encodeNpy({ descr: '<u2', shape: [chips, 2, 3, 2], data: new Uint8Array(chips * 2 * CHIP).fill(1), ...more });

test('a chip of an array in C order is located by its bytes, other chips by their index', async () => {
  const start = array(0).length;
  for (const [index, { place }] of (await read(array(3))).entries())
    assert.deepEqual(place, { index, kind: 'bytes', offset: start + 24 * index, length: 24 });
  for (const file of [array(2, { isFortranOrder: true }), encodeNpz({ x: array(2) })])
    for (const [index, { place }] of (await read(file)).entries()) assert.deepEqual(place, { index, kind: 'index' });
});

test('a chip is read again with a header of any length, and a usual header is in the first bytes, which are known', async () => {
  const literal = "{'descr': '<u2', 'fortran_order': False, 'shape': (2, 2, 3, 2), }";
  for (const length of [literal.length, 900, 2000, 60_000]) {
    const file = withHeader(literal.padEnd(length), new Uint8Array(2 * 2 * CHIP).fill(1), 2);
    const [first, second] = await read(file);
    const asked: number[] = [];
    const range = async (offset: number, bytes: number) => {
      asked.push(bytes);
      return file.subarray(offset, offset + bytes);
    };
    const scene = { key: 'a', size: file.length, head: file.subarray(0, HEAD_BYTES), range };
    assert.deepEqual(await numpy.readChip(scene, { index: 1, kind: 'index' }, uint16), second);
    assert.notDeepEqual(first, second);
    assert.deepEqual(asked, length < 500 ? [24] : [0xffff + 12, 24]);
  }
});

test('64-bit integers are converted to the type of the package if every value fits', async () => {
  const of = (last: bigint, type = 'i8') => {
    const values = BigInt64Array.from({ length: 12 }, (_, i) => (i === 11 ? last : 7n));
    return encodeNpy({ descr: `<${type}`, shape: [1, 2, 3, 2], data: new Uint8Array(values.buffer) });
  };
  const planes = (last: number) => [[Array(6).fill(7), [7, 7, 7, 7, 7, last]]];
  assert.deepEqual(plain(await read(of(65_535n))), planes(65_535));
  for (const value of [65_536n, -1n])
    await refused(read(of(value)), `a: chip 0: band B: found ${value}, which does not fit uint16`);
  const float64 = await modelOf('float64');
  assert.deepEqual(plain(await read(of(2n ** 53n - 1n), float64)), planes(2 ** 53 - 1));
  assert.deepEqual(plain(await read(of(-(2n ** 63n)), float64)), planes(-(2 ** 63)));
  await refused(read(of(2n ** 53n + 1n), float64), 'found 9007199254740993, which does not fit float64');
  await refused(read(of(-1n, 'u8'), float64), 'found 18446744073709551615, which does not fit float64');
});

test('a type is accepted for exactly the types that can hold all its values', async () => {
  const holds: Record<string, string> = {
    b1: 'uint8 int8 uint16 int16 uint32 int32 float32 float64',
    u1: 'uint8 uint16 int16 uint32 int32 float32 float64',
    i1: 'int8 int16 int32 float32 float64',
    u2: 'uint16 uint32 int32 float32 float64',
    i2: 'int16 int32 float32 float64',
    u4: 'uint32 float64',
    i4: 'int32 float64',
    f2: 'float32 float64',
    f4: 'float32 float64',
    f8: 'float64',
  };
  for (const type of ['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'float32', 'float64']) {
    const model = await modelOf(type);
    for (const [code, held] of Object.entries(holds)) {
      const data = new Uint8Array(CHIP * Number(code[1]));
      const file = encodeNpy({ descr: `${code[1] === '1' ? '|' : '<'}${code}`, shape: [1, 2, 3, 2], data });
      if (held.split(' ').includes(type)) assert.equal((await read(file, model)).length, 1);
      else await refused(read(file, model), 'a: found values of ', `allowed is ${type} for the band A`);
    }
  }
});

test('bands of several types are read, each as its own type', async () => {
  const bands = ['uint8', 'uint16'].map((data_type, i) => ({ name: 'AB'[i]!, data_type }));
  const model = await editedPackage(smallModel(bands, [1, 2]));
  const file = encodeNpy({ descr: '|u1', shape: [1, 2, 1, 2], data: Uint8Array.of(1, 2, 3, 4) });
  const [chip] = await read(file, model);
  assert.deepEqual(chip?.planes, [Uint8Array.of(1, 2), Uint16Array.of(3, 4)]);
});

test('half-precision floats are read as IEEE 754 defines them', async () => {
  const bits = Uint16Array.of(0, 0x8000, 1, 0x03ff, 0x0400, 0x3c00, 0xc000, 0x7bff, 0x7c00, 0xfc00, 0x7e00, 0x3555);
  const model = await modelOf('float32', ['bands', 'height', 'width']);
  const file = encodeNpy({ descr: '<f2', shape: [1, 2, 2, 3], data: new Uint8Array(bits.buffer) });
  const small = [0, -0, 2 ** -24, 1023 * 2 ** -24, 2 ** -14];
  const values = [...small, 1, -2, 65_504, Infinity, -Infinity, NaN, 0.333251953125];
  assert.deepEqual(plain(await read(file, model)).flat(2), values);
});

describe('a file that is not an array of such chips is refused with the reason:', () => {
  const data = new Uint8Array(2 * CHIP);
  const bytes = { S7: 'byte strings', a5: 'byte strings', V: 'raw bytes' };
  const OTHERS = {
    ...bytes,
    O: 'Python objects, which are never unpickled',
    U9: 'strings',
    'M8[ns]': 'dates',
    m8: 'durations',
  };
  const BAD: [file: Uint8Array, says: string[]][] = [
    [array(1).subarray(0, 80), ['a: is cut short in its header']],
    [array(3).subarray(0, -1), ['a: is cut short: found 71 bytes of values, allowed are 72']],
    [new Uint8Array([...array(3), 0]), ['a: continues after its array: found 73 bytes']],
    [array(0), ['found an array without chips']],
    [
      encodeNpy({ descr: '<u2', shape: [1, 2, 2, 3], data }),
      ['found an array of the shape [1, 2, 2, 3]', 'allowed is [any, 2, 3, 2]: chips × height × width × bands'],
    ],
    [encodeNpy({ descr: '<u2', shape: [12], data }), ['the shape [12]']],
    [encodeNpy({ descr: '<u2', shape: [1e14, 2, 3, 2], data }), ['is cut short']],
    ...['|u2', '=u2', '<u2x', 'u2', '<u', '<u3', '<f1', '<f16', '<b2', '<b1x', '<t8', '<?8', '', '<i1000'].map(
      (descr): (typeof BAD)[number] => [
        encodeNpy({ descr, shape: [1, 2, 3, 2], data }),
        [`a: found an array of another type (“${descr}”); allowed are numbers of fixed width: bool, int8 to int64`],
      ],
    ),
    ...Object.entries(OTHERS).map(([type, kind]): (typeof BAD)[number] => [
      encodeNpy({ descr: `<${type}`, shape: [1, 2, 3, 2], data }),
      [`a: found an array of ${kind} (“<${type}”); allowed are`],
    ]),
    [
      encodeNpy({ descr: '<u2'.padEnd(41, 'x'), shape: [1, 2, 3, 2], data }),
      [`found an array of another type (“${'<u2'.padEnd(40, 'x')}”)`],
    ],
    [withHeader("{'descr': __import__('os')}", data), ['is invalid', 'as numpy writes them']],
  ];
  for (const [i, [file, says]] of BAD.entries())
    test(says.join(', '), async () => {
      await refused(read(file), ...says);
      if (i > 1 && file.length < 60_000) await refused(again(file, 0), ...says);
    });

  test('shorter than it was when it was opened', async () => {
    const [file, short] = [array(3), array(2)];
    await refused(
      read(file.subarray(0, -CHIP), uint16, 1000, {}, file.length),
      'a: is cut short: found 2 of its 3 chips',
    );
    await refused(
      read(short.subarray(0, -30), uint16, 1000, {}, short.length),
      'a: is cut short: found 0 of its 2 chips',
    );
  });

  test('shorter than when one of its chips was read', async () => {
    const file = array(3);
    await refused(again(file, 2, uint16, file.length - 1), 'a: is cut short in its chip 2');
  });

  test('an archive shorter than the bytes that decide its format', async () => {
    const start = encodeNpz({ x: new Uint8Array() }).subarray(0, 40);
    await refused(read(start), 'a: is an archive without a directory at its end');
  });

  test('a chip that does not exist', async () => {
    for (const file of [array(2), array(2, { isFortranOrder: true }), encodeNpz({ x: array(2) })])
      await refused(again(file, 2), 'a: has no chip 2, found are 2');
  });
});

describe('maxRecordBytes limits the memory for:', () => {
  test('a chip', async () => {
    assert.equal((await read(array(3), uint16, 1000, { maxRecordBytes: 24 })).length, 3);
    await refused(read(array(3), uint16, 1000, { maxRecordBytes: 23 }), 'found chips of 24 bytes', 'maxRecordBytes');
  });

  test('a file that is read as a whole, and the size it unpacks to', async () => {
    const columns = array(3, { isFortranOrder: true });
    const stored = encodeNpz({ x: array(3) });
    for (const file of [columns, stored]) {
      const maxRecordBytes = file.length;
      assert.equal((await read(file, uint16, 1000, { maxRecordBytes })).length, 3);
      const limits = { maxRecordBytes: maxRecordBytes - 1 };
      await refused(read(file, uint16, 1000, limits), `of ${maxRecordBytes} bytes, which is held`);
    }
    const many = array(5000);
    const bomb = encodeNpz({ x: many }, { isDeflated: true });
    assert.ok(bomb.length < 1000);
    assert.equal((await read(bomb, uint16, 1000, { maxRecordBytes: many.length })).length, 5000);
    await refused(read(bomb, uint16, 1000, { maxRecordBytes: many.length - 1 }), `take ${many.length} bytes unpacked`);
  });

  test('an archive that unpacks to more than it states', async () => {
    const bomb = encodeNpz({ x: array(5000) }, { isDeflated: true, member: (fields) => ({ ...fields, bytes: 500 }) });
    await refused(read(bomb), 'a: “x.npy”: is damaged: it does not unpack to its 500 bytes');
  });
});

describe('an archive is refused', () => {
  const x = array(2);
  const labels = (descr: string, data: Uint8Array, shape = [2]) => encodeNpy({ descr, shape, data });
  const data = Uint8Array.of(1, 2);
  const whole = encodeNpz({ x });
  const BAD: [file: Uint8Array, says: string[]][] = [
    [whole.subarray(0, -1), ['a: is an archive without a directory at its end']],
    [encodeNpz({ x, z: x }), ['found 2 arrays of four dimensions', '“x” of [2, 2, 3, 2], “z”']],
    [encodeNpz({ y: labels('|u1', Uint8Array.of(1, 2)) }), ['found 0 arrays of four dimensions among its 1']],
    [encodeNpz({ x, y: labels('|u1', Uint8Array.of(1, 9)) }), ['“y”: found 9 for chip 1', '0, 1, 2, 3']],
    [encodeNpz({ x, y: labels('|u1', Uint8Array.of(1), [1]) }), ['of the shape [1]', 'each of the 2 chips']],
    [
      encodeNpz({ x, y: labels('|u1', data, [2, 1]) }),
      ['a: “y”: found uint8 values of the shape [2, 1], allowed is a whole number for each of the 2 chips'],
    ],
    [
      encodeNpz({ x: encodeNpy({ descr: '<u2', shape: [1, 2, 2, 3], data: new Uint8Array(24) }) }),
      ['a: “x”: found an array of the shape [1, 2, 2, 3]'],
    ],
    [encodeNpz({ x, y: labels('<f4', new Uint8Array(8)) }), ['float32']],
    [encodeNpz({ x, y: labels('<i8', new Uint8Array(15)) }), ['found 15 bytes of values, allowed are 16']],
    [encodeNpz({ x: x.subarray(0, -1) }), ['found 47 bytes of values, allowed are 48']],
    [encodeNpz({ x: new Uint8Array(100) }), ["“x”: is not an array in NumPy's format"]],
    [encodeNpz({ x: x.subarray(0, 50) }), ['“x”: is cut short in its header']],
    [
      encodeNpz({ x, z: x }, { member: (fields) => ({ ...fields, name: 'x.npy' }) }),
      ['a: is damaged: “x.npy” is in it twice'],
    ],
  ];
  for (const [file, says] of BAD)
    test(says.join(', '), async () => {
      assert.equal(numpy.sniff(file.subarray(0, HEAD_BYTES), file.length), 'yes');
      await refused(read(file), ...says);
    });

  test('but not for several label arrays: the name in the package decides which one is the truth', async () => {
    const [own, usual] = [labels('|u1', Uint8Array.of(1, 2)), labels('|u1', Uint8Array.of(3, 3))];
    const file = encodeNpz({ y: usual, labels: usual, label: own, x });
    const truths = async (model: ModelPackage) => (await read(file, model)).map(({ truth }) => truth);
    assert.deepEqual(await truths(uint16), [1, 2]);
    assert.deepEqual(await truths({ ...uint16, truth: null }), [null, null]);
    assert.deepEqual(await truths({ ...uint16, truth: 'other' }), [3, 3]);
  });

  test('with the names of at most twenty of its arrays', async () => {
    const entries = Array.from({ length: 22 }, (_, i) => [`a${i}`.padEnd(50, 'x'), labels('|u1', data)] as const);
    const arrays = Object.fromEntries(entries);
    const names = Object.keys(arrays).map((name) => `“${name.slice(0, 40)}” of [2]`);
    const found = (shown: readonly string[], more: string) =>
      `a: found 0 arrays of four dimensions among its ${shown.length + (more === '' ? 0 : 2)} (${shown.join(', ')}${more}), allowed is one`;
    await refused(read(encodeNpz(arrays)), found(names.slice(0, 20), ' and 2 more'));
    const few = Object.fromEntries(Object.entries(arrays).slice(0, 20));
    await refused(read(encodeNpz(few)), found(names.slice(0, 20), ''));
  });

  test('but not for other files in it, nor for arrays that are not needed', async () => {
    const text = { member: (fields: ZipFields) => ({ ...fields, name: fields.name.replace('text.npy', 'text.txt') }) };
    const file = encodeNpz({ x, text: x, other: labels('<f8', new Uint8Array(24), [3]) }, text);
    assert.equal((await read(file)).length, 2);
  });
});

test('other files are not recognised as NumPy files', () => {
  const zip = encodeNpz({ x: array(1) }, { member: (fields) => ({ ...fields, name: 'picture.png' }) });
  for (const head of [new Uint8Array(), Buffer.from('\x93NUMPX', 'latin1'), zip, Buffer.from('PK'), new Uint8Array(64)])
    assert.equal(numpy.sniff(head.subarray(0, HEAD_BYTES), 1000), 'no');
  const long = encodeNpz({ ['n'.repeat(50)]: array(1) });
  assert.equal(numpy.sniff(long.subarray(0, HEAD_BYTES), long.length), 'yes', 'its name goes on');
});

const refused = (reading: Promise<unknown>, ...says: string[]) => isRefused(() => reading, /^a: /, ...says);
