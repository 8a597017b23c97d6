import { hash } from 'node:crypto';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { SFNClient } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { executionsOf } from '../aws/executions.ts';
import type { Executions } from '../core/executions.ts';
import { jsonLine } from '../core/jsonLine.ts';
import { sceneEventSchema } from '../core/messages.ts';
import { eventsIn, InvalidNotification } from '../core/notification.ts';
import { jsonOrNothing } from '../observability/logs.ts';
import { noteOperations } from './awsTrouble.ts';
import { connectQueues, type DeadLetter, type DeadLetters, deadLettersOf, sendTo } from './deadLetters.ts';
import { clientConfig, inboxPrefixOf, readOutputs } from './stack.ts';
import { bold, dim, printable } from './text.ts';
import { commandFor, type Where } from './where.ts';

type Options = Where & { limit?: number; dryRun?: boolean };

type Asked =
  | { kind: 'scene' | 'sweep'; what: string; name: string; input: unknown }
  | { kind: 'request'; what: string }
  | { kind: 'none'; what: string; why: string };

/** What became of a message. `put back before` is one whose execution had been started, and that was still there. */
export type Redriven = {
  message: string;
  what: string;
  outcome: 'put back' | 'put back before' | 'to put back' | 'left';
  execution: string | null;
  /** Why it was left, or else why EventBridge could not deliver it. */
  why: string | null;
};

type RedrivePorts = {
  letters: DeadLetters;
  executions: Pick<Executions, 'start' | 'arnOf'>;
  /** Whose files are scene files of this stage. */
  inbox: { bucket: string; prefix: string };
  tell: (redriven: Redriven) => void;
};

/** Of requests: each goes back into the queue that it came by. */
type RequestPorts = Pick<RedrivePorts, 'letters' | 'tell'> & { sendBack: (body: string) => Promise<void> };

/** `swath redrive`: starts what the events in the dead-letter queue ask for, puts dead requests back, and takes both out. */
export async function redrive({ stage, limit = Infinity, dryRun = false, json, ...where }: Options): Promise<void> {
  if (stage === undefined) {
    if (json !== true)
      console.log(
        'The embedded stack has no dead-letter queue: no event can get lost on its way. Name a stage with --stage.',
      );
    return;
  }
  const config = clientConfig(where);
  const cloudFormation = noteOperations(new CloudFormationClient(config));
  const sqs = noteOperations(connectQueues(config));
  const stepFunctions = noteOperations(new SFNClient(config));
  try {
    const output = await readOutputs(stage, cloudFormation);
    const told: Redriven[] = [];
    const ports: RedrivePorts = {
      letters: deadLettersOf(output('DeadLetterQueueUrl'), sqs),
      executions: executionsOf(output('StateMachineArn'), stepFunctions),
      inbox: { bucket: output('InboxBucket'), prefix: inboxPrefixOf(output) },
      tell: (one) => {
        told.push(one);
        console.log(json === true ? jsonLine(one) : lineOf(one));
      },
    };
    await redriveAll(ports, { limit, dryRun });
    const deadRequests = output('RequestsDeadLetterQueueUrl', '');
    if (deadRequests !== '' && told.length < limit)
      await redriveRequests(
        { ...ports, letters: deadLettersOf(deadRequests, sqs), sendBack: sendTo(output('RequestsQueueUrl'), sqs) },
        { limit: limit - told.length, dryRun },
      );
    if (json !== true) console.log(summaryOf(told, dryRun, { stage, ...where }));
    process.exitCode = told.some(({ outcome }) => outcome === 'left') ? 1 : 0;
  } finally {
    for (const client of [cloudFormation, sqs, stepFunctions]) client.destroy();
  }
}

/**
 * Goes through the queue, at most `limit` messages. Each is received, started, and only then removed: interrupted
 * before the start, it comes back into the queue by itself; interrupted after it, the next redrive finds the name taken.
 */
export function redriveAll({ executions, inbox, ...ports }: RedrivePorts, how: How): Promise<void> {
  return goThrough(
    ports,
    how,
    (letter) => askedBy(letter, inbox),
    async (_letter, asked) => {
      const outcome = (await executions.start(asked.name, asked.input)) === 'started' ? 'put back' : 'put back before';
      return { outcome, execution: executions.arnOf(asked.name) };
    },
  );
}

/**
 * The same of requests. One that was put back, and could not be taken out, is there twice: its id makes it one. One that is
 * refused once more is a dead letter again while this goes on, so all are listed before the first is put back: else it would be
 * put back for ever.
 */
export async function redriveRequests({ sendBack, letters, ...ports }: RequestPorts, how: How): Promise<void> {
  const listed = new Map<string, DeadLetter>();
  for (let before = -1; before < listed.size; ) {
    before = listed.size;
    for (const letter of await letters.receive()) listed.set(letter.id, letter);
  }
  const received = [...listed.values()];
  await goThrough(
    { ...ports, letters: { ...letters, receive: async () => received.splice(0) } },
    how,
    ({ body }) => ({ kind: 'request', what: start(body) }),
    async ({ body }) => {
      await sendBack(body);
      return { outcome: 'put back', execution: null };
    },
  );
}

type How = { limit: number; dryRun: boolean };
type Wanted<Kind extends Asked> = Exclude<Kind, { kind: 'none' }>;

