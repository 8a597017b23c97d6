import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc64Nvme } from './crc64Nvme.ts';

async function* inChunks(...texts: string[]) {
  for (const text of texts) yield Buffer.from(text);
}

/** The check value of the catalogue of CRC algorithms, and what `aws s3api put-object` reports for no bytes. */
test('the checksum is that of the catalogue, in whatever chunks the bytes come', async () => {
  const check = Buffer.from('ae8b14860a799888', 'hex').toString('base64');
  assert.equal(await crc64Nvme(inChunks('123456789')), check);
  assert.equal(await crc64Nvme(inChunks('1234', '', '56789')), check);
  assert.equal(await crc64Nvme(inChunks()), 'AAAAAAAAAAA=');
});
