import '../../core/inference/onnx/noTelemetry.ts';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import * as ort from 'onnxruntime-node';
import { median } from 'simple-statistics';
import { coresHere, idlest, keepThisProcessTo } from '../cores.ts';
import { type Figure, type Goal, measured } from '../figure.ts';
import { chipBodies } from '../load/chips.ts';
import { askAll, askTogether } from '../load/client.ts';
import { digitBodies } from '../load/digits.ts';
import { type Server, startSwath } from '../load/servers.ts';
import { installPeer, startPeer } from '../peers/peer.ts';
import { canSample, processorTimeOfTree } from '../processTree.ts';
import { interleaved } from '../rounds.ts';
import type { Suite } from '../suite.ts';

const MODELS = fileURLToPath(new URL('../../models/', import.meta.url));
const PACKAGES = ['digits/1.0.0', 'droughtwatch-baseline/1.0.0'].map((path) => `${MODELS}${path}`);
const DIGIT_SHAPE = [1, 1, 28, 28];

const CLIENTS = 32;
/** 500 digits are so many requests at once of so many each. */
const [CALLS, DIGITS_A_CALL] = [5, 100];

/** Who is measured: the peer is not there where Python is not. */
type Servers = { swath: Server; peer?: Server };
/** Of each round. */
type Found = { swath: number[]; peer?: number[] };
type Asked = { model: string; bodies: readonly Buffer[] };

/** Predictions over HTTP: Swath's server beside one in Python, of the same models, asked by the same clients in the same rounds. */
export const peers: Suite = {
  title: 'Predictions over HTTP, beside FastAPI with onnxruntime',
  onOneCore: false,
  run: async ({ isQuick, folder, tell, note }) => {
    if (!canSample()) {
      note('NOT MEASURED: nothing tells here what processor time a process takes.');
      return [];
    }
    const rounds = isQuick ? 2 : 7;
    tell('pip install');
    const installed = await installPeer(folder);
    if ('missing' in installed) {
      const why = `THERE IS NO PEER: Python with the packages of bench/peers/requirements.txt cannot be had here (${installed.missing}). Figures stand beside nothing, and goals by ratio are not judged.`;
      console.error(why);
      note(why);
    }
    const start = async (cores?: readonly number[]): Promise<Servers> => ({
      swath: await startSwath(cores === undefined ? {} : { cores }),
      ...('python' in installed && { peer: await startPeer(installed.python, PACKAGES, cores) }),
    });
    const stop = (servers: Servers) => Promise.all(Object.values(servers).map((server) => server.stop()));
    /** Asks each server in each round, in turns. */
    const inTurns = async (servers: Servers, what: string, ask: (server: Server, round: number) => Promise<number>) => {
      const contestants = Object.entries(servers).map(([name, server]) => [
        name,
        (round: number) => ask(server, round),
      ]);
      const found = await interleaved<keyof Servers, number>(rounds, Object.fromEntries(contestants), (round) =>
        tell(`${what}, round ${round} of ${rounds}`),
      );
      return found as Found;
    };

    // Many clients: the servers have one core, and the clients the others, so that neither takes the other's time.
    const all = coresHere();
    const cores = await idlest(all);
    if (cores.length > 1) keepThisProcessTo(cores.slice(1));
    const onOne = await start(cores.slice(0, 1));
    const loads: [name: string, model: string, bodies: readonly Buffer[], atLeast?: number][] = [
      ['digits, as PNG', 'digits', await digitBodies(1, 'images'), 5],
      ['digits, as pixels', 'digits', await digitBodies(1, 'bands')],
      ['droughtwatch, as pixels', 'droughtwatch-baseline', chipBodies(), 1.25],
    ];
    const figures: Figure[] = [];
    for (const [name, model, bodies, atLeast] of loads) {
      const asked = { model, bodies };
      const goal: Goal | undefined = atLeast === undefined ? undefined : { of: 'ratio', atLeast };
      await assertSame(onOne, asked);
      const found = await inTurns(onOne, name, (server, round) =>
        processorRateOf(server, asked, isQuick ? 0.5 : round === 0 ? 15 : 4),
      );
      const title = `${CLIENTS} clients, one image each, of processor time: ${name}`;
      figures.push(figureOf(title, 'predictions/s', found, goal));
    }
    await stop(onOne);

    // Some large requests, and one caller alone: by the clock, with all cores.
    keepThisProcessTo(all);
    const onAll = await start();
    for (const { kind, name, most } of [
      { kind: 'values', name: 'values', most: 150 },
      { kind: 'images', name: 'base64 of PNG', most: 50 },
    ] as const) {
      const asked = { model: 'digits', bodies: (await digitBodies(DIGITS_A_CALL, kind)).slice(0, CALLS) };
      const found = await inTurns(onAll, `${CALLS} calls, as ${kind}`, async (server) => {
        const times: number[] = [];
        for (let i = 0; i < (isQuick ? 3 : 15); i += 1) times.push(await askTogether(targetOf(server, asked)));
        return median(times);
      });
      const title = `500 digits as ${CALLS} calls of ${DIGITS_A_CALL} at once, as ${name}`;
      figures.push(figureOf(title, 'ms', found, { of: 'value', atMost: most }));
    }
    const bare = await makeBare();
    const lone = { model: 'digits', bodies: await digitBodies(1, 'bands') };
    const found = await inTurns(onAll, 'one caller', async (server) => {
      const { milliseconds } = await loadOf(server, lone, 1, isQuick ? 0.5 : 3);
      return median(milliseconds) - (await bare(isQuick ? 100 : 1000));
    });
    const alone = 'one caller alone, one digit each: added to the bare session';
    figures.push(figureOf(alone, 'ms', found, { of: 'value', atMost: 1 }));
    await stop(onAll);
    note(
      'Processor time is that of a server with all that it has started; while 32 clients ask, it has one core, and the clients the others. Each client asks again as soon as it has its answer, over a connection that stays. Both servers answer the same classes, which is looked at first. The bare session runs one digit in onnxruntime of this process; what is added to it is the median of the answers less the median of its runs, so HTTP and the client are in it.',
    );
    note(
      'The peer (bench/peers/server.py) is one process of uvicorn with uvloop and httptools, in versions that bench/peers/requirements.txt names. Pixels are base64 of the bytes of each band.',
    );
    return figures;
  },
};

