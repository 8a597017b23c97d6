import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from 'fast-png';
import { encodePng } from './encodePng.ts';

for (const { channels, Type } of [
  { channels: 1, Type: Uint8Array },
  { channels: 1, Type: Uint16Array },
  { channels: 3, Type: Uint8Array },
  { channels: 4, Type: Uint8Array },
])
  test(`another library reads the pixels of ${channels} channels as ${Type.name}`, () => {
    const [width, height] = [5, 3];
    const most = 256 ** Type.BYTES_PER_ELEMENT;
    const data = new Type(width * height * channels).map((_: number, i: number) => (i * 4099) % most);
    const { data: found, ...size } = decode(encodePng({ data, width, height, channels }), { checkCrc: true });
    assert.deepEqual(found, data);
    assert.deepEqual(
      [size.width, size.height, size.channels, size.depth],
      [width, height, channels, 8 * Type.BYTES_PER_ELEMENT],
    );
  });
