import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { logLine, logTo } from '../../core/base/step.ts';
import { HOSTILE_NAMES } from '../../test/hostileNames.ts';
import { temporaryFolder } from '../../test/swath.ts';
import { readLogIn } from './readLog.ts';

const file = join(temporaryFolder(), 'swath.log');
const at = (second: number) => new Date(Date.UTC(2026, 2, 1, 10, 0, second));
const line = (second: number, event: string, run: string) =>
  `${JSON.stringify({ time: at(second).toISOString(), event, run, chips: second })}\n`;
writeFileSync(
  file,
  [
    line(1, 'preprocess.done', 'feed'),
    line(2, 'infer.done', 'feed'),
    line(4, 'drift.done', 'feed'),
    line(3, 'preprocess.failed', 'cafe'), // a clock that was set
    line(9, 'infer.done', 'cafe').slice(0, -9), // it is being written
  ].join(''),
);
const { read, functions } = readLogIn(file);
const all = { from: at(0), to: at(60), limit: 100 };
const told = async (query: Parameters<typeof read>[0]) => (await read(query)).map(({ event }) => event);

describe('the lines of a log file', () => {
  test('are read with their function, the oldest first; one that is not whole yet is not there', async () => {
    assert.deepEqual(await told(all), ['preprocess.done', 'infer.done', 'preprocess.failed', 'drift.done']);
    const [first] = await read(all);
    const { id, ...rest } = first!;
    const fields = { run: 'feed', chips: 1 };
    assert.deepEqual(rest, {
      time: at(1).toISOString(),
      function: 'preprocess',
      event: 'preprocess.done',
      fields,
      text: null,
    });
    assert.equal(id, (await read({ ...all, limit: 4 }))[0]?.id, 'it is the same line whenever it is read');
  });

  for (const [what, query, events] of [
    ['of a run', { run: 'cafe' }, ['preprocess.failed']],
    ['of a function', { functions: ['infer', 'drift'] }, ['infer.done', 'drift.done']],
    ['of a time', { from: at(2), to: at(3) }, ['infer.done']],
    ['that are the newest', { limit: 1 }, ['drift.done']],
  ] as const)
    test(`are narrowed to those ${what}`, async () => {
      assert.deepEqual(
        await told({ ...all, ...query, functions: [...('functions' in query ? query.functions : await functions())] }),
        events,
      );
    });

  test('are none where nothing was logged yet', async () => {
    assert.deepEqual(await readLogIn(`${file}.none`).read(all), []);
  });
});

test('a line is one line, whatever a name in it is made of', async () => {
  const path = join(temporaryFolder(), 'swath.log');
  const lines: string[] = [];
  logTo(
    (text) => lines.push(text),
    () => at(5),
  );
  for (const { name } of HOSTILE_NAMES) logLine('settle.failed', { key: name, message: `${name}: it broke` });
  writeFileSync(path, lines.join(''));
  const found = await readLogIn(path).read({ ...all, limit: 1000 });
  assert.deepEqual(
    found.map(({ event, fields }) => [event, fields]),
    HOSTILE_NAMES.map(({ name }) => ['settle.failed', { key: name, message: `${name}: it broke` }]),
  );
  for (const line of lines) assert.doesNotMatch(line.slice(0, -1), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
});