const PEER = 'FastAPI with onnxruntime';

function figureOf(name: string, unit: string, { swath, peer }: Found, goal?: Goal): Figure {
  if (peer !== undefined) return measured(name, unit, swath, { beside: { [PEER]: peer }, goal });
  return measured(name, unit, swath, { goal: goal?.of === 'ratio' ? undefined : goal });
}

function targetOf({ url }: Server, { model, bodies }: Asked) {
  return { url: new URL(`/v1/models/${model}/predictions`, url), bodies, key: undefined };
}

async function loadOf(server: Server, asked: Asked, clients: number, seconds: number) {
  const timings = await askAll(targetOf(server, asked), clients, seconds);
  if (timings.errors > 0) throw new Error(`${timings.errors} requests to ${server.url} had no answer, or an error.`);
  return timings;
}

/** Predictions a second of the server's processor time. */
async function processorRateOf(server: Server, asked: Asked, seconds: number): Promise<number> {
  const before = processorTimeOfTree(server.pid);
  const { milliseconds } = await loadOf(server, asked, CLIENTS, seconds);
  return (milliseconds.length * 1000) / (processorTimeOfTree(server.pid) - before);
}

/** Throws unless the servers answer the same classes, with the same probabilities to a thousandth. */
async function assertSame(servers: Servers, asked: Asked): Promise<void> {
  const { swath, peer } = servers;
  if (peer === undefined) return;
  for (const body of asked.bodies.slice(0, 20)) {
    const [ours, theirs] = await Promise.all([swath, peer].map((server) => classesOf(server, asked, body)));
    if (!isDeepStrictEqual(ours, theirs))
      throw new Error(
        `Of ${asked.model}, Swath answers ${JSON.stringify(ours)} and the peer ${JSON.stringify(theirs)}.`,
      );
  }
}

async function classesOf(server: Server, asked: Asked, body: Buffer): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(targetOf(server, asked).url, { method: 'POST', headers, body: new Uint8Array(body) });
  const { predictions } = (await response.json()) as { predictions: { class: string; probability: number }[] };
  return predictions.map((one) => [one.class, one.probability.toFixed(3)]);
}

/** The median milliseconds of so many runs of onnxruntime alone, of one digit on one thread. */
async function makeBare(): Promise<(runs: number) => Promise<number>> {
  const session = await ort.InferenceSession.create(`${MODELS}digits/1.0.0/model.onnx`, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const values = Float32Array.from(
    { length: DIGIT_SHAPE.reduce((product, size) => product * size) },
    (_, i) => i % 256,
  );
  const feeds = { [session.inputNames[0]!]: new ort.Tensor('float32', values, DIGIT_SHAPE) };
  return async (runs) => {
    const times: number[] = [];
    for (let i = 0; i < runs; i += 1) {
      const started = performance.now();
      await session.run(feeds);
      times.push(performance.now() - started);
    }
    return median(times);
  };
}
