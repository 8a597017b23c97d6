import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { canSample, memoryOfTree, processorTimeBelow, treeOf, watchMemory } from './processTree.ts';

const WAITING = `process.stdout.write('up'); setTimeout(() => {}, 30_000)`;

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

  it('counts the program once, which its processes share', async () => {
    const alone = memoryOfTree(process.pid);
    const many = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ['-e', WAITING], { stdio: ['pipe', 'pipe', 'inherit'] }),
    );
    await Promise.all(many.map(({ stdout }) => once(stdout, 'data')));
    const together = memoryOfTree(process.pid);
    for (const one of many) one.kill('SIGKILL');
    assert.ok(together > alone + 4 * 5e6 && together < alone + 4 * 30e6, `${alone} bytes, ${together} with four more`);
  });

  it('is nothing of a process that is gone', () => {
    assert.equal(memoryOfTree(2 ** 22 + 1), 0);
    assert.ok(memoryOfTree(process.pid) > 10e6);
  });

  it('comes with the processor time of what was started', async () => {
    const busy = spawn(process.execPath, ['-e', `for (const end = Date.now() + 300; Date.now() < end; ); ${WAITING}`]);
    await once(busy.stdout, 'data');
    const taken = processorTimeBelow(process.pid).get(busy.pid!);
    busy.kill('SIGKILL');
    assert.ok(taken! > 50 && taken! < 5000, `${taken} ms`);
  });
});
