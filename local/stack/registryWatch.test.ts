import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startSideWork } from './sideWork.ts';
import { startStack } from './stack.ts';

test('looks do not overlap, and one that fails is reported and followed by the next', async () => {
  const errors: string[] = [];
  const said: string[] = [];
  const ends = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let looks = 0;
  const watch = startSideWork(({ message }) => errors.push(message));
  const look = async () => {
    const own = looks;
    looks += 1;
    said.push(`begins ${own}`);
    await ends[own]!.promise;
    said.push(`ends ${own}`);
  };
  watch.add(look);
  watch.add(look);
  ends[1]!.resolve();
  ends[0]!.reject(new Error('It is away.'));
  await watch.idle();
  assert.deepEqual([said, errors], [['begins 0', 'begins 1', 'ends 1'], ['It is away.']]);
});

test('a sweep of the embedded stack looks at the registry, and its message is in the outbox', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'swath-registry-'));
  const stack = await startStack({
    dataDir,
    command: 'test',
    watchRegistry: async (tell) => {
      await tell({
        subject: 'A candidate: land 2',
        text: `It is there. ${'All of it. '.repeat(20)}\n\n  npx swath model list`,
      });
    },
  });
  t.after(async () => {
    await stack.close();
    rmSync(dataDir, { recursive: true });
  });
  await stack.sweep();
  const emails = (await stack.readOutbox()).filter(({ subject }) => subject === 'Swath: A candidate: land 2');
  assert.equal(emails.length, 1);
  assert.match(emails[0]!.text, /^It is there\. .*\n\n {2}npx swath model list\n/s);
  assert.ok(emails[0]!.text.split('\n').every((line) => line.length <= 76));
});
