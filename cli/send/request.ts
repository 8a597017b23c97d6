import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Service } from '../../console/service.ts';
import { attempt, InvalidMessage, InvalidSceneFile, insteadOf } from '../../core/base/errors.ts';
import { requestKey } from '../../core/base/keys.ts';
import { SCENE_LIMITS, type SceneLimits } from '../../core/base/limits.ts';
import { nullIfNotFound } from '../../core/base/objectStore.ts';
import { percent } from '../../core/base/text/numbers.ts';
import type { Answer, Result } from '../../core/doors/requests/answer.ts';
import { makeAnswerTaken } from '../../core/doors/requests/answerTaken.ts';
import { assertReply, parseRequest, type Request, splitRequest } from '../../core/doors/requests/request.ts';
import { isSameRequest, locateRequest, modelOfRequest } from '../../core/doors/requests/taken.ts';
import { storedIn } from '../../core/package/bands.ts';
import type { Chip, ModelPackage } from '../../core/package/package.ts';
import { csv } from '../../core/scenes/formats/csv/format.ts';
import { inOneChunk, rangesIn } from '../../core/scenes/rangesIn.ts';
import { commandFor, type Where, withService } from '../service/ledger.ts';
import { bold, dim, print, printable, table, WrongUse } from '../terminal/output.ts';
import { checkNoFolder, until } from './scene.ts';

type Named = { id?: string | undefined; model?: string | undefined };
type Options = Where & Named & { follow: boolean };

const LOOK_MILLISECONDS = 500;
/** A queue delivers messages within seconds; a request that is not taken after this time is stuck. */
const TAKEN_MILLISECONDS = 10 * 60_000;

export async function request(files: string[], { id, model, follow, ...where }: Options): Promise<void> {
  const read = readFiles(files, { id, model }); // fails before the service is opened
  await withService(where, async (service) => {
    const door = service.requests;
    if (door === null)
      throw new WrongUse(`the stage ${service.stage} takes no requests: deploy it again with --param="requests=true".`);
    const bodies = await bodiesOf(read, { id, model }, async (table) => {
      const named = parseRequest(JSON.stringify({ id: 'rows', model, inputs: [null] }));
      return rowsOf(table, await service.models.load(await modelOfRequest(service.models, named)), SCENE_LIMITS);
    });
    for (const body of bodies) assertReply(parseRequest(body), door.url, service.parameters.replyQueues); // fails before anything is sent
    let hasFailed = false;
    for (const body of bodies) {
      const asked = parseRequest(body);
      const split = splitRequest(asked, { bucket: service.inboxBucket, prefix: service.inboxPrefix });
      const ref = await modelOfRequest(service.models, asked);
      await isKept(service, asked); // reports another request with its id at once
      await door.send(body);
      if (!follow) {
        const next =
          where.stage === undefined ? dim(`  It is taken while a stack runs: ${commandFor(where, 'start')}`) : '';
        print(where.json, { id: asked.id }, () => `sent  ${printable(asked.id)}${next}`);
        continue;
      }
      const limit = Date.now() + TAKEN_MILLISECONDS;
      const isEnough = (isTaken: boolean) => isTaken || Date.now() > limit;
      if (!(await until(() => isKept(service, asked), isEnough, LOOK_MILLISECONDS)))
        throw new Error(
          `the request ${asked.id} was not taken within ${TAKEN_MILLISECONDS / 60_000} minutes. "${commandFor(where, 'logs --function collect')}" may say why.`,
        );
      const { taken } = await locateRequest(service, asked, split, ref);
      const answerTaken = makeAnswerTaken({ ...service, sceneLimits: SCENE_LIMITS });
      const isMade = (made: unknown) => made !== null;
      const { answer } = (await until(() => answerTaken(taken), isMade, LOOK_MILLISECONDS))!;
      hasFailed ||= answer.errors > 0;
      print(where.json, answer, () => shown(answer));
    }
    process.exitCode = hasFailed ? 1 : 0;
  });
}

type File = { name: string; bytes: Buffer };
type Read = { requests: string[]; images: File[]; tables: File[] };
type AskedInput = { id: string; image: string } | { id: string; values: number[] };

