import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { STILL_MILLISECONDS } from './still.ts';
import { watchFolder } from './watch.ts';

/** Real files and real events; only the clock that stillness is measured with is the test's. */

/** Elsewhere no process can be asked what it has open. */
const onLinux = { skip: process.platform !== 'linux' };

let home: string;
let inbox: string;
let taken: string[];
let stop: () => void;

describe('a watched folder', () => {
  beforeEach(() => {
    home = fs.mkdtempSync(join(tmpdir(), 'swath-watch-'));
    inbox = join(home, 'inbox');
    fs.mkdirSync(inbox);
    taken = [];
    mock.timers.enable({ apis: ['setInterval', 'Date'], now: Date.now() });
    watch();
  });
  afterEach(() => {
    stop();
    mock.timers.reset();
    fs.rmSync(home, { recursive: true });
  });

  test('a file is taken once it stood still for two seconds, and once only', async () => {
    drop('a');
    await passes(STILL_MILLISECONDS);
    assert.deepEqual(taken, []);
    await come('a');
    await passes(5000);
    assert.deepEqual(taken, ['a']);
  });

  for (const [what, happens] of [
    ['it grows', () => fs.appendFileSync(join(inbox, 'a'), 'more')],
    ['its time moves', (second: number) => fs.utimesSync(join(inbox, 'a'), second, second)],
    [
      'it is written to, and its time is set back',
      () => {
        drop('a');
        fs.utimesSync(join(inbox, 'a'), 1e9, 1e9);
      },
    ],
  ] as const)
    test(`a file is not taken while ${what}`, async () => {
      drop('a');
      for (let second = 0; second < 8; second += 1) {
        happens(second);
        await passes(1000);
      }
      assert.deepEqual(taken, []);
      await come('a');
    });

  for (const [metadata, other] of [
    ['a.SAFE/MTD_MSIL2A.xml', 'a.SAFE/GRANULE/B02.jp2'],
    ['a.zarr/zarr.json', 'a.zarr/b02/0.0'],
  ] as const)
    test(`${metadata} is taken once no file of its folder moves, and its other files never`, async () => {
      fs.mkdirSync(dirname(join(inbox, other)), { recursive: true });
      drop(metadata);
      for (let second = 0; second < 8; second += 1) {
        drop(other);
        await passes(1000);
      }
      assert.deepEqual(taken, []);
      await come(metadata);
      assert.deepEqual(taken, [metadata]);
    });

  for (const when of ['before', 'after'])
    test(`a file that is opened for writing ${when} the watch begins is taken once it is closed`, onLinux, async () => {
      if (when === 'before') stop();
      const file = fs.openSync(join(inbox, 'a'), 'w');
      if (when === 'before') {
        mock.timers.tick(10 * STILL_MILLISECONDS); // its last change is long ago
        watch();
      }
      await passes(60_000);
      assert.deepEqual(taken, []);
      fs.closeSync(file);
      await come('a');
    });

  test('a file that stays open for writing is reported once', onLinux, async () => {
    stop();
    const reported: string[] = [];
    watch((key, { message }) => reported.push(`${key}: ${message}`));
    const file = fs.openSync(join(inbox, 'a'), 'w');
    await passes(250);
    for (let waits = 0; waits < 40; waits += 1) await passes(STILL_MILLISECONDS + 250);
    assert.deepEqual(reported, ['a: a program has it open for writing: it is classified once that has closed it.']);
    fs.closeSync(file);
    await come('a');
  });

  test('a file that is open for reading is taken', async () => {
    drop('a');
    const file = fs.openSync(join(inbox, 'a'), 'r');
    await come('a');
    fs.closeSync(file);
  });

  test('a file that changes later is taken again', async () => {
    drop('a');
    await come('a');
    drop('a', 'something else');
    await come('a', 'a');
  });

  test('files come from folders too, made here or moved here', async () => {
    fs.mkdirSync(join(inbox, 'north'));
    await passes(250);
    drop('north/a');
    fs.mkdirSync(join(home, 'south', 'far'), { recursive: true });
    fs.writeFileSync(join(home, 'south', 'far', 'b'), 'x');
    fs.renameSync(join(home, 'south'), join(inbox, 'south'));
    await come('north/a', 'south/far/b');
  });

  test('a folder that was removed and made again is watched again', async () => {
    fs.mkdirSync(join(inbox, 'north'));
    await passes(250);
    fs.rmSync(join(inbox, 'north'), { recursive: true });
    fs.mkdirSync(join(inbox, 'north', 'far'), { recursive: true });
    await passes(250);
    drop('north/far/a');
    await come('north/far/a');
  });

  for (const [what, happens] of [
    ['removed and made again', () => fs.rmSync(inbox, { recursive: true })],
    ['moved away and made again', () => fs.renameSync(inbox, join(home, 'former'))],
  ] as const)
    test(`files come from an inbox that was ${what}, those that lay in it too`, async () => {
      fs.mkdirSync(join(inbox, 'north'));
      await passes(250);
      happens();
      fs.mkdirSync(join(inbox, 'north'), { recursive: true });
      drop('north/a');
      await come('north/a');
      drop('b');
      await come('b', 'north/a');
    });

  test('files come from an inbox that another disk was mounted over', async (t) => {
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', inbox]);
    if (status !== 0) return t.skip('NOT TESTED: only root may mount');
    try {
      drop('a');
      await come('a');
      drop('b');
      await come('a', 'b');
    } finally {
      spawnSync('umount', ['-l', inbox]);
    }
  });

  test('an inbox that is gone is reported once, and watched again once it is back', onLinux, async () => {
    stop();
    const reported: string[] = [];
    watch((key, { message }) => reported.push(`${key}: ${message}`));
    fs.renameSync(inbox, join(home, 'elsewhere'));
    await passes(20_000);
    assert.deepEqual(reported, [
      `${inbox}: the folder is gone, so no file is taken. Make it, move it back or mount it.`,
    ]);
    fs.renameSync(join(home, 'elsewhere'), inbox);
    await passes(10_000);
    drop('a');
    await come('a');
    assert.equal(reported.length, 1);
  });

  test('a file that the system cannot look at is reported, and the others are taken', onLinux, async () => {
    stop();
    const reported = new Set<unknown>();
    watch((key, error) => reported.add(key.endsWith('f') && (error as NodeJS.ErrnoException).code));
    const long = 'd'.repeat(200);
    const most = Math.floor((4095 - inbox.length) / 201);
    const deep = join(...Array.from({ length: most }, () => long));
    fs.mkdirSync(join(inbox, deep), { recursive: true });
    await passes(250);
    const folder = fs.openSync(join(inbox, deep), 'r'); // as its own path and the file's are too long together
    const file = `/proc/self/fd/${folder}/${'f'.repeat(220)}`;
    fs.writeFileSync(file, 'a');
    drop('a');
    await come('a');
    assert.deepEqual([...reported], ['ENAMETOOLONG']);
    fs.rmSync(file);
    fs.closeSync(folder);
  });

  test('files of which an earlier one is gone, and those of a folder that was moved, are known by their new names', async () => {
    fs.mkdirSync(join(inbox, 'north'));
    await passes(250);
    drop('north/a');
    fs.renameSync(join(inbox, 'north'), join(inbox, 'south'));
    await come('south/a');
    drop('south/b');
    await come('south/a', 'south/b');
  });

  test('the system watches folders and not files, however many there are', {
    skip: process.platform === 'linux' ? false : 'the watches of a process are listed on Linux only',
  }, async () => {
    const before = watches();
    fs.mkdirSync(join(inbox, 'north'));
    for (let file = 0; file < 200; file += 1) drop(`north/${file}`);
    await passes(250);
    assert.equal(watches() - before, 1);
  });

  test('hidden and unfinished files are none, until they are renamed', async () => {
    for (const key of ['.a', 'b.part', 'c~', 'd.tmp', 'e.part']) drop(key);
    await passes(3000);
    fs.renameSync(join(inbox, 'e.part'), join(inbox, 'e'));
    await come('e');
  });

  test('does not report a file that is gone again, or a folder', async () => {
    drop('a');
    fs.mkdirSync(join(inbox, 'folder'));
    await passes(1000);
    fs.rmSync(join(inbox, 'a'));
    await passes(3000);
    assert.deepEqual(taken, []);
  });

  test('nothing is taken after the end', async () => {
    drop('a');
    await passes(1000);
    stop();
    await passes(3000);
    assert.deepEqual(taken, []);
  });

  test('takes a file that was being copied when the watch began, even without a further event', async () => {
    stop();
    drop('a');
    watch();
    await come('a');
  });

  test('a file is taken though the clock is set back while it is looked at', async () => {
    stop();
    let setBack = 0;
    watch(undefined, () => Date.now() - setBack);
    drop('a');
    await passes(1000);
    setBack = 30 * 86_400_000;
    await passes(1000);
    assert.deepEqual(taken, []);
    await come('a');
  });

  test('what lay there before the watch began is left to the sweep, also where the clock was ahead when it came', async () => {
    for (const days of [0, -30]) {
      stop();
      drop('a');
      mock.timers.setTime(fs.statSync(join(inbox, 'a')).ctimeMs + 2 * STILL_MILLISECONDS + days * 86_400_000);
      watch();
      await passes(5000);
      assert.deepEqual(taken, []);
    }
  });
});

type Watching = Parameters<typeof watchFolder>;
function watch(onTrouble: Watching[2] = () => {}, now?: Watching[3]): void {
  stop = watchFolder(inbox, (key) => taken.push(key), onTrouble, now);
}

function drop(key: string, content = 'x'): void {
  fs.writeFileSync(join(inbox, key), content);
}

/** How many watches this process has of the system. */
function watches(): number {
  const open = fs.readdirSync('/proc/self/fdinfo').flatMap((fd) => {
    try {
      return [fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')];
    } catch {
      return []; // closed by now, as the one that the list was read with
    }
  });
  return open.join('\n').match(/^inotify /gm)?.length ?? 0;
}

/** Lets time pass until these files, and no others, have been taken. */
async function come(...keys: string[]): Promise<void> {
  for (let looks = 0; looks < 100 && taken.length < keys.length; looks += 1) await passes(250);
  assert.deepEqual(taken.toSorted(), keys);
}

/** Lets the events of before arrive, then so much time pass, with a real moment for each look at the files. */
async function passes(milliseconds: number): Promise<void> {
  await pause(10);
  for (let passed = 0; passed < milliseconds; passed += 250) {
    mock.timers.tick(250);
    await pause(3);
  }
}
