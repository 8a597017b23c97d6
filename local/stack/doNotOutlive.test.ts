import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { test } from 'node:test';

const BUSY = `process.stdout.write('begun '); for (;;);`;

for (const [title, command, args, isGroup] of [
  [
    'a process in the middle of something that never ends does not outlive the one that started it, which is killed',
    process.execPath,
    ['-e', BUSY],
    false,
  ],
  [
    'what a shell has started does not outlive the one that started it, which is killed',
    '/bin/sh',
    ['-c', `"$0" -e "$1"; true`, process.execPath, BUSY],
    true,
  ],
] as const)
  test(title, async () => {
    const code = `
    import { spawn } from 'node:child_process';
    import { doNotOutlive } from ${JSON.stringify(new URL('doNotOutlive.ts', import.meta.url).href)};
    doNotOutlive(spawn(${JSON.stringify(command)}, ${JSON.stringify(args)}, { detached: true, stdio: 'inherit' }), ${isGroup});
    process.stdout.write('guarded ');`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const over = once(parent.stdout, 'end'); // both have it open
    const exited = once(parent, 'exit');
    let said = '';
    for await (const [text] of on(parent.stdout, 'data')) {
      said += text;
      if (said.includes('begun') && said.includes('guarded')) break; // in whichever order
    }
    parent.kill('SIGKILL');
    await over;
    assert.deepEqual(await exited, [null, 'SIGKILL']);
  });

test('nothing waits for one that has ended', async () => {
  const code = `
    import { spawn } from 'node:child_process';
    import { doNotOutlive } from ${JSON.stringify(new URL('doNotOutlive.ts', import.meta.url).href)};
    const child = spawn(process.execPath, ['-e', '']);
    doNotOutlive(child);
    child.once('exit', () => console.log('ended'));`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  parent.stdout.on('data', (text) => (said += text));
  assert.deepEqual(await once(parent, 'close'), [0, null]);
  assert.equal(said, 'ended\n');
});
