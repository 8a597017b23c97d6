import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { findOwner } from '../../test/benches/owner.ts';
import { startControl } from './control.ts';
import { FolderInUse, type Owner, readOwner, takeLock } from './lock.ts';

describe('a folder', () => {
  test('is taken, and given back', async () => {
    const { folder, lock } = newFolder();
    const me = await living();
    const release = await takeLock(folder, lock, me);
    assert.deepEqual(JSON.parse(readFileSync(lock, 'utf8')), { ...me, inode: inodeOf(folder) });
    assert.equal(statSync(lock).mode & 0o077, 0, 'the token is nobody else’s to read');
    assert.deepEqual(await findOwner(lock), me);
    release();
    assert.equal(await findOwner(lock), undefined);
    assert.deepEqual(readdirSync(folder), []);
  });

  test('of a living process is refused, and the error names the process', async () => {
    const { folder, lock } = newFolder();
    const first = await living();
    await takeLock(folder, lock, first);
    await assert.rejects(takeLock(folder, lock, await living()), (error) => {
      assert.ok(error instanceof FolderInUse);
      const told = `${folder} is in use by process ${first.pid} (swath test). End it, or start again once it has ended.`;
      assert.equal(error.message, told);
      assert.deepEqual(error.owner, first);
      return true;
    });
    assert.deepEqual(readdirSync(folder), ['lock.json'], 'nothing of the second one stays');
    assert.deepEqual(await findOwner(lock), first);
  });

  test('that is a copy of a living process’s is another one’s', async () => {
    const [{ folder, lock }, copy] = [newFolder(), newFolder()];
    const [first, second] = [await living(), await living()];
    await takeLock(folder, lock, first);
    cpSync(folder, copy.folder, { recursive: true });
    assert.equal(readOwner(copy.lock), undefined);
    const release = await takeLock(copy.folder, copy.lock, second);
    assert.deepEqual([await findOwner(lock), await findOwner(copy.lock)], [first, second]);
    release();
    assert.deepEqual(await findOwner(lock), first);
  });

  for (const before of ['nobody', 'a dead process'])
    test(`that was ${before}'s is given to one of many who ask at once`, async () => {
      const { folder, lock } = newFolder();
      if (before !== 'nobody') write(lock, await dead());
      const askers = await Promise.all(Array.from({ length: 8 }, living));
      const taken = await Promise.allSettled(askers.map((me) => takeLock(folder, lock, me)));
      const winners = askers.filter((_, i) => taken[i]?.status === 'fulfilled');
      assert.equal(winners.length, 1);
      assert.deepEqual(await findOwner(lock), winners[0]);
      assert.deepEqual(readdirSync(folder), ['lock.json']);
    });

  test('that was taken over is not given back by the one who had it', async () => {
    const { folder, lock } = newFolder();
    const first = await living();
    const release = await takeLock(folder, lock, first);
    const second = await living();
    write(lock, second);
    release();
    assert.deepEqual(await findOwner(lock), second);
  });
});

describe('a lock without a living holder is no obstacle:', () => {
  for (const [what, owner] of [
    ['of a process that is dead', dead],
    ['of a process whose number another one has now', async () => ({ ...(await dead()), pid: process.pid })],
    ['whose port another owner has now', async () => ({ ...(await living()), token: randomUUID() })],
    [
      'whose port a web server has now that knows no tokens',
      async () => ownerAt(await httpPort((_asked, answer) => answer.end('<h1>It works!</h1>'))),
    ],
    [
      'whose port a web server has now that speaks JSON',
      async () => ownerAt(await httpPort((_asked, answer) => answer.end('{"pid":1}'))),
    ],
    [
      'whose port something else has now',
      async () => ownerAt(await portOf(createServer((socket) => socket.end('220 smtp ready\r\n')))),
    ],
  ] as const)
    test(what, async () => {
      const { folder, lock } = newFolder();
      write(lock, await owner());
      const me = await living();
      await takeLock(folder, lock, me);
      assert.deepEqual(await findOwner(lock), me);
    });

  const odd = (change: Record<string, unknown>) =>
    JSON.stringify({
      pid: process.pid,
      port: 1,
      token: 'token',
      command: 'a command',
      inode: 'of the folder',
      ...change,
    });
  for (const content of [
    '',
    '{"pid":1,"po',
    '{}',
    'null',
    '[]',
    '"\u001b[2J"',
    ...[{ port: 65_536 }, { port: -1 }, { port: 0 }, { pid: 0 }, { pid: -1 }].map(odd),
    ...[{ token: 'a\r\nhost: evil' }, { token: '' }, { command: 1 }].map(odd),
  ])
    test(`of which is left ${JSON.stringify(content)}`, async () => {
      const { folder, lock } = newFolder();
      writeFileSync(lock, content.replace('of the folder', inodeOf(folder)));
      await takeLock(folder, lock, await living());
      assert.ok(existsSync(lock));
    });
});

describe('a lock whose port takes questions and answers none', () => {
  for (const isSuspended of [true, false])
    test(`is ${isSuspended ? 'held, where its process is there: it is suspended' : 'no obstacle, where its process is gone'}`, async (t) => {
      const { folder, lock } = newFolder();
      const patience = new AbortController();
      t.mock.method(AbortSignal, 'timeout', () => patience.signal);
      const silent = await portOf(createServer(() => patience.abort()));
      const { pid } = isSuspended ? process : await dead();
      write(lock, { ...ownerAt(silent), pid });
      const taking = takeLock(folder, lock, await living());
      if (isSuspended) await assert.rejects(taking, FolderInUse);
      else await taking;
    });
});

const sockets = new Set<{ destroy: () => void }>();
after(() => {
  for (const socket of sockets) socket.destroy();
});

function newFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'swath-lock-'));
  after(() => rmSync(folder, { recursive: true }));
  return { folder, lock: join(folder, 'lock.json') };
}

const inodeOf = (folder: string) => String(statSync(folder, { bigint: true }).ino);

/** An owner that answers. */
async function living(): Promise<Owner> {
  const token = randomUUID();
  const control = await startControl(token);
  after(control.close);
  return { ...ownerAt(control.port), token };
}

/** An owner that was killed: neither its process nor its port is there. */
async function dead(): Promise<Owner> {
  const port = await portOf(createServer(), true);
  const { pid } = spawnSync(process.execPath, ['--version']);
  return { pid, port, token: randomUUID(), command: 'swath test' };
}

function ownerAt(port: number): Owner {
  return { pid: process.pid, port, token: randomUUID(), command: 'swath test' };
}

function httpPort(answer: RequestListener): Promise<number> {
  return portOf(createHttpServer(answer));
}

async function portOf(server: Server, isClosed = false): Promise<number> {
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  if (isClosed) await new Promise((resolve) => server.close(resolve));
  else after(() => server.close());
  return port;
}

function write(lock: string, owner: Owner): void {
  writeFileSync(lock, JSON.stringify({ ...owner, inode: inodeOf(dirname(lock)) }));
}