async function goThrough<Kind extends Asked>(
  { letters, tell }: Pick<RedrivePorts, 'letters' | 'tell'>,
  { limit, dryRun }: How,
  askedIn: (letter: DeadLetter) => Kind,
  putBack: (letter: DeadLetter, asked: Wanted<Kind>) => Promise<Pick<Redriven, 'outcome' | 'execution'>>,
): Promise<void> {
  /** They stay hidden until all have been seen, or they would come again and again. */
  const kept: DeadLetter[] = [];
  const seen = new Set<string>();
  try {
    for (;;) {
      const received = await letters.receive();
      // One that was kept shows again when so many were that its time is over: all others have been seen by then.
      const fresh = received.filter(({ id }) => !seen.has(id));
      for (const letter of received) {
        if (seen.size < limit && fresh.includes(letter)) await take(letter);
        else kept.push(letter);
      }
      if (fresh.length === 0 || seen.size >= limit) return;
    }
  } finally {
    // Best effort: otherwise they show again when their time is over.
    await Promise.allSettled(kept.map((letter) => letters.release(letter)));
  }

  async function take(letter: DeadLetter): Promise<void> {
    seen.add(letter.id);
    const asked = askedIn(letter);
    const about = { message: letter.id, what: asked.what };
    if (asked.kind === 'none' || dryRun) {
      kept.push(letter);
      if (asked.kind === 'none') tell({ ...about, outcome: 'left', execution: null, why: asked.why });
      else tell({ ...about, outcome: 'to put back', execution: null, why: letter.why });
      return;
    }
    let put: Pick<Redriven, 'outcome' | 'execution'>;
    try {
      put = await putBack(letter, asked as Wanted<Kind>);
    } catch (error) {
      kept.push(letter);
      throw error; // it would be so with the next one, too
    }
    await letters.remove(letter);
    tell({ ...about, ...put, why: letter.why });
  }
}

/** Of a message that says nothing to us, so much is shown. */
const SHOWN_CHARACTERS = 60;

const eventSchema = z.looseObject({
  id: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .optional()
    .catch(undefined),
  source: z.string(),
  'detail-type': z.string().optional(),
});

/** What an event of the queue asks for; `none`, with why, where it is not one that the rules send. */
export function askedBy({ body }: DeadLetter, inbox: RedrivePorts['inbox']): Exclude<Asked, { kind: 'request' }> {
  const none = (why: string) => ({ kind: 'none', what: start(body), why }) as const;
  const told = eventsOf(body);
  if (typeof told === 'string') return none(told);
  const event = eventSchema.safeParse(told[0]);
  if (told.length !== 1 || !event.success)
    return none(
      "it is no event: allowed is one, as EventBridge sends it with a source, or S3's notification of one object",
    );
  const { source, 'detail-type': type, id } = event.data;
  // EventBridge names an execution by its event, too; this name shows whose it is.
  const name = `redrive-${id ?? hash('sha256', body).slice(0, 32)}`;
  const input: unknown = event.data;
  if (source === 'aws.events' && type === 'Scheduled Event') return { kind: 'sweep', what: 'a sweep', name, input };
  if (source !== 'aws.s3' || (type ?? 'Object Created') !== 'Object Created')
    return none(
      `it is ${JSON.stringify(start(`${source}: ${type}`))}, allowed are "Object Created" and "Scheduled Event"`,
    );
  const asked = sceneEventSchema.safeParse(input);
  if (!asked.success) return none(`it names no scene file (${asked.error.issues[0]?.message})`);
  const { bucket, key } = asked.data.scene;
  if (bucket !== inbox.bucket) return none(`it is of the bucket ${start(bucket)}, and the inbox is ${inbox.bucket}`);
  if (!key.startsWith(inbox.prefix)) return none(`its key does not begin with ${inbox.prefix}, as the inbox does`);
  return { kind: 'scene', what: key, name, input };
}

/** What a message tells of; else why it cannot be read. */
function eventsOf(body: string): unknown[] | string {
  try {
    return eventsIn(jsonOrNothing(body));
  } catch (error) {
    if (error instanceof InvalidNotification) return error.message;
    throw error;
  }
}

function start(text: string): string {
  return text.slice(0, SHOWN_CHARACTERS);
}

function lineOf({ outcome, what, why, message }: Redriven): string {
  const word = outcome === 'left' ? `left in the queue, message ${message}` : outcome;
  return `${outcome === 'left' ? bold(word) : word}  ${printable(what)}${why === null ? '' : `  ${dim(printable(why))}`}`;
}

/** What a person is told at the end. */
export function summaryOf(told: Redriven[], dryRun: boolean, where: Partial<Where>): string {
  if (told.length === 0) return 'The dead-letter queue is empty.';
  const left = told.filter(({ outcome }) => outcome === 'left').length;
  const rest = told.length - left;
  const toDo = left === 0 ? '' : ' What is left is none of its events: see where it comes from, and delete it by hand.';
  const counts = `${rest} ${dryRun ? 'to put back' : 'put back'}${left === 0 ? '' : `, ${left} left in the queue`}`;
  return `\n${counts}.${toDo}${dryRun || rest === 0 ? '' : ` What becomes of them: ${commandFor(where, 'runs')}`}`;
}
