import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import sample from '../models/digits/1.0.0/sample.json' with { type: 'json' };
import { attack, MOST_BYTES } from '../test/hostile/attack.ts';

const [SWATH = '', MODELS = ''] = ['../cli/swath.mjs', '../models'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);
const CLIENTS = 16;

test('of 48 hostile bodies of 24 kinds, none ends a server of 1 GiB, and every honest request beside them is answered', async () => {
  const { honest, health, bytes, isAlive, ...more } = await attack(48);
  console.error(JSON.stringify({ honest, health, bytes, ...more }));
  assert.ok(isAlive && bytes < MOST_BYTES, `${bytes} bytes`);
  assert.deepEqual(honest.wrong, []);
  assert.equal(health.wrong, 0);
  assert.ok(health.most < 3000, `${health.most} ms`); // a machine that does other work; alone, it is 500 at most
});

test('of a server that is killed, only requests on the way fail, by a closed connection; the next one answers', async (t) => {
  const running: ChildProcess[] = [];
  t.after(() => {
    for (const child of running) child.kill('SIGKILL');
  });
  const first = await start(running);
  let [answered, isKilled] = [0, false];
  const ends: string[] = [];
  const client = async (agent: Agent) => {
    for (let asked = 0; asked < 10_000; asked += 1) {
      const startedAfter = isKilled;
      const end = await ask(first.url, agent);
      if (end === sample.prediction.class) {
        answered += 1;
        assert.ok(!startedAfter, 'a server that was killed has answered');
        if (answered === 400) {
          isKilled = true;
          first.child.kill('SIGKILL');
        }
      } else return void ends.push(end);
    }
  };
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  await Promise.all(Array.from({ length: CLIENTS }, () => client(agent)));
  agent.destroy();
  assert.ok(answered >= 400, `${answered} answers`);
  assert.equal(ends.length, CLIENTS, 'each client has one request that fails, its last');
  assert.deepEqual(
    ends.filter((end) => end !== 'ECONNRESET' && end !== 'ECONNREFUSED'),
    [],
    'by the connection, and by no wrong answer',
  );
  const second = await start(running);
  assert.equal(await ask(second.url, new Agent()), sample.prediction.class);
});

async function start(running: ChildProcess[]): Promise<{ url: string; child: ChildProcess }> {
  const args = [SWATH, 'serve', '--models', MODELS, '--port', '0', '--json'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  running.push(child);
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return { url: (JSON.parse(String(line)) as { url: string }).url, child };
}

/** The class that is answered for the sample's digit; else the status, or the code of the connection's error. */
function ask(url: string, agent: Agent): Promise<string> {
  const body = JSON.stringify({ inputs: [sample.input] });
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message);
    const asked = request(
      new URL('/v1/models/digits/predictions', url),
      { method: 'POST', agent, headers },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', failed);
        response.on('end', () => {
          const text = String(Buffer.concat(pieces));
          resolve(
            response.statusCode === 200 ? JSON.parse(text).predictions[0].class : `${response.statusCode} ${text}`,
          );
        });
      },
    );
    asked.on('error', failed);
    asked.end(body);
  });
}
