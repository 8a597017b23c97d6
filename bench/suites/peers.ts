import '../../core/inference/onnx/noTelemetry.ts';
import type { OutgoingHttpHeaders } from 'node:http';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { median } from 'simple-statistics';
import { type Figure, type Goal, measured } from '../figure.ts';
import { bodiesOf } from '../load/bodies.ts';
import { chipInputs } from '../load/chips.ts';
import { askAll, askTogether } from '../load/client.ts';
import { digitBodies } from '../load/digits.ts';
import { mailInputs } from '../load/mails.ts';
import { type Server, startSwath } from '../load/servers.ts';
import { tensorBodies } from '../load/tensors.ts';
import { buildLimit, installPeer, startLimit, startPeer } from '../peers/peer.ts';
import { areSame, type Prediction } from '../peers/predictions.ts';
import { canSample, processorTimeOfTree } from '../processTree.ts';
import { interleaved } from '../rounds.ts';
import type { Suite } from '../suite.ts';

const MODELS = fileURLToPath(new URL('../../models/', import.meta.url));
const IMAGES = ['digits/1.0.0', 'droughtwatch-baseline/1.0.0'].map((path) => `${MODELS}${path}`);
const TEXTS = [`${MODELS}spam/1.0.0`];
const DIGIT_SHAPE = [1, 1, 28, 28];

/** 500 digits are so many requests at once of so many each. */
const [CALLS, A_CALL] = [5, 100];

/** Who is measured: the others are not there where Python or Rust is not. */
type Name = 'swath' | 'fastapi' | 'python' | 'rust';
type Servers = { readonly [server in Name]?: Server } & { readonly swath: Server };
/** Of each round. */
type Found = { [server in Name]?: number[] } & { swath: number[] };
/** Requests of so many inputs each; the server in Rust knows no texts, and that by FastAPI nothing else. */
type Asked = { model: string; inputs: number; bodies: readonly Buffer[]; headers?: OutgoingHttpHeaders };
const isAsked = (name: string, { model }: Asked) => name !== (model === 'spam' ? 'rust' : 'fastapi');
type Row = { title: string; asked: Asked; others?: Asked; atLeast?: number; share?: number };

