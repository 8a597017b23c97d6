import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runningStack } from '../../test/runningStack.ts';
import { swath as swathAlone, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';

const SPAM = fileURLToPath(new URL('../../models/spam/1.0.0', import.meta.url));
const cwd = temporaryFolder();

describe('swath forget', { timeout: 180_000 }, () => {
  const stack = runningStack(cwd);
  const swath = (...args: string[]) => swathHere(args, cwd);
  const predictions = async () => {
    const query = 'SELECT member, request_id, label FROM predictions ';
    const { stdout, stderr } = await swathAlone(['sql', query, '--json'], cwd); // it writes to its own output
    assert.equal(stderr, '');
    return stdout.trim().split('\n');
  };

  function candidate(): string {
    const folder = join(cwd, 'candidate');
    cpSync(SPAM, folder, { recursive: true });
    rmSync(join(folder, 'sample.json'));
    const item = readFileSync(join(folder, 'item.json'), 'utf8');
    writeFileSync(join(folder, 'item.json'), item.replace('"version": "1.0.0"', '"version": "1.1.0"'));
    return folder;
  }

  /** Files of the data folder that hold a text. */
  const holding = (text: string) =>
    readdirSync(join(cwd, '.swath'), { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile() && readFileSync(join(one.parentPath, one.name)).includes(text))
      .map(({ name }) => name);

  before(async () => {
    for (const args of [
      ['publish', SPAM, '--promote'],
      ['publish', candidate()],
      ['shadow', 'spam/1.1.0'],
    ]) {
      const { code, stderr } = await swath('model', ...args);
      assert.equal(code, 0, stderr);
    }
    const inputsOf = (name: string) => [
      { id: `${name}-1`, text: `Dear ${name}, the meeting is on Monday.` },
      { id: `${name}-2`, text: `WIN ${name} MONEY NOW!!!` },
    ];
    const bodies = [
      ['r-1', 'anna'],
      ['r-1.json', 'berta'],
    ].map(([id, name]) => JSON.stringify({ id, model: 'spam', inputs: inputsOf(name!) }));
    await Promise.all(bodies.map((body) => stack().request(body))); // together, so that they are one batch
    for (const [i, body] of bodies.entries()) {
      writeFileSync(join(cwd, `${i}.json`), body);
      const { code, stderr } = await swath('request', `${i}.json`);
      assert.equal(code, 0, stderr);
    }
    await stack().idle();
  });

  test('removes what a request said, and keeps what was predicted and what others said', async () => {
    const earlier = await predictions();
    assert.equal(earlier.length, 4);
    assert.notDeepEqual(holding('anna'), []);
    const { code, stdout, stderr } = await swath('forget', '--request', 'r-1', '--json');
    assert.equal(code, 0, stderr);
    assert.partialDeepStrictEqual(JSON.parse(stdout), {
      request: 'r-1',
      runs: 1,
      predictions: 4,
      days: [{ model: { name: 'spam' } }],
    });
    assert.deepEqual(holding('anna'), []);
    assert.notDeepEqual(holding('berta'), []);
    const later = earlier.map((row) => row.replace(/"anna-.","request_id":"r-1"/, 'null,"request_id":null'));
    assert.deepEqual((await predictions()).sort(), later.sort());
  });

  test('says that there is no such request: exit code 2', async () => {
    for (const id of ['r-1', 'r-7', '../requests/r-1.json']) {
      const { code, stderr } = await swath('forget', '--request', id);
      assert.equal(code, 2);
      assert.match(stderr, new RegExp(`^swath: The request "${id}" is missing: it was never taken, or has expired`));
    }
  });

  test('has the day judged again, and its report written', async () => {
    const { stdout, stderr } = await swath('sweep', '--json');
    assert.equal(stderr, '');
    assert.equal(JSON.parse(stdout).status, 'SUCCEEDED');
    assert.deepEqual(holding('anna'), []);
  });
});
