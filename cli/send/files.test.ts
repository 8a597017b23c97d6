import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { OwnerGone } from '../../local/stack/control.ts';
import { eachFile } from './files.ts';

const FILE = fileURLToPath(import.meta.url);
const model = { name: 'a', version: '1.0.0' };

/** Runs one file through folders whose owners end at the named step, except for the last. */
async function run(endsAt: ('begin' | 'work')[], error: Error) {
  const seen: string[] = [];
  let opened = 0;
  const use = <Result>(step: string, folder: number, result: Result) => {
    seen.push(`${step} ${folder}`);
    return endsAt[folder - 1] === step ? Promise.reject(error) : Promise.resolve(result);
  };
  await eachFile<{ id: number; close: () => Promise<void> }, string>([FILE], {
    open: async () => {
      opened += 1;
      return { id: opened, close: async () => {} };
    },
    begin: ({ id }) => use('begin', id, model),
    work: ({ id }) => use('work', id, 'done'),
    failed: (_file, _model, error) => (error as Error).message,
    tell: (_file, answer, { id }) => seen.push(`${answer} ${id}`),
    end: () => seen.push('end'),
    atOnce: 1,
    describe: String,
    interrupted: '',
  });
  return seen.join(', ');
}

describe('a command whose data folder belongs to a process that ends takes the folder over', () => {
  const gone = new OwnerGone({ cause: null });

  test('before its first file', async () => {
    assert.equal(await run(['begin', 'begin'], gone), 'begin 1, begin 2, begin 3, work 3, done 3, end');
  });

  test('at a file', async () => {
    assert.equal(await run(['work'], gone), 'begin 1, work 1, work 2, done 2, end');
  });
});

test('another error ends a command before its first file, and later only its file', async () => {
  const error = new Error('no space left');
  await assert.rejects(run(['begin'], error), error);
  assert.equal(await run(['work'], error), 'begin 1, work 1, no space left 1, end');
});
