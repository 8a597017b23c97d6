import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams as Started, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import {
  canSample,
  memoryOfTree,
  processorTimeBelow,
  processorTimeOfTree,
  treeOf,
  watchMemory,
} from './processTree.ts';

/** By processor time: beside other work, there is less of it than by the clock. */
const BUSY = 'while (process.cpuUsage().user < 300_000);';
const WAITING = `process.stdout.write('up'); setTimeout(() => {}, 30_000)`;

describe('the memory of a process tree', {
  skip: canSample() ? false : 'SKIPPED: this system does not tell, under /proc, what a process has started',
}, () => {
  it('is the sum over the process and all its descendants', async () => {
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
    // Processes of the test's own: what else goes on in this one changes what it takes.
    const five = `const { spawn } = require('node:child_process');
      const start = () => new Promise((up) => spawn(process.execPath, ['-e', ${JSON.stringify(WAITING)}]).stdout.once('data', up));
      Promise.all([start(), start(), start(), start()]).then(() => { ${WAITING} });`;
    const [one, many] = [WAITING, five].map((code) => spawn(process.execPath, ['-e', code])) as [Started, Started];
    await Promise.all([one, many].map(({ stdout }) => once(stdout, 'data')));
    const [alone, together] = [memoryOfTree(one.pid!), memoryOfTree(many.pid!)];
    const pids = [one, many].flatMap(({ pid }) => treeOf(pid!));
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    assert.equal(pids.length, 6);
    assert.ok(together > alone + 4 * 5e6 && together < alone + 4 * 30e6, `${alone} bytes, ${together} with four more`);
  });

  it('comes with the processor time of its descendants', async () => {
    const busy = spawn(process.execPath, ['-e', `${BUSY} ${WAITING}`]);
    await once(busy.stdout, 'data');
    const taken = processorTimeBelow(process.pid).get(busy.pid!);
    busy.kill('SIGKILL');
    assert.ok(taken! > 50 && taken! < 5000, `${taken} ms`);
  });

  it('includes the descendants that have already ended', async () => {
    const parent = `require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(BUSY)}]); ${WAITING}`;
    const tree = spawn(process.execPath, ['-e', parent]);
    await once(tree.stdout, 'data');
    const taken = processorTimeOfTree(tree.pid!);
    tree.kill('SIGKILL');
    assert.ok(taken > 50 && taken < 5000, `${taken} ms`);
    assert.equal(processorTimeOfTree(2 ** 22 + 1), 0);
  });
});