/** Predictions over HTTP: Swath's server beside others of the same models, asked by the same clients in the same rounds. */
export const peers: Suite = {
  title: 'Predictions over HTTP, beside a tight Python server and one in Rust',
  onOneCore: false,
  run: async ({ isQuick, folder, tell, note }) => {
    if (!canSample()) {
      note('NOT MEASURED: nothing tells here what processor time a process takes.');
      return [];
    }
    const rounds = isQuick ? 2 : 3;
    tell('pip install, cargo build');
    const [installed, limit] = [await installPeer(folder), await buildLimit(folder)];
    for (const [what, found] of [
      ['PEER: Python with the packages of bench/peers/requirements.txt', installed],
      ['LIMIT: Rust with the packages of bench/peers/rust/Cargo.lock', limit],
    ] as const)
      if ('missing' in found) {
        const why = `THERE IS NO ${what} cannot be had here (${found.missing}). Figures stand beside nothing, and goals by ratio are not judged.`;
        console.error(why);
        note(why);
      }
    const starts: { [server in Name]?: () => Promise<Server> } = {
      swath: () => startSwath(),
      ...('python' in installed && {
        fastapi: () => startPeer(installed.python, TEXTS, 'fastapi_server.py'),
        python: () => startPeer(installed.python, [...IMAGES, ...TEXTS]),
      }),
      ...('program' in limit && { rust: () => startLimit(limit.program, IMAGES) }),
    };
    /** Has each of them that is asked so do something in each round, in turns. */
    const inTurns = async (what: string, asked: Asked, work: (name: Name, round: number) => Promise<number>) => {
      const names = Object.keys(starts).filter((name) => isAsked(name, asked));
      const contestants = names.map((name) => [name, (round: number) => work(name as Name, round)]);
      const found = await interleaved<Name, number>(rounds, Object.fromEntries(contestants), (round) =>
        tell(`${what}, round ${round} of ${rounds}`),
      );
      return found as Found;
    };

    const digits = { model: 'digits', inputs: 1 };
    const one = { ...digits, bodies: await digitBodies(1, 'bands') };
    const hundred = { model: 'digits', inputs: A_CALL };
    const chips = { model: 'droughtwatch-baseline', inputs: 1 };
    const values = { ...hundred, bodies: await digitBodies(A_CALL, 'values') };
    const tensors = { ...hundred, ...tensorBodies(await digitInputs(), [1, 28, 28], A_CALL) };
    const rows: Row[] = [
      { title: 'digits, as PNG', asked: { ...digits, bodies: await digitBodies(1, 'images') }, atLeast: 1.3 },
      { title: 'digits, as pixels', asked: one, atLeast: 1.3 },
      { title: 'droughtwatch, as pixels', asked: { ...chips, bodies: bodiesOf(chipInputs(), 1) }, atLeast: 1.3 },
      {
        title: 'digits in calls of 100, as PNG',
        asked: { ...hundred, bodies: await digitBodies(A_CALL, 'images') },
        atLeast: 1.5,
      },
      {
        title: 'digits in calls of 100, as pixels',
        asked: { ...hundred, bodies: await digitBodies(A_CALL, 'bands') },
        atLeast: 1.5,
      },
      { title: 'digits in calls of 100, as values', asked: values, atLeast: 1.5 },
      { title: 'digits in calls of 100, as a binary tensor of v2', asked: tensors },
      {
        title: 'digits in calls of 100, as a binary tensor of v2, the others as values',
        asked: tensors,
        others: values,
        atLeast: 3,
      },
      ...[false, true].flatMap((isLong) =>
        [1, A_CALL].map((inputs): Row => {
          const title = `${isLong ? 'long ' : ''}texts${inputs > 1 ? ` in calls of ${inputs}` : ''}`;
          const asked = { model: 'spam', inputs, bodies: bodiesOf(mailInputs(isLong), inputs) };
          return { title, asked, atLeast: 1, share: isLong ? 0.2 : 1 };
        }),
      ),
    ];
    const figures: Figure[] = [];
    const cold = await inTurns('cold', one, async (name) => {
      const server = await starts[name]!();
      await loadOf(server, one, 1, 1);
      const milliseconds = processorTimeOfTree(server.pid);
      await server.stop();
      return milliseconds;
    });
    figures.push(figureOf('cold: processor time from the start of a server to its first answer', 'ms', cold));

    const entries = await Promise.all(Object.entries(starts).map(async ([name, start]) => [name, await start()]));
    const servers = Object.fromEntries(entries) as Servers;
    for (const { title, asked, others = asked, atLeast, share = 1 } of rows) {
      if (asked.headers === undefined) await assertSame(servers, asked);
      for (const clients of [1, 4]) {
        const found = await inTurns(`${title}, ${clients} clients`, asked, (name, round) => {
          const of = asked.inputs > 1 ? 50 : asked.model === 'digits' ? 1 : 4;
          const requests = Math.ceil(
            ((round === 0 && clients === 1 ? 10_000 : 1000) * share) / of / (isQuick ? 10 : 1),
          );
          return processorRateOf(servers[name]!, name === 'swath' ? asked : others, clients, requests);
        });
        const goal: Goal | undefined = atLeast === undefined ? undefined : { of: 'ratio', atLeast };
        const who = clients === 1 ? 'one client' : `${clients} clients`;
        figures.push(figureOf(`${title}, ${who}`, 'predictions a processor second', found, goal));
      }
    }

    // Some large requests, and one caller alone: by the clock.
    for (const { kind, name, most } of [
      { kind: 'values', name: 'values', most: 150 },
      { kind: 'images', name: 'base64 of PNG', most: 50 },
    ] as const) {
      const asked = { ...hundred, bodies: (await digitBodies(A_CALL, kind)).slice(0, CALLS) };
      const found = await inTurns(`${CALLS} calls, as ${kind}`, asked, async (server) => {
        const times: number[] = [];
        for (let i = 0; i < (isQuick ? 3 : 15); i += 1)
          times.push(await askTogether(targetOf(servers[server]!, asked)));
        return median(times);
      });
      const title = `500 digits as ${CALLS} calls of ${A_CALL} at once, as ${name}`;
      figures.push(figureOf(title, 'ms', found, { of: 'value', atMost: most }));
    }
    const bare = await makeBare();
    const found = await inTurns('one caller', one, async (server) => {
      const { milliseconds } = await loadOf(servers[server]!, one, 1, isQuick ? 50 : 2000);
      return median(milliseconds) - (await bare(isQuick ? 100 : 1000));
    });
    const alone = 'one caller alone, one digit each: added to the bare session';
    figures.push(figureOf(alone, 'ms', found, { of: 'value', atMost: 1 }));
    await Promise.all(Object.values(servers).map((server) => server.stop()));
    note(
      'Processor time is that of a server with all that it has started, kernel time included; the clients are not in it. Each client asks again as soon as it has its answer, over a connection that stays. All servers answer the same classes, which is looked at first. Before the rounds, each has answered 10,000 digits, 2,500 chips or texts, or 200 calls of 100. A round has 1,000 digits, 250 chips or texts, or 20 calls; of long texts, a fifth.',
    );
    note(
      'The Python server (bench/peers/server.py) is Starlette, orjson, NumPy, Pillow and tokenizers on uvicorn with uvloop and httptools; whatever has come in is one batch, in the process itself. The Rust server (bench/peers/rust) is axum and serde_json, without batches or checks: what HTTP, JSON and onnxruntime take at least; it takes no texts. FastAPI (bench/peers/fastapi_server.py) is what the Python server does with texts, by FastAPI with pydantic, as most such services are written. Both run the same onnxruntime on one thread. Pixels are base64 of the bytes of each band. Texts are the 20 of samples/spam, of 8 to 31 tokens; a long one is followed by all others and cut to 128. In Python, a batch is padded to its longest.',
    );
    return figures;
  },
};

