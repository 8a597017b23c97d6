import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { followKeys } from './keys.ts';

test('keys follow their file; a broken, missing or half-written one changes nothing and is reported once', async () => {
  const told: string[] = [];
  let file: string | Error = 'old\n';
  let reads = 0;
  const read = async () => {
    reads += 1;
    if (file instanceof Error) throw file;
    return file;
  };
  const check = await followKeys(read, (news) => void told.push(news), 10);
  const takes = (key: string) => {
    try {
      check({ path: '/v1/models', headers: { 'x-api-key': key } });
      return true;
    } catch {
      return false;
    }
  };
  const after = async (next: string | Error) => {
    file = next;
    // A change counts at the second look that finds it, which is over when the third begins.
    for (const third = reads + 3; reads < third; ) await wait(5);
    return [takes('old'), takes('new'), told.splice(0)];
  };
  const stays = 'The file of keys is not taken, and the former keys stay in force: ';
  assert.deepEqual(await after('old\n'), [true, false, []]);
  assert.deepEqual(await after('# none\n'), [true, false, [`${stays}found no key, allowed is one a line`]]);
  const odd = 'line 2: found a character beyond ASCII, allowed is printable ASCII';
  assert.deepEqual(await after('# für alle\nschlüssel\n'), [true, false, [`${stays}${odd}`]]);
  assert.deepEqual(await after(new Error('found no file')), [true, false, [`${stays}found no file`]]);
  assert.deepEqual(await after('new\n'), [false, true, ['The file of keys has changed: its keys are in force.']]);
  assert.deepEqual(await after('old\nnew\n'), [true, true, ['The file of keys has changed: its keys are in force.']]);
  await assert.rejects(
    followKeys(async () => '', assert.fail),
    /found no key/,
  );
});
