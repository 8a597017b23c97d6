import { Agent, type OutgoingHttpHeaders, request } from 'node:http';

export type Kind = 'images' | 'bands' | 'values';
export type Load = { clients: number; seconds: number; inputs: number; kind: Kind; key: string | undefined };

export type Timings = {
  /** How long each answer took, in order of their lengths. */
  milliseconds: number[];
  /** From the first request to the last answer. */
  elapsedSeconds: number;
  /** Requests that had no answer, or another status than 200, or an input with an error. */
  errors: number;
};

export type Target = { url: URL; bodies: readonly Buffer[]; key: string | undefined; headers?: OutgoingHttpHeaders };

/** Has so many clients ask, each one request after the other, for so long, and until so many have been answered. */
export async function askAll(target: Target, clients: number, seconds: number, least = 0): Promise<Timings> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const milliseconds: number[] = [];
  let errors = 0;
  let asked = 0;
  const started = performance.now();
  const until = started + seconds * 1000;
  const client = async () => {
    while (asked < least || performance.now() < until) {
      const body = target.bodies[asked % target.bodies.length]!;
      asked += 1;
      const began = performance.now();
      const isFine = await ask(target, agent, body);
      milliseconds.push(performance.now() - began);
      if (!isFine) errors += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const elapsedSeconds = (performance.now() - started) / 1000;
  agent.destroy();
  return { milliseconds: milliseconds.sort((a, b) => a - b), elapsedSeconds, errors };
}

/** Sends all bodies at once, and waits for the last answer. Throws where one is none. */
export async function askTogether(target: Target): Promise<number> {
  const agent = new Agent({ keepAlive: true });
  const started = performance.now();
  const isFine = await Promise.all(target.bodies.map((body) => ask(target, agent, body)));
  const milliseconds = performance.now() - started;
  agent.destroy();
  if (isFine.includes(false)) throw new Error(`${target.url} had no answer for a request, or an error for an input.`);
  return milliseconds;
}

function ask({ url, key, headers: own }: Target, agent: Agent, body: Buffer): Promise<boolean> {
  const headers = {
    'content-type': 'application/json',
    ...own,
    'content-length': body.length,
    ...(key && { 'x-api-key': key }),
  };
  return new Promise((resolve) => {
    const asked = request(url, { method: 'POST', agent, headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () => resolve(response.statusCode === 200 && !Buffer.concat(pieces).includes('"error":"')));
      response.on('error', () => resolve(false));
    });
    asked.on('error', () => resolve(false));
    asked.end(body);
  });
}
