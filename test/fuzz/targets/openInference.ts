import assert from 'node:assert/strict';
import { JSON_LENGTH_HEADER } from '../../../core/inference/openInference/endpoint.ts';
import { decodeBody, encodeBody, type NamedTensor } from '../../../core/inference/openInference/message.ts';
import type { Dice } from '../dice.ts';
import { damage } from '../mutate/bytes.ts';
import type { Target } from '../target.ts';

const MOST_JSON_BYTES = 1e6;

function tensorsOf(dice: Dice): NamedTensor[] {
  const elements = dice.below(5);
  const shape = dice.once(2) ? [elements] : [1, elements];
  return [
    { name: 'chips', datatype: 'UINT8', shape, data: Uint8Array.from({ length: elements }, () => dice.below(256)) },
    { name: 'b', datatype: 'FP32', shape, data: Float32Array.from({ length: elements }, () => dice.below(9) / 4) },
    {
      name: 'c',
      datatype: 'INT64',
      shape,
      data: BigInt64Array.from({ length: elements }, () => BigInt(dice.below(99))),
    },
    { name: 'd', datatype: 'BYTES', shape, data: Array.from({ length: elements }, () => 'é'.repeat(dice.below(4))) },
  ].slice(dice.below(4)) as NamedTensor[];
}

/** Bodies of the Open Inference Protocol, with the length of their JSON in front: what is read is a body again, the same one. */
export const openInferenceBody: Target = {
  name: 'openInferenceBody',
  limits: { share: 20, refuses: ['InvalidMessage'], bytesPerByte: 400 },
  make: (dice) => {
    const { bytes, headers } = encodeBody({ id: 'a' }, 'inputs', tensorsOf(dice), () => dice.once(2));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(Number(headers[JSON_LENGTH_HEADER] ?? bytes.length));
    const whole = Buffer.concat([length, bytes]);
    return dice.once(4) ? whole : damage(whole, dice); // most that is damaged is refused
  },
  read: (input) => {
    if (input.length < 4) return;
    const length = new DataView(input.buffer, input.byteOffset).getUint32(0, true);
    const { fields, tensors } = decodeBody(input.subarray(4), 'inputs', String(length), MOST_JSON_BYTES);
    for (const { shape, data } of tensors)
      assert.equal(
        data.length,
        shape.reduce((product, size) => product * size, 1),
      );
    const { bytes, headers } = encodeBody(fields, 'inputs', tensors, () => true);
    const again = decodeBody(bytes, 'inputs', headers[JSON_LENGTH_HEADER], Number.POSITIVE_INFINITY);
    assert.deepEqual(again, { fields, tensors });
  },
};
