import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesPerValue, type DataType, dataTypes, planeOver, rangeOf } from './dataTypes.ts';

/** Values at the ends of each type's range as little-endian bytes, by DataView. */
const samples: Record<DataType, readonly number[]> = {
  uint8: [0, 1, 255],
  int8: [-128, -1, 127],
  uint16: [0, 258, 65535],
  int16: [-32768, 258, 32767],
  uint32: [0, 16909060, 4294967295],
  int32: [-2147483648, 16909060, 2147483647],
  float32: [Math.fround(0.1), -Infinity, 3.4028234663852886e38],
  float64: [0.1, NaN, Number.MAX_VALUE],
};

for (const type of dataTypes)
  test(`little-endian ${type} values are read from any byte offset, also from a Buffer`, () => {
    const size = bytesPerValue(type);
    const values = samples[type];
    const bytes = Buffer.alloc(values.length * size + 8, 0xee);
    for (let offset = 0; offset < 8; offset++) {
      const view = new DataView(bytes.buffer, bytes.byteOffset + offset);
      for (const [i, value] of values.entries()) write[type](view, i * size, value);
      for (const slice of [bytes.subarray(offset), new Uint8Array(bytes.buffer, bytes.byteOffset + offset)]) {
        const plane = planeOver(type, slice.subarray(0, values.length * size));
        assert.deepEqual([...plane], values, `from byte ${offset}`);
      }
    }
  });

test('aligned bytes are not copied', () => {
  const bytes = new Uint8Array(8);
  assert.equal(planeOver('uint16', bytes.subarray(2)).buffer, bytes.buffer);
  assert.equal(planeOver('uint8', bytes.subarray(3)).buffer, bytes.buffer);
  assert.notEqual(planeOver('uint16', bytes.subarray(3, 7)).buffer, bytes.buffer);
});

for (const type of dataTypes)
  test(`the range of ${type}`, () => {
    const [low, , high] = samples[type];
    const float = type.startsWith('float');
    assert.deepEqual(rangeOf(type), float ? { low: -Infinity, high: Infinity } : { low, high });
  });

const write: Record<DataType, (view: DataView, at: number, value: number) => void> = {
  uint8: (view, at, value) => view.setUint8(at, value),
  int8: (view, at, value) => view.setInt8(at, value),
  uint16: (view, at, value) => view.setUint16(at, value, true),
  int16: (view, at, value) => view.setInt16(at, value, true),
  uint32: (view, at, value) => view.setUint32(at, value, true),
  int32: (view, at, value) => view.setInt32(at, value, true),
  float32: (view, at, value) => view.setFloat32(at, value, true),
  float64: (view, at, value) => view.setFloat64(at, value, true),
};
