import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { canSample, rssOf, treeOf, watchMemory } from './processTree.ts';

describe('the memory of a process tree', {
  skip: canSample() ? false : 'SKIPPED: this system does not tell, under /proc, what a process has started',
}, () => {
  it('is that of the process and of what it has started, and of theirs', async () => {
    // A process that starts one with a hundred megabytes, and waits for it.
    const grandchild = `const kept = Buffer.alloc(100e6, 1); process.stdout.write('up'); setTimeout(() => kept, 30_000)`;
    const child = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}], { stdio: 'inherit' })`;
    const tree = spawn(process.execPath, ['-e', child], { stdio: ['ignore', 'pipe', 'inherit'] });
    const end = watchMemory(tree.pid!);
    await once(tree.stdout, 'data');
    const pids = treeOf(tree.pid!);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { most, samples } = end();
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    assert.equal(pids.length, 2);
    assert.ok(samples >= 1);
    assert.ok(most > 100e6, `${most} bytes`);
  });

  it('is nothing of a process that is gone', () => {
    assert.equal(rssOf(2 ** 22 + 1), 0);
    assert.ok(rssOf(process.pid) > 10e6);
  });
});
