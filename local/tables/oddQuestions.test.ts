import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findOwner } from '../../test/benches/owner.ts';
import { temporaryFolder } from '../../test/swath.ts';
import { askOwner } from '../stack/control.ts';
import { startStack } from '../stack/stack.ts';

/** The owner's port, asked what no program of ours would ask. */
test('an invalid request is an error for its caller, and does not harm the stack', async () => {
  const home = temporaryFolder();
  const stack = await startStack({ dataDir: join(home, 'data'), command: 'a test' });
  const owner = (await findOwner(stack.folder.lock))!;
  const bodies: unknown[] = [
    null,
    [],
    'x',
    7,
    {},
    { __proto__: null, constructor: 1 },
    [7, 7],
    [{}, {}],
    ...['../../out', '/etc/passwd', 'a/../../out', 'a\0', '.versions/x', '\ud800'].flatMap((key) => [
      [process.execPath, key],
      [process.execPath, `${key}/`],
      [key, key],
    ]),
  ];
  const writing = ['put', 'send'];
  const reading = [
    'describe',
    'listScenes',
    'knownVersion',
    'formers',
    'startedBy',
    'readMetrics',
    'valuesOf',
    'publish',
  ];
  try {
    for (const body of bodies) {
      for (const question of writing)
        await assert.rejects(
          askOwner(owner, question, body),
          ({ name }: Error) => name === 'UnfitKey' || name === 'TypeError',
          `${question} ${JSON.stringify(body)}`,
        );
      for (const question of reading) await askOwner(owner, question, body).catch((error: Error) => error.message);
    }
    assert.equal(await askOwner(owner, 'onTheirWay', null), 0);
    assert.deepEqual(readdirSync(stack.folder.inbox), []);
    assert.deepEqual(readdirSync(home), ['data']);
    assert.ok(!existsSync(join(home, 'out')));
  } finally {
    await stack.close();
  }
});
