import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { withHeader } from '../../../../test/numpy.ts';
import { InvalidSceneFile } from '../../../base/errors.ts';
import { readHeader, shownShape } from './header.ts';

const LITERAL = "{'descr': '<u2', 'fortran_order': False, 'shape': (1, 2, 3, 2), }";
const headerOf = (literal: string, major = 1) => readHeader('a', withHeader(literal, new Uint8Array(), major));

describe('a header is read', () => {
  const plain = { descr: '<u2', isFortranOrder: false, shape: [1, 2, 3, 2] };
  for (const [what, literal, expected] of [
    ['as numpy writes it', LITERAL, plain],
    ['without its last comma', LITERAL.replace(', }', '}'), plain],
    ['in any order', "{'shape': (1, 2, 3, 2), 'fortran_order': False, 'descr': '<u2'}", plain],
    ['in other quotation marks', LITERAL.replaceAll("'", '"'), plain],
    ['with other blanks, or none', LITERAL.replaceAll(' ', '').replace('{', ' {  '), plain],
    ['in Fortran order', LITERAL.replace('False', 'True'), { ...plain, isFortranOrder: true }],
    ['with numbers as Python 2 wrote them', LITERAL.replace('1, 2,', '1L, 2L,'), plain],
    ['of a single number', LITERAL.replace('(1, 2, 3, 2)', '()'), { ...plain, shape: [] }],
    ['of one dimension', LITERAL.replace('(1, 2, 3, 2)', '(7,)'), { ...plain, shape: [7] }],
    ['of an empty type', LITERAL.replace('<u2', ''), { ...plain, descr: '' }],
    [
      'of several fields, whatever they are',
      "{'descr': [('x', '<u2')], 'shape': ??",
      { descr: null, isFortranOrder: false, shape: [] },
    ],
  ] as const)
    test(what, () => {
      for (const major of [1, 2, 3]) {
        const file = withHeader(literal, new Uint8Array(), major);
        assert.deepEqual(readHeader('a', file), { ...expected, dataStart: file.length });
      }
    });

  test('from any byte offset, and only when it is complete', () => {
    for (const major of [1, 2]) {
      const file = withHeader(LITERAL, new Uint8Array(), major);
      const moved = new Uint8Array(file.length + 20).subarray(7);
      moved.set(file);
      assert.deepEqual(readHeader('a', moved)?.shape, [1, 2, 3, 2]);
      for (let length = 6; length < file.length; length += 1)
        for (const start of [file.subarray(0, length), file.slice(0, length)])
          assert.equal(readHeader('a', start), undefined);
    }
  });

  test('up to its greatest length', () => {
    assert.equal(headerOf(LITERAL.padEnd(0xffff - 63), 2)?.descr, '<u2');
    const longest = withHeader('', new Uint8Array(0xffff), 2);
    new DataView(longest.buffer).setUint32(8, 0xffff, true);
    longest.set(Buffer.from(LITERAL.padEnd(0xffff)), 12);
    assert.equal(readHeader('a', longest)?.dataStart, 0xffff + 12);
    new DataView(longest.buffer).setUint32(8, 0x1_0000, true);
    refuses(longest, 'found a header of 65536 bytes, allowed are at most 65535');
  });
});

describe('a header is refused', () => {
  const all = { descr: "'<u2'", fortran_order: 'False', shape: '(1, 2)' };
  const dictOf = (fields: object) =>
    `{${Object.entries(fields)
      .map(([name, value]) => `'${name}': ${value}`)
      .join(', ')}}`;
  const senseless = (literal: string) =>
    `its header “${literal}” is invalid: allowed are descr, fortran_order and shape, once each, as numpy writes them`;
  const CASES: string[] = [
    ...Object.keys(all).map((left) => {
      const { [left as 'descr']: _, ...others } = all;
      return dictOf(others);
    }),
    ...['{}', '', '[]', "'x'", "{'descr', '<u2'}", "{'descr': '<u2';"],
    dictOf(all).replace("'<u2',", "'<u2'"),
    dictOf({ ...all, other: 1 }),
    dictOf({ ...all, 1: "'descr'" }),
    ...['1', 'True', 'None'].map((descr) => dictOf({ ...all, descr })),
    ...["'False'", '0'].map((fortran_order) => dictOf({ ...all, fortran_order })),
    ...['[1, 2]', '(1,]', '(,)', '(1e2,)', '(2.0,)', '(-0,)'].map((shape) => dictOf({ ...all, shape })),
    ...['7', '(True,)', "(1, ')')", '(1 2)', '(1', '(1x)', '(-1,)', '(0.5,)', `(${'9'.repeat(17)},)`].map((shape) =>
      dictOf({ ...all, shape }),
    ),
    ...Object.entries(all).map(([name, value]) => `${dictOf(all).slice(0, -1)}, '${name}': ${value}}`),
    `${dictOf(all)} {}`,
    `${dictOf(all)},`,
  ];
  for (const literal of CASES) test(literal, () => refuses(withHeader(literal, new Uint8Array()), senseless(literal)));

  test('with a field for the second time in the escapes of JSON', () => {
    const literal = `${dictOf(all).slice(0, -1)}, "\\u0064escr": '<u4'}`;
    assert.throws(() => headerOf(literal), InvalidSceneFile);
  });

  test('with its beginning in the error if it is long', () => {
    const literal = `x${'y'.repeat(98)}\tz`;
    refuses(withHeader(literal, new Uint8Array()), senseless(`x${'y'.repeat(98)}\\t`));
  });

  test('in an unknown version', () => {
    for (const [major, minor] of [
      [0, 0],
      [4, 0],
      [1, 1],
    ] as const) {
      const file = withHeader(LITERAL, new Uint8Array());
      file.set([major, minor], 6);
      refuses(file, `found version ${major}.${minor} of NumPy's format, allowed are 1.0, 2.0 and 3.0`);
    }
  });

  test('without its magic bytes', () => {
    for (const bytes of [
      new Uint8Array(),
      Buffer.from('\x93NUMP', 'latin1'),
      Buffer.from('\x93NUMPy and more', 'latin1'),
    ])
      refuses(bytes, "is not an array in NumPy's format: it does not begin with its magic bytes");
  });
});

test('an error shows at most eight dimensions of a shape', () => {
  const shape = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  assert.equal(shownShape({ descr: '<u2', isFortranOrder: false, shape, dataStart: 0 }), '[1, 2, 3, 4, 5, 6, 7, 8]');
});

function refuses(bytes: Uint8Array, what: string): void {
  assert.throws(() => readHeader('a', bytes), new InvalidSceneFile(`a: ${what}`));
}
