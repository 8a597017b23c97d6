import { hash } from 'node:crypto';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { SFNClient } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { executionsOf } from '../../aws/executions.ts';
import { connectQueues, sendTo } from '../../aws/queues.ts';
import { attempt, jsonIn, onError } from '../../core/base/errors.ts';
import type { Executions } from '../../core/base/executions.ts';
import { sceneEventSchema } from '../../core/base/messages.ts';
import { eventsIn, InvalidNotification } from '../../core/doors/notifications/notification.ts';
import { clientConfig, inboxPrefixOf, readOutputs } from '../service/stack.ts';
import { commandFor, type Where } from '../service/where.ts';
import { isDenied, noteOperations } from '../terminal/explainAwsError.ts';
import { bold, dim, print, printable } from '../terminal/output.ts';
import { type DeadLetter, type DeadLetters, deadLettersOf } from './deadLetters.ts';

type Options = Where & { limit?: number; dryRun?: boolean };

type Asked =
  | { kind: 'scene' | 'sweep'; what: string; name: string; input: unknown }
  | { kind: 'message'; what: string; to: (body: string) => Promise<void> }
  | { kind: 'none'; what: string; why: string };

/** The outcome for a message. `put back before`: its execution had been started already, but the message was still there. */
export type Redriven = {
  message: string;
  what: string;
  outcome: 'put back' | 'put back before' | 'to put back' | 'left';
  execution: string | null;
  /** Why it was left, or why it is a dead letter. */
  why: string | null;
};

/** The queue's policy denies it to everybody else: what a model has never said must not be counted. */
const OF_SERVICE =
  'only the service, and the roles that the parameter serverRoles names, may send to the queue of counts. Name the role that redrives there, deploy, and run this again';

type Put = (letter: DeadLetter) => Promise<Pick<Redriven, 'outcome' | 'execution'>>;

type RedrivePorts = {
  letters: DeadLetters;
  executions: Pick<Executions, 'start' | 'arnOf'>;
  inbox: { bucket: string; prefix: string };
  /** Puts a message back into its queue; null if the stage has none such. */
  sendBack: Record<'requests' | 'counts' | 'warehouse', ((body: string) => Promise<void>) | null>;
  tell: (redriven: Redriven) => void;
};

/** `swath redrive`: starts executions for the events in the dead-letter queue, sends requests back to their queue, and removes both. */
export async function redrive({ stage, limit = Infinity, dryRun = false, json, ...where }: Options): Promise<void> {
  if (stage === undefined) {
    if (json !== true)
      console.log(
        'The embedded stack has nothing to redrive: it loses no events, and refused requests are in queues/dead-letters of the data folder. Name a stage with --stage.',
      );
    return;
  }
  const config = clientConfig(where);
  using cloudFormation = noteOperations(new CloudFormationClient(config));
  using sqs = noteOperations(connectQueues(config));
  using stepFunctions = noteOperations(new SFNClient(config));
  const output = await readOutputs(stage, cloudFormation);
  const backTo = (url: string) => (url === '' ? null : (body: string) => sendTo(sqs)(url, body));
  const told: Redriven[] = [];
  const ports: RedrivePorts = {
    letters: deadLettersOf(output('DeadLetterQueueUrl'), sqs),
    executions: executionsOf(output('StateMachineArn'), stepFunctions),
    inbox: { bucket: output('InboxBucket'), prefix: inboxPrefixOf(output) },
    sendBack: {
      requests: backTo(output('RequestsQueueUrl', '')),
      counts: backTo(output('CountsQueueUrl', '')),
      warehouse: backTo(output('WarehouseQueueUrl', '')),
    },
    tell: (one) => {
      told.push(one);
      print(json, one, () => lineOf(one));
    },
  };
  await redriveAll(ports, { limit, dryRun });
  if (json !== true) console.log(summaryOf(told, dryRun, { stage, ...where }));
  process.exitCode = told.some(({ outcome }) => outcome === 'left') ? 1 : 0;
}

/**
 * Redrives up to `limit` messages. An execution starts before its event is removed: the next redrive finds its name taken.
 * Requests are sent back at the end, as one that is refused again is a dead letter at once. Two of an id do no harm.
 */
