import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { dayOf } from '../../core/base/time/days.ts';
import { sqlRows } from '../../test/benches/sqlRows.ts';
import { runningStack } from '../../test/runningStack.ts';
import { swath as swathAlone, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';

const SPAM = fileURLToPath(new URL('../../models/spam/1.0.0', import.meta.url));
const HOUR = 3_600_000;
const cwd = temporaryFolder();

describe('swath forget', { timeout: 180_000 }, () => {
  const stack = runningStack(cwd);
  const swath = (...args: string[]) => swathHere(args, cwd);
  const forget = (id: string, by = '--request') => swath('forget', by, id, '--json');
  const pass = (hours: number) => stack().clock.set(new Date(stack().now().getTime() + hours * HOUR));
  let day = '';

  async function selected(columns: string, table: string): Promise<string[]> {
    const rows = await sqlRows(join(cwd, '.swath/results'), `SELECT ${columns} FROM ${table}`);
    const plain = (_: string, cell: unknown) => (typeof cell === 'bigint' ? Number(cell) : cell);
    return rows.map((row) => JSON.stringify(row, plain)).sort();
  }
  const predictions = () => selected('member, request_id, label, scene', 'predictions');

  function version(name: string): string {
    const folder = join(cwd, name);
    cpSync(SPAM, folder, { recursive: true });
    rmSync(join(folder, 'sample.json'));
    const item = readFileSync(join(folder, 'item.json'), 'utf8');
    writeFileSync(join(folder, 'item.json'), item.replace('"version": "1.0.0"', `"version": "${name}"`));
    return folder;
  }

  /** Files of the data folder that hold a text; short texts of Parquet stand there as they are. */
  const holding = (text: string) =>
    readdirSync(join(cwd, '.swath'), { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile() && readFileSync(join(one.parentPath, one.name)).includes(text))
      .map(({ parentPath, name }) => join(parentPath, name));

  /** Requests of a name each, in one batch; each is asked again, which waits for its answer. */
  async function ask(requests: Record<string, string>): Promise<void> {
    const bodies = Object.entries(requests).map(([id, name]) => {
      const texts = [`Dear ${name}, the meeting is on Monday.`, `WIN ${name} MONEY NOW!!!`];
      return JSON.stringify({ id, model: 'spam', inputs: texts.map((text, i) => ({ id: `${name}-${i}`, text })) });
    });
    await Promise.all(bodies.map((body) => stack().request(body)));
    for (const [i, body] of bodies.entries()) {
      writeFileSync(join(cwd, `${i}.json`), body);
      const { code, stderr } = await swath('request', `${i}.json`);
      assert.equal(code, 0, stderr);
    }
    await stack().idle();
    // A message that failed is delivered again after half a minute of the machine's clock, which the stack's may have passed by days.
    while (readdirSync(join(cwd, '.swath/queues/requests')).length > 0) await pause(100);
  }

  before(async () => {
    for (const args of [
      ['publish', SPAM, '--promote'],
      ['publish', version('1.1.0')],
      ['shadow', 'spam/1.1.0'],
    ]) {
      const { code, stderr } = await swath('model', ...args);
      assert.equal(code, 0, stderr);
    }
    day = dayOf(stack().now());
    await ask({ 'r-1': 'anna', 'r-1.json': 'berta', 'r-2': 'clara', 'r-3': 'dora' });
    writeFileSync(join(cwd, 'truth.csv'), 'request,id,truth\nr-1,anna-0,ham\nr-1.json,berta-0,ham\n');
    assert.equal((await swath('truth', 'truth.csv')).code, 0);
  });

  test('waits until nothing of the request is on its way: exit code 1', async () => {
    const { code, stderr } = await forget('r-1');
    assert.equal(code, 1);
    assert.match(stderr, /^swath: The request r-1 is still being worked on: it was until .* may take 15 minutes/);
    assert.notDeepEqual(holding('anna'), []);
  });

  test('removes what a request said, and keeps what was predicted and what others said', async () => {
    pass(72);
    await swath('sweep');
    const earlier = await predictions();
    assert.equal(earlier.length, 8);
    const { code, stdout, stderr } = await forget('r-1');
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), { request: 'r-1', runs: 1, predictions: 2, days: [day] });
    assert.deepEqual(holding('anna'), []);
    assert.notDeepEqual(holding('berta'), []);
    const later = earlier.map((row) => row.replace(/"anna-.","request_id":"r-1"/, 'null,"request_id":null'));
    assert.deepEqual(await predictions(), later.sort());
    assert.deepEqual(await selected('member, request_id, truth', 'truth'), [
      '{"member":"berta-0","request_id":"r-1.json","truth":0}',
      '{"member":null,"request_id":null,"truth":0}',
    ]);
  });

  test('writes the report of a closed day anew, without it', async () => {
    const report = join(cwd, `.swath/results/reports/model=spam/version=1.0.0/date=${day}/report.html`);
    assert.ok(existsSync(report));
    await swath('sweep');
    assert.deepEqual(holding('anna'), []);
    assert.equal((await swath('truth', 'truth.csv')).code, 1); // that of a request which is gone is unknown
  });

  test('of two at once in one batch each is forgotten, and the others stay', async () => {
    const ended = await Promise.all(['r-2', 'r-3'].map((id) => swathAlone(['forget', '--request', id], cwd)));
    assert.deepEqual(
      ended.map(({ code, stderr }) => [code, stderr]),
      [
        [0, ''],
        [0, ''],
      ],
    );
    assert.deepEqual([holding('clara'), holding('dora')], [[], []]);
    const left = await selected('member', 'predictions');
    assert.deepEqual(left, ['{"member":"berta-0"}', '{"member":"berta-1"}', ...Array(6).fill('{"member":null}')]);
  });

  test('forgets all requests that have an input of an id, or name it as a record; those that are busy wait', async () => {
    const inputs = (...more: object[]) => [{ id: 'other', text: 'Gerda and others' }, ...more];
    const bodies = {
      g1: inputs({ id: 'gerda "7"', text: 'Dear Gerda' }),
      g2: inputs({ id: 'x', features: { id: 'gerda "7"' } }),
      g3: inputs({ id: 'gerda', text: 'gerda "7"' }),
    };
    for (const [id, of] of Object.entries(bodies)) {
      writeFileSync(join(cwd, 'g.json'), JSON.stringify({ id, model: 'spam', inputs: of }));
      await swath('request', 'g.json');
    }
    await stack().idle();
    const early = await forget('gerda "7"', '--input');
    assert.deepEqual([early.code, early.stdout], [1, '']);
    assert.match(early.stderr, /^swath: The request g1 is still being worked on/);
    pass(1);
    const { code, stdout, stderr } = await forget('gerda "7"', '--input');
    assert.equal(code, 0, stderr);
    const forgotten = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      forgotten.map(({ request, predictions }) => [request, predictions]),
      [
        ['g1', 2],
        ['g2', 1],
      ],
    );
    assert.match(holding('Gerda and others').join(), /^[^,]*\bg3\.json$/);
    const none = await forget('gerda "7"', '--input');
    assert.deepEqual([none.code, none.stderr], [2, 'swath: no stored request has an input "gerda \\"7\\"".\n']);
    const both = await swath('forget', '--request', 'a', '--input', 'b');
    assert.deepEqual(
      [both.code, both.stderr.split('\n')[0]],
      [2, 'swath: found both of --request and --input, allowed is one.'],
    );
  });

  test('says that there is no such request: exit code 2', async () => {
    for (const id of ['r-1', 'r-7', '../requests/r-1.json']) {
      const { code, stderr } = await forget(id);
      assert.equal(code, 2);
      assert.match(stderr, new RegExp(`^swath: The request "${id}" is not there: it was never taken`));
    }
  });

  test('of one that the next sweep tries again waits for that, too: exit code 1', async () => {
    await swath('model', 'publish', version('1.2.0'));
    writeFileSync(join(cwd, '.swath/models/spam/1.2.0/model.onnx'), 'damaged');
    writeFileSync(join(cwd, 'f.json'), JSON.stringify({ id: 'r-9', model: 'spam/1.2.0', inputs: [{ text: 'frida' }] }));
    assert.equal((await swath('request', 'f.json')).code, 1);
    pass(1);
    const { code, stderr } = await forget('r-9');
    assert.deepEqual([code, /is FAILED, and is tried again by the next sweep/.test(stderr)], [1, true], stderr);
  });
});
