import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { readUpTo } from '../../aws/readUpTo.ts';
import { errorNamed } from '../../core/base/errors.ts';
import { closeNow, listen } from '../../server/listen.ts';

// An import reads every name of the module, and its WebSocket loads a whole HTTP client, which takes three times as long as the rest.
const { createServer, request } = process.getBuiltinModule('node:http');

/** Handlers for questions of other processes and of the workers, by name. */
export type Answers = Record<string, (body: never) => Promise<unknown>>;
export type Control = { port: number; token: string };

/** The owner of the data folder ended during a question. */
export class OwnerGone extends errorNamed('OwnerGone') {
  /** Where it answered, as no other process does. */
  readonly port: number | undefined;

  constructor({ port, cause }: { port?: number; cause: unknown }) {
    super('The process that had the data folder is gone.', { cause });
    this.port = port;
  }
}

const MAX_QUESTION_BYTES = 1 << 20;

/** The owner's control server: a free port on loopback that asks for the lock file's token, which no web page knows. */
export async function startControl(token: string) {
  const ready = Promise.withResolvers<Answers>();
  const server = createServer((asked, answer) => {
    const reply = (status: number, body: unknown) => {
      answer.writeHead(status, { 'content-type': 'application/json' });
      answer.end(JSON.stringify(body ?? null));
    };
    const [given, wanted] = [Buffer.from(String(asked.headers['x-swath-token'])), Buffer.from(token)];
    const isOurs = given.length === wanted.length && timingSafeEqual(given, wanted);
    if (!isOurs) return reply(403, { message: 'wrong token' });
    if (asked.method === 'GET') return reply(200, { pid: process.pid });
    // Questions during the stack's start wait for it.
    Promise.all([ready.promise, readBody(asked, MAX_QUESTION_BYTES)])
      .then(([answers, body]) => {
        const name = asked.url?.slice(1) ?? '';
        const question = Object.hasOwn(answers, name) ? answers[name] : undefined; // not what every object has
        if (question === undefined) return reply(404, { message: 'no such question' });
        return question(body as never).then((result) => reply(200, result));
      })
      .catch((error: Error) => reply(500, { name: error.name, message: error.message }));
  });
  const port = await listen(server, '127.0.0.1', [0]);
  return { port, answer: ready.resolve, close: () => closeNow(server) };
}

export class OwnerSilent extends errorNamed('OwnerSilent') {}

/** Asks the owner, with an optional time-out of `patience` milliseconds; an error in its answer is thrown here with its name. */
export async function askOwner<Answer>(control: Control, question: string, body: unknown, patience?: number) {
  const signal = patience === undefined ? undefined : AbortSignal.timeout(patience);
  const { status, result } = await send(control, 'POST', question, JSON.stringify(body), signal).catch((cause) => {
    if (signal?.aborted) throw new OwnerSilent('It does not answer; it may be suspended (Ctrl-Z).', { cause });
    throw new OwnerGone({ port: control.port, cause });
  });
  if (status === 200) return result as Answer;
  const { name = 'Error', message } = result as { name?: string; message: string };
  throw Object.assign(new Error(message), { name });
}

/** Sends a request to an owner; throws if it has no answer, or one that is no JSON. */
export async function send(to: Control, method: string, path: string, body?: string, signal?: AbortSignal) {
  const options = { host: '127.0.0.1', port: to.port, path: `/${path}`, method, ...(signal && { signal }) };
  const asked = request({ ...options, headers: { 'x-swath-token': to.token } });
  asked.on('error', () => {}); // also of an answer that is cut off, whose reader hears it as well
  asked.end(body);
  const [answer]: IncomingMessage[] = await once(asked, 'response');
  return { status: answer!.statusCode, result: await readBody(answer!) };
}

async function readBody(message: IncomingMessage, limit = Number.POSITIVE_INFINITY): Promise<unknown> {
  const bytes = await readUpTo(limit, message);
  if (bytes.length > limit) throw new Error(`a message of more than ${limit} bytes`);
  return JSON.parse(bytes.toString('utf8'));
}