export async function redriveAll(ports: RedrivePorts, { limit, dryRun }: Required<Pick<Options, 'limit' | 'dryRun'>>) {
  const { letters, executions, tell } = ports;
  /** Messages received and not removed. They stay hidden until all have been seen, or they would be received again and again. */
  const held = new Map<string, DeadLetter>();
  const seen = new Set<string>();
  const messages: { id: string; what: string; to: (body: string) => Promise<void> }[] = [];
  try {
    for (let seenBefore = 0; seen.size < limit; ) {
      const received = await letters.receive();
      const fresh = received.filter(({ id }) => !seen.has(id));
      for (const letter of received) held.set(letter.id, letter); // the newest receipt counts
      for (const letter of fresh) if (seen.size < limit) await take(letter);
      // Held messages become visible again when their timeout ends: when only those come, the queue has no others.
      seenBefore = fresh.length > 0 ? 0 : seenBefore + received.length;
      if (received.length === 0 || (fresh.length === 0 && seenBefore >= held.size)) break;
    }
    for (const { id, what, to } of messages) {
      const put: Put = async ({ body }) => to(body).then(() => ({ outcome: 'put back', execution: null }));
      const letter = held.get(id)!;
      await putBack(letter, what, put).catch((error: Error) => {
        if (letter.from !== 'counts' || !isDenied(error)) throw error;
        tell({ message: id, what, outcome: 'left', execution: null, why: OF_SERVICE });
      });
    }
  } finally {
    // Best effort: otherwise they become visible when their timeout ends.
    await Promise.allSettled([...held.values()].map((letter) => letters.release(letter)));
  }

  async function take(letter: DeadLetter): Promise<void> {
    seen.add(letter.id);
    const asked = askedBy(letter, ports);
    const about = { message: letter.id, what: asked.what, execution: null };
    if (asked.kind === 'none') tell({ ...about, outcome: 'left', why: asked.why });
    else if (dryRun) tell({ ...about, outcome: 'to put back', why: letter.why });
    else if (asked.kind === 'message') messages.push({ id: letter.id, what: asked.what, to: asked.to });
    else
      await putBack(letter, asked.what, async () => {
        const isNew = (await executions.start(asked.name, asked.input)) === 'started';
        return { outcome: isNew ? 'put back' : 'put back before', execution: executions.arnOf(asked.name) };
      });
  }

  /** An error ends the redrive: it would affect the next message, too. */
  async function putBack(letter: DeadLetter, what: string, put: Put): Promise<void> {
    const done = await put(letter);
    await letters.remove(letter);
    held.delete(letter.id);
    tell({ message: letter.id, what, ...done, why: letter.why });
  }
}

const eventSchema = z.looseObject({
  id: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .optional()
    .catch(undefined),
  source: z.string(),
  'detail-type': z.string().optional(),
});

/** Determines what a message asks for: events by their content, others by their queue, as a request can be anything. */
export function askedBy(letter: DeadLetter, { inbox, sendBack }: Pick<RedrivePorts, 'inbox' | 'sendBack'>): Asked {
  const event = eventIn(letter, inbox);
  if (event.kind !== 'none' || letter.from === null) return event;
  const to = sendBack[letter.from];
  if (to !== null) return { kind: 'message', what: event.what, to };
  return { ...event, why: `it is of the queue of ${letter.from}, which this stage no longer has` };
}

/** Determines what an event asks for; `none`, with a reason, if the rules do not send such events. */
function eventIn({ body }: DeadLetter, inbox: RedrivePorts['inbox']): Exclude<Asked, { kind: 'message' }> {
  const none = (why: string) => ({ kind: 'none', what: start(body), why }) as const;
  const unread = onError(InvalidNotification, ({ message }) => message);
  const told = attempt(() => eventsIn(jsonIn(body)), unread);
  if (typeof told === 'string') return none(told);
  const event = eventSchema.safeParse(told[0]);
  if (told.length !== 1 || !event.success)
    return none(
      "it is not an event: allowed is one from EventBridge, with a source, or S3's notification of one object",
    );
  const { source, 'detail-type': type, id } = event.data;
  // EventBridge also derives execution names from events; the prefix marks those of a redrive.
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
  if (bucket !== inbox.bucket) return none(`it is from the bucket ${start(bucket)}, and the inbox is ${inbox.bucket}`);
  if (!key.startsWith(inbox.prefix)) return none(`its key does not begin with ${inbox.prefix}, as the inbox does`);
  return { kind: 'scene', what: key, name, input };
}

const start = (text: string): string => text.slice(0, 60);

function lineOf({ outcome, what, why, message }: Redriven): string {
  const word = outcome === 'left' ? `left in the queue, message ${message}` : outcome;
  return `${outcome === 'left' ? bold(word) : word}  ${printable(what)}${why === null ? '' : `  ${dim(printable(why))}`}`;
}

export function summaryOf(told: Redriven[], dryRun: boolean, where: Partial<Where>): string {
  if (told.length === 0) return 'The dead-letter queue is empty.';
  const left = told.filter(({ outcome }) => outcome === 'left').length;
  const denied = told.filter(({ why }) => why === OF_SERVICE).length;
  const rest = told.length - left;
  const toDo =
    left === denied
      ? ''
      : ' This stage can do nothing with what is left: find out where it is from, and delete it by hand.';
  const counts = `${rest} ${dryRun ? 'to put back' : 'put back'}${left === 0 ? '' : `, ${left} left in the queue`}`;
  return `\n${counts}.${toDo}${dryRun || rest === 0 ? '' : ` See how they end: ${commandFor(where, 'runs')}`}`;
}