const [FASTAPI, PYTHON] = ['FastAPI', 'Python'];

function figureOf(name: string, unit: string, { swath, fastapi, python, rust }: Found, goal?: Goal): Figure {
  const beside = {
    ...(fastapi && { [FASTAPI]: fastapi }),
    ...(python && { [PYTHON]: python }),
    ...(rust && { Rust: rust }),
  };
  return measured(name, unit, swath, { beside, goal: python === undefined && goal?.of === 'ratio' ? undefined : goal });
}

/** The base64 of each digit's pixels, as the bytes themselves. */
async function digitInputs(): Promise<Uint8Array[]> {
  return (await digitBodies(1, 'bands')).map((body) => {
    const { inputs } = JSON.parse(body.toString()) as { inputs: { bands: { [band: string]: string } }[] };
    return Buffer.concat(Object.values(inputs[0]!.bands).map((band) => Buffer.from(band, 'base64')));
  });
}

function targetOf({ url }: Server, { model, bodies, headers }: Asked) {
  const path = headers === undefined ? `/v1/models/${model}/predictions` : `/v2/models/${model}/infer`;
  return { url: new URL(path, url), bodies, key: undefined, ...(headers && { headers }) };
}

async function loadOf(server: Server, asked: Asked, clients: number, requests: number) {
  const timings = await askAll(targetOf(server, asked), clients, 0, requests);
  if (timings.errors > 0) throw new Error(`${timings.errors} requests to ${server.url} had no answer, or an error.`);
  return timings;
}

/** Predictions a second of the server's processor time. */
async function processorRateOf(server: Server, asked: Asked, clients: number, requests: number): Promise<number> {
  const before = processorTimeOfTree(server.pid);
  const { milliseconds } = await loadOf(server, asked, clients, requests);
  return (milliseconds.length * asked.inputs * 1000) / (processorTimeOfTree(server.pid) - before);
}

/** Throws unless the servers answer the same. */
async function assertSame({ swath, ...others }: Servers, asked: Asked): Promise<void> {
  for (const body of asked.bodies.slice(0, 20))
    for (const [name, other] of Object.entries(others).filter(([name]) => isAsked(name, asked))) {
      const [ours, theirs] = await Promise.all([swath, other].map((server) => answersOf(server, asked, body)));
      if (!areSame(ours!, theirs!))
        throw new Error(
          `Of ${asked.model}, Swath answers ${JSON.stringify(ours)} and ${name} ${JSON.stringify(theirs)}.`,
        );
    }
}

async function answersOf(server: Server, asked: Asked, body: Buffer): Promise<readonly Prediction[]> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(targetOf(server, asked).url, { method: 'POST', headers, body: new Uint8Array(body) });
  return ((await response.json()) as { predictions: readonly Prediction[] }).predictions;
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
