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
const file = (name: string, text: string) => writeFileSync(join(cwd, name), text);

describe('swath features', { timeout: 180_000 }, () => {
  const stack = runningStack(cwd);
  const swath = (...args: string[]) => swathHere(args, cwd);
  const features = (...args: string[]) => swath('features', ...args);
  writeFileSync(join(cwd, 'latin.csv'), Buffer.from('id,event_time,text\na,2026-03-01,\xe9t\xe9\n', 'latin1'));
  file('twice.csv', 'id,event_time,text,text\na,2026-03-01,b,c\n');
  file('ragged.csv', 'id,event_time,text\na,2026-03-01,b,c\n');
  file('broken.parquet', 'PAR1 and no more');
  const inputs = ['anna-1', 'berta-2', 'nobody'].map((id) => ({ id, features: { id } }));

  before(async () => {
    cpSync(SPAM, join(cwd, 'package'), { recursive: true });
    const item = JSON.parse(readFileSync(join(SPAM, 'item.json'), 'utf8'));
    item.properties['swath:features'] = { group: 'mails' };
    file('package/item.json', JSON.stringify(item));
    assert.equal((await swath('model', 'publish', 'package', '--promote')).code, 0);
    file(
      'mails.csv',
      'id,event_time,text\nanna-1,2026-03-01,"Dear Anna, the meeting is on Monday."\nberta-2,2026-03-02T10:00:00+02:00,WIN MONEY NOW!!!\n',
    );
  });

  test('put stores the records of a table once, and says what became of each', async () => {
    const put = (name: string, ...more: string[]) => features('put', name, '--group', 'mails', '--json', ...more);
    const said = async (...args: [string, ...string[]]) => {
      const { code, stdout } = await put(...args);
      return [code, JSON.parse(stdout)];
    };
    const none = { group: 'mails', records: 2, new: 0, same: 0, older: 0, other: 0, refused: 0 };
    assert.deepEqual(await said('mails.csv'), [0, { ...none, new: 2 }]);
    file("it's (1) [a] $&.csv", readFileSync(join(cwd, 'mails.csv'), 'utf8'));
    assert.deepEqual(await said("it's (1) [a] $&.csv"), [0, { ...none, same: 2 }]);
    file('odd.csv', 'id,event_time,text\n007,1777000000,a\n');
    assert.deepEqual(await said('odd.csv', '--group', 'numbers'), [
      0,
      { ...none, group: 'numbers', records: 1, new: 1 },
    ]);
    assert.match((await features('list', 'numbers')).stdout, /\n007 +2026-04-24T/);
    file('more.jsonl', '{"mail": "anna-1", "text": "late"}\n{"mail": null, "text": "whose?"}\n');
    const of = ['--id', 'mail', '--at', '2026-02-01'];
    assert.deepEqual(await said('more.jsonl', ...of), [1, { ...none, older: 1, refused: 1 }]);
    const { stdout } = await features('put', 'more.jsonl', '--group', 'mails', '--id', 'mail', '--at', '2026-03-01');
    assert.match(
      stdout,
      /^mails {2}2 records: 0 new, 0 there already, 0 older\nrefused {2}anna-1 of 2026-03-01T00:00:00\.000Z is there with other values\nrefused {2}row 2: found nothing as mail, allowed is an id/,
    );
  });

  test('a text is stored as it stands in the file, whatever the other rows have', async () => {
    const texts = ['2026-01-02', 'true', '12:30', '5.10', 'a'];
    const stored = async (name: string, lines: string[]) => {
      file(name, lines.map((line) => `${line}\n`).join(''));
      const group = name.replace('.', '-');
      assert.equal((await features('put', name, '--group', group, '--at', '2026-03-01')).code, 0);
      const { stdout } = await features('list', group, '--json');
      const records = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      return records.map(({ id, values }) => [id, values.text]);
    };
    const ofId = (nth: number) => ['0F8FAD5B', '007', '2026-05-01', '12:30:00', '5'][nth]!;
    const wanted = texts.map((text, nth) => [ofId(nth), text]).sort();
    assert.deepEqual(
      (await stored('as.csv', ['id,text', ...texts.map((text, i) => `${ofId(i)},${text}`)])).sort(),
      wanted,
    );
    const asJson = texts.map((text, i) => JSON.stringify({ id: ofId(i) === '5' ? 5 : ofId(i), text }));
    assert.deepEqual((await stored('as.jsonl', asJson)).sort(), wanted);
    file('one.csv', 'id,text\n5,a\n');
    const { stdout } = await features('put', 'one.csv', '--group', 'as-jsonl', '--at', '2026-03-01', '--json');
    assert.partialDeepStrictEqual(JSON.parse(stdout), { same: 1, other: 0 });
  });

  test('a row that is no record is refused by itself', async () => {
    file(
      'rows.jsonl',
      'no JSON\n[1]\n{"id": "a", "t": 1777000000}\n{"id": "b", "t": "2999-01-01"}\n{"id": "c\\u0000", "t": 1777000000}\n',
    );
    const { code, stdout } = await features('put', 'rows.jsonl', '--group', 'rows', '--event-time', 't');
    assert.equal(code, 1);
    assert.match(
      stdout,
      /1 new.*\nrefused {2}row 1: found “.*no JSON.*”, allowed is a JSON object\nrefused {2}row 2: found “\[1\]”, allowed is a JSON object\nrefused {2}row 4: found 2999-.* as t, allowed is no time of the future\nrefused {2}row 5: found “c.*” as id, allowed is an id/,
    );
  });

  for (const [args, says] of [
    [['latin.csv', '--group', 'mails'], /^swath: latin\.csv: found a row that is not UTF-8, allowed is UTF-8\.$/m],
    [['ragged.csv', '--group', 'mails'], /^swath: ragged\.csv: line 2: found 4 cells/],
    [['broken.parquet', '--group', 'mails'], /^swath: broken\.parquet: .*parquet/i],
    [
      ['twice.csv', '--group', 'mails'],
      /^swath: twice\.csv: found “text” as two columns, allowed is each name once\.$/m,
    ],
    [['mails.txt', '--group', 'mails'], /^swath: mails\.txt: allowed is a file \*\.csv, /],
    [['mails.csv', '--group', 'a/b'], /^swath: the group: found "a\/b", allowed is a name of at most/],
    [
      ['mails.csv', '--group', 'mails', '--id', 'mail'],
      /^swath: mails\.csv: found the columns “id, event_time, text”, but not mail; name the id with --id/,
    ],
  ] as const)
    test(`put refuses ${args.join(' ')}`, async () => {
      const { code, stderr } = await features('put', ...args);
      assert.equal(code, 2);
      assert.match(stderr, says);
    });

  test('get and list show records, and say where there is none', async () => {
    const { stdout } = await features('get', 'mails', 'berta-2', '--json');
    assert.deepEqual(JSON.parse(stdout), {
      id: 'berta-2',
      time: '2026-03-02T08:00:00.000Z',
      version: 1,
      values: { text: 'WIN MONEY NOW!!!' },
    });
    assert.match(
      (await features('list', 'mails')).stdout,
      /^id +event time +version +text\nanna-1 .*\nberta-2 +2026-03-02T08:00:00\.000Z +1 +WIN MONEY NOW!!!\n$/,
    );
    assert.equal((await features('list', 'none')).stdout, 'No records.\n');
    assert.match(
      (await features('get', 'mails', 'nobody')).stderr,
      /^swath: there is no record "nobody" in the group mails\./,
    );
  });

  test('a request by id is answered as by its text, its records stand in SQL, and forgetting it forgets them', async () => {
    const asked = { id: 'r-1', model: 'spam', inputs };
    file('r-1.json', JSON.stringify(asked));
    const { stdout } = await swath('request', 'r-1.json', '--json');
    const { results } = JSON.parse(stdout);
    const texts = ['Dear Anna, the meeting is on Monday.', 'WIN MONEY NOW!!!'];
    file('r-2.json', JSON.stringify({ ...asked, id: 'r-2', inputs: texts.map((text) => ({ text })) }));
    const inline = JSON.parse((await swath('request', 'r-2.json', '--json')).stdout).results;
    for (const [i, { index, ...result }] of inline.entries())
      assert.deepEqual(results[i], { index, ...result, id: inputs[i]!.id, features: [inputs[i]!.id] });
    assert.match(results[2].error, /^inputs\[2\]\.features: found no record “nobody” in the group mails/);
    await stack().idle();
    const sql =
      "SELECT member, feature_id, feature_time, feature_version FROM predictions WHERE scene = 'requests/r-1.json' ORDER BY 1";
    const rows = async () => (await swathAlone(['sql', sql, '--csv'], cwd)).stdout.trim().split('\n').slice(1);
    assert.deepEqual(await rows(), [
      'anna-1,anna-1,2026-03-01T00:00:00.000Z,1',
      'berta-2,berta-2,2026-03-02T08:00:00.000Z,1',
    ]);
    stack().clock.set(new Date(stack().now().getTime() + 3_600_000));
    assert.equal((await swath('forget', '--request', 'r-1')).code, 0);
    assert.deepEqual(await rows(), [',,,', ',,,']);
    const written = readdirSync(join(cwd, '.swath/results'), { recursive: true, withFileTypes: true }).filter((one) =>
      one.isFile(),
    );
    const holding = written.filter((one) => readFileSync(join(one.parentPath, one.name)).includes('anna-1'));
    assert.deepEqual(
      holding.map(({ name }) => name),
      [],
    );
    assert.equal((await features('remove', 'mails', 'anna-1')).code, 0);
    assert.doesNotMatch((await features('list', 'mails')).stdout, /anna/);
    rmSync(join(cwd, 'r-1.json'));
  });
});
