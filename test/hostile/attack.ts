import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import sample from '../../models/digits/1.0.0/sample.json' with { type: 'json' };
import { HOSTILE, type Hostile } from './bodies.ts';

const [SWATH = '', MODELS = '', PROBER = ''] = ['../../cli/swath.mjs', '../../models', 'prober.ts'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** The limit in deployment/kubernetes/deployment.yaml. */
export const MOST_BYTES = 1024 ** 3;
/** Node's own choice for the heap where a container has 1 GiB: half of it. Nothing here can limit a whole process' memory. */
const HEAP_MIB = 512;
const HOSTILE_CLIENTS = 16;
/** So long, a client that never ends or never reads keeps its connection. */
const STAY_MILLISECONDS = 2000;

export type Attacked = {
  /** Hostile requests by their kind and status; a dash for a connection that ended without one. */
  hostile: Record<string, Record<string, number>>;
  honest: { answered: number; wrong: string[]; slowestMilliseconds: number };
  /** What another process saw of /healthz, in milliseconds. */
  health: { probes: number; wrong: number; p50: number; p99: number; most: number };
  /** The longest that the server's event loop did nothing else. */
  stillMilliseconds: number;
  /** The most that the server had in memory. */
  bytes: number;
  isAlive: boolean;
};

const ROW = [80, 102, 102, 79, 76, 102, 102, 79, 76, 102, 106, 83, 76, 99, 108, 85, 76, 103];
const SOIL_ROW = [...ROW, 118, 88, 80, 107, 118, 88, 79, 107, 109, 87, 79, 107, 109, 87, 79, 107, 113, 87];
const HONEST = [
  { path: '/v1/models/digits/predictions', inputs: [sample.input], says: sample.prediction.class },
  { path: '/v1/models/landsat-statlog/predictions', inputs: [{ values: SOIL_ROW }], says: 'grey-soil' },
  // More than what is parsed at once.
  {
    path: '/v1/models/landsat-statlog/predictions',
    says: 'grey-soil',
    inputs: Array.from({ length: 600 }, () => ({ values: SOIL_ROW })),
  },
];

/** Sends hostile requests to a server of its own, beside honest ones whose answers are compared, and a prober in another process. */
export async function attack(requests: number, kinds: readonly Hostile[] = HOSTILE, swath = SWATH): Promise<Attacked> {
  const args = [swath, 'serve', '--models', MODELS, '--threads', '2', '--port', '0', '--json'];
  const env = {
    ...process.env,
    NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}`,
    MALLOC_ARENA_MAX: '2',
    MALLOC_MMAP_THRESHOLD_: '262144',
  }; // as in the Dockerfile
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env });
  let prober: ChildProcess | undefined;
  try {
    const [line] = (await once(server.stdout!, 'data')) as [Buffer];
    const { url } = JSON.parse(String(line)) as { url: string };
    while (!(await fetch(`${url}/readyz`)).ok) await wait(100);
    prober = spawn(process.execPath, [PROBER, url], { stdio: ['ignore', 'pipe', 'inherit'] });
    const seen = allOf(prober);
    let [sent, isOver] = [0, false];
    const hostile: Attacked['hostile'] = {};
    const attacker = async () => {
      while (sent < requests) {
        const one = kinds[sent % kinds.length]!;
        sent += 1;
        const status = await send(url, one);
        const before = hostile[one.kind] ?? {};
        hostile[one.kind] = { ...before, [status]: (before[status] ?? 0) + 1 };
      }
    };
    const honest: Attacked['honest'] = { answered: 0, wrong: [], slowestMilliseconds: 0 };
    const customer = async (i: number) => {
      for (let asked = i; !isOver; asked += 1) {
        const started = performance.now();
        const wrong = await whatIsWrong(url, HONEST[asked % HONEST.length]!);
        if (wrong === null) honest.answered += 1;
        else honest.wrong.push(wrong);
        honest.slowestMilliseconds = Math.max(honest.slowestMilliseconds, Math.round(performance.now() - started));
        await wait(20);
      }
    };
    const customers = [0, 1, 2].map(customer);
    await Promise.all(Array.from({ length: HOSTILE_CLIENTS }, attacker));
    isOver = true;
    await Promise.all(customers);
    prober.kill('SIGTERM');
    const health = JSON.parse(await seen) as Attacked['health'];
    const lag = /^nodejs_eventloop_lag_max_seconds (\S+)/m.exec(await (await fetch(`${url}/metrics`)).text());
    const stillMilliseconds = Math.round(Number(lag?.[1]) * 1000);
    const isAlive = server.exitCode === null && server.signalCode === null;
    return {
      hostile,
      honest,
      health,
      stillMilliseconds,
      bytes: isAlive ? mostBytes(server.pid!) : Number.NaN,
      isAlive,
    };
  } finally {
    prober?.kill('SIGKILL');
    if (server.exitCode === null && server.signalCode === null) {
      server.kill('SIGKILL');
      await once(server, 'exit');
    }
  }
}

async function allOf({ stdout }: ChildProcess): Promise<string> {
  let text = '';
  for await (const piece of stdout!) text += String(piece);
  return text;
}

/** Of the process and whatever it started: the command starts Node once more where another version runs it. */
function mostBytes(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  const own = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(own![1]) * 1024 + children.reduce((sum, child) => sum + mostBytes(Number(child)), 0);
}

async function whatIsWrong(url: string, { path, inputs, says }: (typeof HONEST)[number]): Promise<string | null> {
  try {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify({ inputs }) });
    const text = await response.text();
    if (response.status !== 200) return `${response.status} ${text.slice(0, 300)}`;
    const { predictions } = JSON.parse(text) as { predictions: { class: string }[] };
    const isRight = predictions.length === inputs.length && predictions.every((one) => one.class === says);
    return isRight ? null : text.slice(0, 300);
  } catch (error) {
    return String((error as Error).cause ?? error);
  }
}

/** Returns the status of the answer; a dash if there is none. */
function send(url: string, { path, type = 'application/json', body, manner, headers = {} }: Hostile): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let answer = '';
    socket.on('error', () => {});
    socket.once('close', () => resolve(answer === '' ? '-' : answer));
    socket.setTimeout(60_000, () => socket.destroy());
    const bytes = body();
    const stays = () => setTimeout(() => socket.destroy(), STAY_MILLISECONDS);
    if (manner === 'half a head') {
      socket.write(`POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nx-long: ${'x'.repeat(1000)}`);
      stays();
      return;
    }
    if (manner === 'reads no answer') {
      socket.pause();
      stays();
    } else
      socket.on('data', (data) => {
        answer ||= /^HTTP\/1\.1 (\d+)/.exec(data.toString('latin1'))?.[1] ?? '?';
        socket.end(); // each has a connection of its own
        setTimeout(() => socket.destroy(), 100);
      });
    const all = { host: '127.0.0.1', 'content-type': type, ...headers };
    const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    const start = `POST ${path} HTTP/1.1\r\n${head.join('')}`;
    if (manner === 'in chunks of a byte') {
      socket.write(`${start}transfer-encoding: chunked\r\n\r\n`);
      const one = Buffer.alloc(6 * 64 * 1024, '1\r\n[\r\n');
      for (let at = 0; at < bytes.length; at += 64 * 1024) socket.write(one);
      socket.write('0\r\n\r\n');
      return;
    }
    const length = bytes.length + (manner === 'never ends' ? 1000 : 0);
    socket.write(`${start}content-length: ${length}\r\n\r\n`);
    socket.write(manner === 'leaves in the middle' ? bytes.subarray(0, bytes.length / 2) : bytes);
    if (manner === 'never ends' || manner === 'leaves in the middle') stays();
  });
}
