import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Runs, Status } from '../../console/api.ts';
import { startSwath, temporaryFolder } from '../../test/swath.ts';

const LOOK_MILLISECONDS = 50;

describe('swath console', () => {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, '.swath/inbox'), { recursive: true });
  let owner: ReturnType<typeof startSwath>;
  let second: ReturnType<typeof startSwath>;
  let url: string;

  before(async () => {
    owner = startSwath(['console', '--json'], cwd);
    await owner.says(/\n/);
    second = startSwath(['console'], cwd);
    await second.says(/Ctrl-C stops/);
  });
  after(() => {
    for (const one of [owner, second]) one.kill('SIGKILL');
  });

  test('prints its address, and serves the page there', async () => {
    ({ url } = JSON.parse(owner.output.stdout));
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
    assert.match(await (await fetch(url)).text(), /<script type="module" src="\/page\.js">/);
    assert.ok((await (await fetch(`${url}page.js`)).text()).length < 400_000, 'a page of a few hundred kB at most');
    const status = (await (await fetch(`${url}api/status`)).json()) as Status;
    assert.deepEqual([status.stage, status.running, status.recent], ['local', [], null]);
  });

  test('goes on at its address when the process that had the data folder dies', async () => {
    const [, address = ''] = /^The console of the embedded stack is at (http:\S+)\n/.exec(second.output.stdout) ?? [];
    assert.notEqual(address, url, 'the usual port was taken');
    const runs = () => fetch(`${address}api/runs`).catch(() => undefined);
    assert.equal((await runs())?.status, 200);
    owner.kill('SIGKILL');
    await owner.ended;
    for (;;) {
      const answer = await runs();
      if (answer?.status === 200) {
        assert.equal(((await answer.json()) as Runs).total, 0);
        break;
      }
      assert.equal(second.output.stderr, '');
      await pause(LOOK_MILLISECONDS);
    }
  });

  test('ends with Ctrl-C, while a page is open', async () => {
    const [address = ''] = /http:\S+/.exec(second.output.stdout) ?? [];
    const signs = await fetch(`${address}api/signs`); // whose connection is kept
    assert.equal(signs.status, 200);
    await signs.text();
    second.kill('SIGINT');
    const { code, stderr } = await second.ended;
    assert.deepEqual([code, stderr], [0, '']);
  });
});
