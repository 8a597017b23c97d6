import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Service } from '../console/service.ts';
import { InvalidMessage } from '../core/errors.ts';
import { jsonLine } from '../core/jsonLine.ts';
import { nullIfNotFound } from '../core/objectStore.ts';
import type { Answer, Result } from '../core/requests/answer.ts';
import { makeAnswerTaken } from '../core/requests/answerTaken.ts';
import { modelOfRequest } from '../core/requests/modelOfRequest.ts';
import { parseRequest, type Request } from '../core/requests/request.ts';
import { type SplitRequest, splitRequest } from '../core/requests/splitRequest.ts';
import { locateRequest } from '../core/requests/taken.ts';
import { readParameters } from '../deployment/defaults.ts';
import { WrongUse } from './failure.ts';
import { withService } from './ledger.ts';
import { bold, dim, printable, table } from './text.ts';
import { commandFor, type Where } from './where.ts';

type Named = { id?: string | undefined; model?: string | undefined };
type Options = Where & Named & { follow: boolean };

const LOOK_MILLISECONDS = 500;
/** A queue hands messages on within seconds; where one is not taken in so long, something is wrong with it. */
const TAKEN_MILLISECONDS = 10 * 60_000;

/** `swath request FILE…`: through the queue of requests, and along with each to its answer. */
export async function request(files: string[], { id, model, follow, ...where }: Options): Promise<void> {
  const bodies = bodiesOf(files, { id, model });
  for (const body of bodies) parseRequest(body); // before anything is sent
  await withService(
    where,
    async (service) => {
      const door = service.requests;
      if (door === null)
        throw new WrongUse(
          `the stage ${service.stage} takes no requests: deploy it once more with --param="requests=true".`,
        );
      let hasFailed = false;
      for (const body of bodies) {
        const asked = parseRequest(body);
        const split = splitRequest(asked, { bucket: door.inboxBucket, prefix: service.inboxPrefix });
        const ref = await modelOfRequest(service.models, asked);
        await isKept(service, asked, split); // another one of its id is told at once
        await door.send(body);
        if (!follow) {
          console.log(where.json === true ? jsonLine({ id: asked.id }) : `sent  ${printable(asked.id)}`);
          continue;
        }
        await untilKept(service, asked, split, where);
        const ports = { findObject: door.find, resultsBucket: door.resultsBucket };
        const { taken } = await locateRequest(ports, asked, split, ref);
        const { sceneLimits } = limitsOf();
        const answerTaken = makeAnswerTaken({ ...service, ...door, sceneLimits });
        let made = await answerTaken(taken);
        while (made === null) {
          await pause(LOOK_MILLISECONDS);
          made = await answerTaken(taken);
        }
        hasFailed ||= made.answer.errors > 0;
        console.log(where.json === true ? jsonLine(made.answer) : shown(made.answer));
      }
      process.exitCode = hasFailed ? 1 : 0;
    },
    { mayBeNew: false },
  );
}

/** What is sent: requests as they are, and one for all of the images. */
export function bodiesOf(files: readonly string[], { id, model }: Named): string[] {
  const isRequest = (file: string) => file.toLowerCase().endsWith('.json');
  const images = files.filter((file) => !isRequest(file));
  if (images.length === 0 && (id !== undefined || model !== undefined))
    throw new WrongUse('--id and --model are for images: a request in a file says both itself.');
  const inputs = images.map((file) => ({ id: basename(file), image: readFileSync(file).toString('base64') }));
  const own = { ...(model !== undefined && { model }), inputs };
  const name = id ?? `cli-${hash('sha256', JSON.stringify(own)).slice(0, 24)}`;
  return [
    ...files.filter(isRequest).map((file) => readFileSync(file, 'utf8')),
    ...(inputs.length === 0 ? [] : [JSON.stringify({ id: name, ...own })]),
  ];
}

/** Whether the request is kept by now. Throws `InvalidMessage` where another one has its id. */
async function isKept({ readResult }: Service, { id }: Request, { object }: SplitRequest): Promise<boolean> {
  const found = await readResult(object.key).catch(nullIfNotFound);
  if (found === null) return false;
  if (Buffer.compare(found, object.bytes) === 0) return true;
  throw new InvalidMessage(
    `The request ${id} cannot be taken: there is one of this id with other bytes. Send it with an id of its own.`,
  );
}

async function untilKept(service: Service, asked: Request, split: SplitRequest, where: Where): Promise<void> {
  const limit = Date.now() + TAKEN_MILLISECONDS;
  while (!(await isKept(service, asked, split))) {
    if (Date.now() > limit)
      throw new Error(
        `the request ${asked.id} was not taken within ${TAKEN_MILLISECONDS / 60_000} minutes. "${commandFor(where, 'logs --function collect')}" may say why.`,
      );
    await pause(LOOK_MILLISECONDS);
  }
}

function limitsOf() {
  const { maxFileBytes, maxRecordBytes, maxChips } = readParameters();
  return {
    sceneLimits: {
      maxFileBytes: Number(maxFileBytes),
      maxRecordBytes: Number(maxRecordBytes),
      maxChips: Number(maxChips),
    },
  };
}

function shown({ id, model, version, results, files, leftOut }: Answer): string {
  const rows = (results ?? []).map((one) => [String(one.index), one.id ?? '', saidOf(one)].map(printable));
  const told = results === null ? String(leftOut) : table(['input', 'id', 'prediction'], rows);
  return `${bold(printable(id))}  ${dim(`${model} ${version}`)}\n${told}\n${dim(files.map(printable).join('\n'))}`;
}

/** What is predicted for an input in a few words: `--json` has all of it. */
function saidOf(result: Result): string {
  if (result.error !== null) return result.error;
  const said = result as Result & Record<string, unknown>;
  const value = said['class'] ?? said['labels'] ?? said['value'] ?? said['state'];
  const share = said['probability'];
  const sure = typeof share === 'number' ? ` (${Math.round(100 * share)} %)` : '';
  return value === undefined ? result.warnings.join(' ') : `${Array.isArray(value) ? value.join(', ') : value}${sure}`;
}
