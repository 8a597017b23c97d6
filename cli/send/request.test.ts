import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { SCENE_LIMITS } from '../../core/base/limits.ts';
import { parseRequest } from '../../core/doors/requests/request.ts';
import { startStack } from '../../local/stack/stack.ts';
import { swathHere } from '../../test/swathHere.ts';
import { readPackageFolder } from '../models/publishModel.ts';
import { WrongUse } from '../terminal/output.ts';
import { bodiesOf, readFiles, rowsOf } from './request.ts';

const model = await readPackageFolder(new URL('../../models/landsat-statlog/1.0.0', import.meta.url).pathname);
const bands = model.source.bands.map(({ name }) => name);

describe('swath request sends', () => {
  const folder = mkdtempSync(join(tmpdir(), 'swath-request-'));
  after(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const bodies = async (files: string[], named = {}) =>
    bodiesOf(readFiles(files, named), named, (table) => rowsOf(table, model, SCENE_LIMITS));
  const table = (...rows: (readonly (string | number)[])[]) => rows.map((row) => `${row.join(',')}\n`).join('');
  const row = (start: number) => bands.map((_, i) => start + i);
  const image = file('a.PNG', 'an image');

  test('images and rows of values as one request, and requests as they are', async () => {
    const request = '{"id": "own", "inputs": [{"values": [1]}]}';
    const values = file(
      'v.csv',
      table(['class', ...bands.toReversed()], [3, ...row(10).reverse()], [4, ...row(50).reverse()]),
    );
    const [first, second] = await bodies([values, file('r.json', request), image], { id: 'r', model: 'm/1' });
    assert.equal(first, request);
    assert.deepEqual(JSON.parse(second!), {
      id: 'r',
      model: 'm/1',
      inputs: [
        { id: 'a.PNG', image: Buffer.from('an image').toString('base64') },
        { id: 'v.csv 0', values: row(10) },
        { id: 'v.csv 1', values: row(50) },
      ],
    });
  });

  test('the same under the same id where it has none, and other inputs under another', async () => {
    const [id, again, other] = (
      await Promise.all([[image], [image], [image, image]].map((files) => bodies(files)))
    ).map(([body]) => parseRequest(body!).id);
    assert.match(id!, /^cli-[0-9a-f]{24}$/);
    assert.equal(again, id);
    assert.notEqual(other, id);
  });

  const withModel = (name: string) => {
    const cwd = join(folder, name);
    for (const part of ['inbox', 'models/landsat-statlog']) mkdirSync(join(cwd, '.swath', part), { recursive: true });
    cpSync(
      new URL('../../models/landsat-statlog/1.0.0', import.meta.url),
      join(cwd, '.swath/models/landsat-statlog/1.0.0'),
      { recursive: true },
    );
    writeFileSync(join(cwd, '.swath/models/landsat-statlog/promoted.json'), '{"version": "1.0.0"}');
    return cwd;
  };

  test('nothing that would be a dead letter', async () => {
    const cwd = withModel('here');
    const inputs = '"inputs": [{"values": [1]}]';
    const model = '"model": "landsat-statlog"';
    for (const [members, says] of [
      [
        `${model}, "replyTo": "https://sqs.eu-central-1.amazonaws.com/111122223333/answers"`,
        /replyTo: found “https:.*”, allowed is a queue under http:\/\/localhost\/.* that the parameter replyQueues names/,
      ],
      ['"model": "nobody"', /model: No version of the model nobody is promoted\. Allowed is a published model/],
      ['"model": "landsat-statlog/2"', /model: landsat-statlog 2: item\.json: found no such file, .* one\. Allowed is/],
    ] as const) {
      writeFileSync(join(cwd, 'r.json'), `{"id": "r", ${inputs}, ${members}}`);
      const { code, stderr } = await swathHere(['request', 'r.json'], cwd);
      assert.match(stderr, says);
      assert.equal(code, 2);
      assert.ok(!existsSync(join(cwd, '.swath/queues/dead-letters')));
    }
  });

  const valid = JSON.stringify({ id: 'r', model: 'landsat-statlog', inputs: [{ values: row(1) }] });

  test('what waits for a running stack, and says so, if it need not be followed and none runs', async () => {
    const cwd = withModel('alone');
    writeFileSync(join(cwd, 'r.json'), valid);
    const { code, stdout } = await swathHere(['request', 'r.json', '--no-follow'], cwd);
    assert.deepEqual([code, stdout], [0, 'sent  r  It is taken while a stack runs: npx swath start\n']);
    assert.equal(readdirSync(join(cwd, '.swath/queues/requests')).length, 1);
  });

  test('what is answered by its own stack, if the one that it was sent to ends before it is taken', async () => {
    const cwd = withModel('ending');
    const queue = join(cwd, '.swath/queues/requests');
    writeFileSync(join(cwd, 'r.json'), valid);
    const owner = await startStack({ dataDir: join(cwd, '.swath'), command: 'a test' });
    const answered = swathHere(['request', 'r.json', '--json'], cwd);
    while (!existsSync(queue) || readdirSync(queue).length === 0) await setTimeout(10);
    await setTimeout(500); // the command waits for its answer by now, and a queue gathers for two seconds
    await owner.close();
    const { code, stdout, stderr } = await answered;
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).results.length, 1);
  });

  for (const [what, text, says] of [
    ['without a column of each band', table(bands.slice(1), row(1).slice(1)), /p1_b1/],
    ['with a value that is no number', table(bands, ['x', ...row(1).slice(1)]), /found “x”/],
  ] as const)
    test(`nothing of a table ${what}`, () => assert.rejects(bodies([file('bad.csv', text)]), says));

  test('no request that is not UTF-8, and one without the mark in front of it', async () => {
    const request = '{"id": "own", "inputs": [{"id": "é", "values": [1]}]}';
    assert.deepEqual(await bodies([file('marked.json', `\ufeff${request}`)]), [request]);
    const latin = join(folder, 'latin.json');
    writeFileSync(latin, request, 'latin1');
    assert.throws(() => readFiles([latin], {}), /^WrongUse: latin\.json: found a request that is not UTF-8/);
  });

  test('no two files of one name, which would be one id', () => {
    for (const at of ['a', 'b']) mkdirSync(join(folder, at));
    const twice = ['a/rows.csv', 'b/rows.csv'].map((name) => file(name, ''));
    assert.throws(() => readFiles(twice, {}), /a\/rows\.csv, .*b\/rows\.csv: found one name twice/);
  });

  test('nothing under a name that a request in a file has not', () => {
    const request = file('named.json', '{"id": "own", "inputs": [{"values": [1]}]}');
    assert.throws(() => readFiles([request], { id: 'r' }), WrongUse);
  });
});
