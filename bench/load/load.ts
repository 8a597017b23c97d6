import { parseArgs } from 'node:util';
import { askAll, type Load } from './client.ts';
import { digitBodies } from './digits.ts';
import { readServer, type ServerCounts } from './serverCounts.ts';
import { startSwath } from './servers.ts';
import { histogram, summary } from './text.ts';

/** `npm run load`: many clients at once ask for predictions over HTTP, and what they see is drawn. */

const HELP = `npm run load -- [--clients 32] [--seconds 30] [--inputs 1] [--as images|bands|values] [--url URL] [--threads N] [--json]

Asks a server of predictions for digits, from so many clients at once, each of which asks again as soon as it has its answer.

  --clients N   how many ask at once; default: 32
  --seconds N   for how long; the seconds before, a tenth of that, are not counted; default: 30
  --inputs N    images in each request; default: 1
  --as KIND     how they are sent: images (PNG), bands or values; default: images
  --url URL     a server that runs, and has the model digits; default: one of its own
  --key KEY     what to send as x-api-key
  --threads N   of its own server, the threads that run models; default: as many as there are cores
  --json        the figures as JSON

Exit code: 0 when every request was answered, 1 when one was not, 2 on wrong use.`;

type Options = Load & { url: string | undefined; threads: string | undefined; json: boolean };

const options = readOptions(process.argv.slice(2));
const own = options.url === undefined ? await startSwath({ threads: options.threads }) : undefined;
try {
  const found = await measure(options, options.url ?? own!.url);
  console.log(options.json ? JSON.stringify(found) : `${summary(found)}\n\n${histogram(found.milliseconds)}`);
  process.exitCode = found.errors === 0 ? 0 : 1;
} finally {
  await own?.stop();
}

async function measure(load: Load, url: string) {
  const bodies = await digitBodies(load.inputs, load.kind);
  const target = { url: new URL('/v1/models/digits/predictions', url), bodies, key: load.key };
  await askAll(target, load.clients, load.seconds / 10);
  const before = await readServer(url, load.key);
  const timings = await askAll(target, load.clients, load.seconds);
  return { ...load, ...timings, server: difference(before, await readServer(url, load.key)) };
}

function difference(before: ServerCounts | null, after: ServerCounts | null): ServerCounts | null {
  if (before === null || after === null) return null;
  return {
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    batches: after.batches - before.batches,
    batchInputs: after.batchInputs - before.batchInputs,
  };
}

/** Wrong use ends the process with 2, and a wish for help with 0. */
function readOptions(args: string[]): Options {
  try {
    const text = { type: 'string' } as const;
    const flags = { json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h' } } as const;
    const { values } = parseArgs({
      args,
      options: { clients: text, seconds: text, inputs: text, as: text, url: text, key: text, threads: text, ...flags },
    });
    if (values.help === true) {
      console.log(HELP);
      process.exit(0);
    }
    const { as: kind = 'images', url, key, threads, json } = values;
    if (kind !== 'images' && kind !== 'bands' && kind !== 'values')
      throw new Error(`--as: found ${kind}, allowed are images, bands, values`);
    const [clients, seconds, inputs] = [
      wholeIn('--clients', values.clients, 32, 1000),
      wholeIn('--seconds', values.seconds, 30, 3600),
      wholeIn('--inputs', values.inputs, 1, 500),
    ] as const;
    return { clients, seconds, inputs, kind, key, url, threads, json };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    process.exit(2);
  }
}

function wholeIn(name: string, given: string | undefined, usual: number, most: number): number {
  const value = Number(given ?? usual);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new Error(`${name}: found ${given}, allowed is a whole number from 1 to ${most}`);
}
