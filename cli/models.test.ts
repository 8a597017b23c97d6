import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildIndices } from '../models/buildIndices.ts';
import { encodeOnnx } from '../models/onnx.ts';
import { jsonLines, temporaryFolder } from '../test/swath.ts';
import { swathHere } from '../test/swathHere.ts';
import { sized } from '../test/tfrecord.ts';

const BUNDLED = fileURLToPath(new URL('../models/droughtwatch-baseline/1.0.0', import.meta.url));
const NAME = 'droughtwatch-baseline';
type Listed = { promoted: Record<string, unknown> | null; versions: { version: string; problem: string | null }[] };

describe('swath model', () => {
  const cwd = temporaryFolder();
  const model = (...args: string[]) => swathHere(['model', ...args], cwd);
  const promoted = () => JSON.parse(readFileSync(join(cwd, `.swath/models/${NAME}/promoted.json`), 'utf8'));

  before(() => {
    cpSync(BUNDLED, join(cwd, 'first'), { recursive: true });
    cpSync(BUNDLED, join(cwd, 'second'), { recursive: true });
    const item = readFileSync(join(cwd, 'second/item.json'), 'utf8');
    writeFileSync(join(cwd, 'second/item.json'), item.replace('"version": "1.0.0"', '"version": "1.10.0"'));
    buildIndices(join(cwd, 'indices'));
  });

  test('list, promote and rollback of an empty bucket say what is missing, and how to get it', async () => {
    const [list, promote, rollback] = await Promise.all([model('list'), model('promote', '1.0.0'), model('rollback')]);
    assert.deepEqual([list.code, promote.code, rollback.code], [0, 2, 2]);
    assert.equal(
      list.stdout,
      `model     ${NAME}\npromoted  none, so nothing is classified\n\nNothing is published yet: npx swath model publish FOLDER --promote\n`,
    );
    assert.match(
      promote.stderr,
      /^swath: \S+ 1\.0\.0 cannot be promoted: it is not published\. Nothing is published yet: npx/,
    );
    assert.match(rollback.stderr, /^swath: No version of \S+ is promoted, so there is nothing to go back to\./);
  });

  test('publish, once and again, and promote', async () => {
    const first = await model('publish', 'first');
    assert.equal(
      first.stdout,
      `${NAME} 1.0.0 is published.\nTo let it classify what comes from now on: npx swath model promote 1.0.0\n`,
    );
    assert.equal(
      (await model('promote', '1.0.0')).stdout,
      `${NAME} 1.0.0 is promoted: it classifies what comes from now on.\n`,
    );
    const [second] = jsonLines(await model('publish', 'second', '--promote', '--json'));
    assert.deepEqual(second, { name: NAME, version: '1.10.0', isNew: true, isPromoted: true, isUsed: true });
    assert.match(
      (await model('publish', 'second')).stdout,
      /^\S+ 1\.10\.0 was published before; nothing was changed\.$/m,
    );
    const again = await model('promote', '1.10.0');
    assert.equal(again.code, 0);
    assert.match(again.stdout, /^\S+ 1\.10\.0 is promoted already, since 20\S+; nothing was changed\.\n$/);
    const { version, before } = promoted();
    assert.deepEqual([version, before], ['1.10.0', ['1.0.0']]);
  });

  test('list tells the versions in order, the promoted one and what cannot run', async () => {
    cpSync(join(cwd, '.swath/models', NAME, '1.0.0'), join(cwd, '.swath/models', NAME, '1.9.0'), { recursive: true });
    rmSync(join(cwd, '.swath/models', NAME, '1.9.0/model.onnx'));
    const [asText, asJson] = await Promise.all([model('list'), model('list', '--json')]);
    assert.match(asText.stdout, /^promoted +1\.10\.0, since 20\S+\nbefore +1\.0\.0$/m);
    assert.match(
      asText.stdout,
      /^1\.0\.0 +classes cows-0, .*\n1\.9\.0 +cannot run: model\.onnx: .*\n1\.10\.0 +promoted +classes/m,
    );
    const [listed] = jsonLines<Listed>(asJson);
    assert.deepEqual(listed?.promoted, promoted());
    assert.deepEqual(
      listed?.versions.map(({ version, problem }) => [version, problem === null]),
      [
        ['1.0.0', true],
        ['1.9.0', false],
        ['1.10.0', true],
      ],
    );
    assert.match(
      (await model('promote', '1.9.0')).stderr,
      /is not whole: model\.onnx: .* Published are 1\.0\.0, 1\.9\.0, 1\.10\.0: /,
    );
  });

  test('promote refuses a version that came into the bucket by another way and cannot run', async () => {
    const there = join(cwd, '.swath/models', NAME, '1.9.0');
    const item = readFileSync(join(there, 'item.json'), 'utf8');
    writeFileSync(join(there, 'item.json'), item.replace('"version": "1.0.0"', '"version": "1.9.0"'));
    const location = sized(13, sized(1, Buffer.from('location')), sized(2, Buffer.from('../../../../etc/passwd')));
    for (const [onnx, says] of [
      [sized(7, sized(5, sized(8, Buffer.from('w')), location)), /the tensor "w" has its data outside of the model/],
      [encodeOnnx({ name: 'g', inputs: [], outputs: [], constants: [], nodes: [] }), /cannot run: model\.onnx: /],
    ] as const) {
      writeFileSync(join(there, 'model.onnx'), onnx);
      const { code, stderr } = await model('promote', '1.9.0');
      assert.equal(code, 2);
      assert.match(stderr, says);
      assert.equal(promoted().version, '1.10.0');
    }
  });

  test('rollback goes back to what was promoted before', async () => {
    const { code, stdout } = await model('rollback');
    assert.deepEqual([code, stdout], [0, `${NAME} 1.0.0 is promoted: it classifies what comes from now on.\n`]);
    assert.deepEqual([promoted().version, promoted().before], ['1.0.0', []]);
  });

  test('publish of another model says that it is never used here, and how it would be', async () => {
    const { code, stdout } = await model('publish', 'indices');
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^But the embedded stack runs the model droughtwatch-baseline, which its parameter modelName names, so droughtwatch-indices is never used there\. It can be used with "npx swath classify --model FOLDER FILE"\.$/m,
    );
  });

  for (const [what, args, says] of [
    ['publish of a package without a model', ['publish', 'no model'], /^swath: no model: model\.onnx is missing\.$/m],
    ['publish of no package', ['publish', '.'], /item\.json: found no such file, each package has one$/m],
    ['publish of nothing', ['publish'], /missing required argument 'folder'/],
    ['no such command', ['publsh'], /unknown command 'publsh'/],
    ['none at all', [], /Usage: swath model/],
  ] as const)
    test(`${what}: exit code 2, and a sentence`, async () => {
      cpSync(BUNDLED, join(cwd, 'no model'), { recursive: true });
      rmSync(join(cwd, 'no model/model.onnx'));
      const { code, stdout, stderr } = await model(...args);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, says);
    });
});