export function readFiles(files: readonly string[], { id, model }: Named): Read {
  for (const file of files) checkNoFolder(file, 'an image, a table (.csv) or a request (.json)');
  const endsWith = (ending: string) => (file: string) => file.toLowerCase().endsWith(ending);
  const [isRequest, isTable] = [endsWith('.json'), endsWith('.csv')];
  const read = (file: string): File => ({ name: basename(file), bytes: readFileSync(file) });
  const requests = files.filter(isRequest).map(read).map(textOf);
  if (requests.length === files.length && (id !== undefined || model !== undefined))
    throw new WrongUse('--id and --model are for images and values: a request file contains both.');
  for (const body of requests) parseRequest(body);
  const inputs = files.filter((file) => !isRequest(file));
  const byName = Map.groupBy(inputs, (file) => basename(file));
  const twice = [...byName.values()].find((those) => new Set(those).size > 1);
  if (twice !== undefined)
    throw new WrongUse(`${twice.join(', ')}: found one name twice, allowed are names that differ: they are ids.`);
  return {
    requests,
    images: inputs.filter((file) => !isTable(file)).map(read),
    tables: files.filter(isTable).map(read),
  };
}

function textOf({ name, bytes }: File): string {
  const message = `${name}: found a request that is not UTF-8, allowed is UTF-8.`;
  const wrong = insteadOf(Error, (cause) => new WrongUse(message, { cause }));
  return attempt(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes), wrong);
}

/** The requests to send: request files as they are, and one for all images and rows of values. */
export async function bodiesOf(
  { requests, images, tables }: Read,
  { id, model }: Named,
  rowsOf: (table: File) => Promise<AskedInput[]>,
): Promise<string[]> {
  const inputs: AskedInput[] = images.map(({ name, bytes }) => ({ id: name, image: bytes.toString('base64') }));
  for (const table of tables) inputs.push(...(await rowsOf(table)));
  if (inputs.length === 0) return requests;
  const own = { ...(model !== undefined && { model }), inputs };
  const name = id ?? `cli-${hash('sha256', JSON.stringify(own)).slice(0, 24)}`;
  return [...requests, JSON.stringify({ id: name, ...own })];
}

/** Reads rows of values like a table in the inbox: the package's bands by the names of the columns. */
export async function rowsOf({ name, bytes }: File, model: ModelPackage, limits: SceneLimits) {
  const scene = { key: name, size: bytes.length, chunks: inOneChunk(bytes), range: rangesIn(bytes) };
  const stored = { ...model, source: storedIn(model.source) }; // the service scales them
  const valuesOf = ({ planes }: Chip) => planes.map(([value]) => Number(value));
  // A chip is valid until the next one comes.
  const reading = Array.fromAsync(csv.makeReader(stored, limits)(scene), (chips) => Array.from(chips, valuesOf));
  const wrong = insteadOf(InvalidSceneFile, (cause) => new WrongUse(cause.message, { cause }));
  return (await reading.catch(wrong)).flat().map((values, row) => ({ id: `${name} ${row}`, values }));
}

/** Whether the service has stored the request. Throws `InvalidMessage` if another request has its id. */
async function isKept({ readResult, ledger }: Service, asked: Request): Promise<boolean> {
  await ledger.judgedUntil(); // throws if the process with the queue is gone, which the results do not tell
  const found = await readResult(requestKey(asked.id)).catch(nullIfNotFound);
  if (found === null) return false;
  if (isSameRequest(found, asked)) return true;
  throw new InvalidMessage(
    `The request ${asked.id} is refused: another request has this id, with different bytes. Send it with another id.`,
  );
}

function shown({ id, model, version, results, files, leftOut }: Answer): string {
  const rows = (results ?? []).map((one) => [String(one.index), one.id ?? '', saidOf(one)].map(printable));
  const told = results === null ? String(leftOut) : table(['input', 'id', 'prediction'], rows);
  return `${bold(printable(id))}  ${dim(`${model} ${version}`)}\n${told}\n${dim(files.map(printable).join('\n'))}`;
}

function saidOf(result: Result): string {
  if (result.error !== null) return result.error;
  const said = result as Result & Record<string, unknown>;
  const value = said['class'] ?? said['labels'] ?? said['value'] ?? said['state'];
  const { probability, share } = said;
  const sure = typeof probability === 'number' ? ` (${percent(probability)})` : '';
  const extent = typeof share === 'number' ? ` on ${percent(share)} of its pixels` : sure;
  const predicted = value === undefined ? [] : [`${Array.isArray(value) ? value.join(', ') : value}${extent}`];
  return [...predicted, ...result.warnings].join('  ');
}
