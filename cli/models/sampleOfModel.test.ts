import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { encode } from 'fast-png';
import { folderBucket } from '../../local/buckets/folderBucket.ts';
import { swathHere } from '../../test/swathHere.ts';
import { publishModel } from './publishModel.ts';

/** `swath model sample PACKAGE INPUT`, and what check and publish make of a sample. */

const DIGITS = fileURLToPath(new URL('../../models/digits/1.0.0', import.meta.url));

describe('the sample of a package', () => {
  let cwd: string;
  let sample: string;
  const swath = (...args: string[]) => swathHere(args, cwd);

  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'swath-sample-'));
    cpSync(DIGITS, join(cwd, 'digits'), { recursive: true });
    sample = join(cwd, 'digits/sample.json');
  });
  afterEach(() => rmSync(cwd, { recursive: true }));

  /** An image that the model takes, or one of another size. */
  function draw(name: string, side = 28): void {
    const data = Uint8Array.from({ length: side * side }, (_, i) => (Math.abs((i % side) - side / 2) < 2 ? 255 : 0));
    writeFileSync(join(cwd, name), encode({ width: side, height: side, channels: 1, data }));
  }

  test('is made of an image, and printed', async () => {
    draw('stroke.png', 56);
    const before = readFileSync(sample);
    const { code, stdout, stderr } = await swath('model', 'sample', 'digits', 'stroke.png');
    assert.equal(code, 0, stderr);
    const { input, prediction } = JSON.parse(stdout);
    assert.equal(input.image, readFileSync(join(cwd, 'stroke.png'), 'base64'));
    assert.equal(prediction.class, '1');
    assert.match(stderr, /It was resized from 56 × 56 to 28 × 28/);
    assert.deepEqual(readFileSync(sample), before);
  });

  test('is made of an input in JSON, written, checked and published', async () => {
    rmSync(sample);
    const rows = Array.from({ length: 28 }, (_, y) =>
      Array.from({ length: 28 }, (_, x) => (x === 14 && y > 3 ? 250 : 0)),
    );
    writeFileSync(join(cwd, 'input.json'), JSON.stringify({ values: rows }));
    const written = await swath('model', 'sample', 'digits', 'input.json', '--write');
    assert.equal(written.code, 0, written.stderr);
    assert.match(written.stdout, /^sample\.json is written in digits\./);
    assert.ok(readFileSync(sample, 'utf8').split('\n').length < 60, 'a list of numbers has a line');
    const again = await swath('model', 'sample', 'digits', 'input.json', '--write', '--json');
    assert.deepEqual(JSON.parse(again.stdout), JSON.parse(readFileSync(sample, 'utf8')));
    const { stdout } = await swath('model', 'check', 'digits');
    assert.match(stdout, /^Its sample: 1, as it is stored\.$/m);
    const bucket = join(cwd, 'bucket');
    await publishModel(folderBucket(bucket), join(cwd, 'digits'));
    assert.deepEqual(readFileSync(join(bucket, 'digits/1.0.0/sample.json')), readFileSync(sample));
  });

  test('for which the model predicts something else is refused, and can be made anew', async () => {
    const stored = JSON.parse(readFileSync(sample, 'utf8'));
    writeFileSync(sample, JSON.stringify({ ...stored, prediction: { ...stored.prediction, class: '3' } }));
    const { code, stderr } = await swath('model', 'check', 'digits');
    assert.equal(code, 2);
    assert.match(stderr, /digits: sample\.json: prediction\.class: found "7", stored is "3"\. .*"swath model sample"/);
    const bucket = join(cwd, 'bucket');
    await assert.rejects(publishModel(folderBucket(bucket), join(cwd, 'digits')), /sample\.json: prediction\.class/);
    assert.equal(existsSync(join(bucket, 'digits')), false);
    draw('stroke.png');
    assert.equal((await swath('model', 'sample', 'digits', 'stroke.png', '--write')).code, 0);
    assert.equal((await swath('model', 'check', 'digits')).code, 0);
  });

  test('does not exist for a file that is no chip of the model', async () => {
    draw('small.png', 2);
    for (const [file, says] of [
      ['none.png', /none\.png: cannot be read \(ENOENT\)/],
      ['small.png', /small\.png\.image: found 2 × 2 pixels, allowed are 28 × 28/],
      ['digits/README.md', /README\.md\.image: found a file that starts with/],
    ] as const) {
      const { code, stderr } = await swath('model', 'sample', 'digits', file);
      assert.equal(code, 2, stderr);
      assert.match(stderr, says);
    }
  });
});
