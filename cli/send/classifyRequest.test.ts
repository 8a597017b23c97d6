import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parquetReadObjects } from 'hyparquet';
import { runningStack } from '../../test/runningStack.ts';
import { bandsOf, blankFrames, frames } from '../../test/scenes.ts';
import { jsonLines, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';
import type { toJson } from '../runs/report.ts';

/** `swath classify` of a request, with the bundled packages: an image, bands and values are what they are in a file. */

const cwd = temporaryFolder();
const MODELS = fileURLToPath(new URL('../../models/', import.meta.url));
const SAMPLES = fileURLToPath(new URL('../../samples/', import.meta.url));
mkdirSync(join(cwd, 'in'));

function put(name: string, content: Uint8Array | object): string {
  const bytes = content instanceof Uint8Array ? content : Buffer.from(JSON.stringify(content, null, 2));
  writeFileSync(join(cwd, 'in', name), bytes);
  return join('in', name);
}

async function classified(model: string, ...files: string[]) {
  const ended = await swathHere(['classify', ...files, '--model', join(MODELS, model, '1.0.0'), '--json'], cwd);
  const lines = jsonLines<ReturnType<typeof toJson>>(ended);
  return Promise.all(
    lines.map(async (line) => {
      const read = (path: string) => parquetReadObjects({ file: new Uint8Array(readFileSync(path)).buffer });
      const rows = (await Promise.all(line.predictions.map((path) => read(path)))).flat();
      return { line, rows };
    }),
  );
}

type Row = Record<string, unknown>;

/** What a model has said of a chip, wherever the chip lay. */
function saidIn(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).filter(
      ([name]) => /^(p|share)_\d+$/.test(name) || ['label', 'class', 'value', 'probability'].includes(name),
    ),
  );
}

function assertSame(found: Row, expected: Row): void {
  for (const [name, value] of Object.entries(saidIn(expected))) {
    if (typeof value !== 'number' || Number.isInteger(value)) assert.equal(found[name], value, name);
    // Chips that a batch is made of may move the last digit.
    else assert.ok(Math.abs(Number(found[name]) - value) < 1e-6, `${name}: ${found[name]} and ${value}`);
  }
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

describe('swath classify of a request', () => {
  runningStack(cwd);

  test('of bands predicts what it does for the records, and refuses an input by itself', async () => {
    const some = [0, 1, 2].map((at) => frames.filter((frame) => !blankFrames.includes(frame))[at]!);
    const [first, second, third] = some.map(bandsOf) as [Row, Row, Row];
    const request = put('r-17.request.json', {
      id: 'r-17',
      model: 'droughtwatch-baseline/1.0.0',
      inputs: [
        { id: 'a', bands: first },
        { id: 'b', bands: { ...second, B4: base64(new Uint8Array(4224)) } },
        { bands: second },
        { id: 'blank', bands: bandsOf(blankFrames[0]!) },
        { s3: 's3://inbox/north/part-1' },
        { id: 'c', bands: third },
      ],
    });
    const [asked, records] = await classified('droughtwatch-baseline', request, put('part-1', Buffer.concat(some)));
    assert.equal(asked!.line.state, 'DONE', JSON.stringify(asked!.line.error));
    assert.deepEqual([asked!.line.chips, asked!.line.blank], [4, 1]);
    assert.deepEqual(asked!.line.refused, {
      count: 1,
      first: [
        {
          index: 1,
          name: 'b',
          message: 'inputs[1].bands: band B4: found 4224 bytes, allowed are 4225 (65 × 65 uint8)',
        },
      ],
    });
    assert.deepEqual(
      asked!.rows.map((row) => [row['index'], row['member'], row['request_id']]),
      [
        [0, 'a', 'r-17'],
        [2, null, 'r-17'],
        [5, 'c', 'r-17'],
      ],
    );
    assert.equal(records!.line.refused, null);
    for (const [i, row] of asked!.rows.entries()) assertSame(row, records!.rows[i]!);
    for (const row of records!.rows) assert.equal(row['request_id'], null);
  });

  test('of values predicts what it does for the rows of a table', async () => {
    const [header, ...lines] = readFileSync(join(SAMPLES, 'landsat-statlog/test.csv'), 'utf8').trim().split('\n');
    const few = lines.slice(0, 20);
    const inputs = few.map((line, i) => {
      const values = line.split(',').slice(0, 36).map(Number);
      return { id: `row ${i}`, values: i % 2 === 0 ? values : [values] };
    });
    const request = put('rows.request.json', { id: 'rows', inputs });
    const table = put('rows.csv', Buffer.from([header, ...few].join('\n')));
    const [asked, rows] = await classified('landsat-statlog', request, table);
    assert.equal(asked!.line.state, 'DONE', JSON.stringify(asked!.line.error));
    assert.equal(asked!.rows.length, 20);
    for (const [i, row] of asked!.rows.entries()) assertSame(row, rows!.rows[i]!);
  });

  for (const model of ['s2-scl', 's2-b8a'])
    test(`of an image predicts what ${model} does for the file`, async () => {
      const tif = readFileSync(join(SAMPLES, 'sentinel-2/s2-t29unu-60m-256.tif'));
      const request = put(`${model}.request.json`, { id: model, inputs: [{ image: base64(tif) }] });
      const [asked, file] = await classified(model, request, put(`${model}.tif`, tif));
      assert.equal(asked!.line.state, 'DONE', JSON.stringify(asked!.line.error));
      assert.equal(asked!.rows.length, 1);
      assertSame(asked!.rows[0]!, file!.rows[0]!);
      assert.equal(asked!.rows[0]!['request_id'], model);
    });

  test('is INVALID where no input can be read, and where it asks for another model', async () => {
    const none = put('none.request.json', { id: 'none', inputs: [{ values: [1, 2] }, { values: ['a'] }] });
    const other = put('other.request.json', { id: 'other', model: 'digits', inputs: [{ values: [1] }] });
    const noId = put('no-id.request.json', { inputs: [{ values: [1] }] });
    const found = await classified('landsat-statlog', none, other, noId);
    const messages = found.map(({ line }) => [line.state, line.error?.message.replace(/^.*?\.request\.json: /, '')]);
    assert.deepEqual(messages, [
      [
        'INVALID',
        'none of its 2 chips can be read: inputs[0].values: found a list of 2, allowed are 36 numbers, or lists of 1 × 36 numbers, or lists of 36 × 1 × 1 numbers, as landsat-statlog 1.0.0 takes',
      ],
      ['INVALID', 'asks for digits, and is read for landsat-statlog 1.0.0'],
      [
        'INVALID',
        'The request cannot be taken: id: found nothing, allowed is a name of at most 64 letters, digits, ".", "+", "-" and "_" that starts with a letter or a digit, does not end in "." and is not a Windows device name.',
      ],
    ]);
  });

  test('of another name is refused, as other JSON files are', async () => {
    const { code, stderr } = await swathHere(['classify', put('mixer.json', { patches: 1 })], cwd);
    assert.equal(code, 2);
    assert.match(stderr, /mixer\.json: what ends in .* is none, but for .* a request \(\.request\.json\); nor/);
  });
});
