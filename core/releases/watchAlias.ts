import { hash } from 'node:crypto';
import * as z from 'zod';
import { InvalidModelPackage, jsonIn, onError, TransientTrouble } from '../base/errors.ts';
import { watchedKey } from '../base/keys.ts';
import { MAX_PACKAGE_TEXT_BYTES } from '../base/limits.ts';
import type { ModelRef } from '../base/messages.ts';
import { type Bucket, nullIfNotFound } from '../base/objectStore.ts';
import { type CommandPlace, commandFor } from '../base/text/commandFor.ts';
import { makeModels, noneIfInvalid } from './models.ts';
import type { PackageSource } from './origins/packageSource.ts';
import { readPublication } from './publication.ts';
import { type CheckModel, type Published, publishPackage } from './publishPackage.ts';

export type Notice = { subject: string; text: string };

/**
 * What has become of a candidate, and a description of it. `shadows` and `waits`: it is checked again; `queues`: likewise,
 * and it has not started to shadow yet. `left`: a person has to promote it. `promoted` and `refused`: its gate has decided.
 */
export type Followed = { state: 'shadows' | 'queues' | 'waits' | 'left' | 'promoted' | 'refused'; said: string };

/** Handles a candidate automatically: when it is published, and at every later check. */
export type Follow = {
  begin: (candidate: ModelRef) => Promise<Followed>;
  decide: (candidate: ModelRef) => Promise<Followed>;
  /** Ends its shadow: only after people know of the refusal, so that a check that was interrupted is repeated. */
  end: (candidate: ModelRef) => Promise<void>;
};

export type WatchPorts = {
  from: string;
  /** Looks up what it points to now; throws as `openRegistered` does. */
  open: () => Promise<PackageSource>;
  bucket: Pick<Bucket, 'read' | 'write' | 'readVersion' | 'replaceVersion'>;
  checkModel: CheckModel;
  follow: Follow;
  tell: (notice: Notice) => Promise<void>;
  /** For the commands in messages. */
  place: CommandPlace;
  now: () => Date;
};

/** `isFollowed`: its gate has yet to decide. */
export type Look = Said & { candidate: ModelRef | null; isFollowed?: boolean };
type Said = { outcome: Outcome; said: string; isTold: boolean };
/** `unchanged`: seen, published, promoted before. `refused`: not publishable. `held`: its gate did not let it pass. */
export type Outcome = 'candidate' | 'promoted' | 'held' | 'unchanged' | 'refused' | 'unreachable';

/** What was seen last; stored beside the models, so that each event is reported once, whoever checks. */
const seenSchema = z.object({
  from: z.string(),
  /** The digest of the package that was last published, or found to be published. */
  digest: z.string().nullable(),
  /** Whether its gate has yet to decide. */
  isFollowed: z.boolean().default(false),
  /** Whether it has yet to start shadowing the live version, because another one is doing so. */
  isQueued: z.boolean().default(false),
  /** Why the current package cannot be published; null if it can. */
  refused: z.string().nullable(),
  isUnreachable: z.boolean(),
});
type Seen = z.infer<typeof seenSchema>;

/**
 * Checks once what an alias of a registry points to. A new package is published as a candidate, and followed from then on.
 * The package is read every time, because only that shows that its bytes are still the published ones.
 *
 * The order: the version is published, then reported, then remembered as seen. A crash in between repeats the report.
 */
export async function watchAlias(ports: WatchPorts): Promise<Look> {
  const memory = await openMemory(ports);
  const { open, bucket, checkModel, from, now } = ports;
  const publishing = open().then((source) => publishPackage(source, { bucket, checkModel, from, at: now() }));
  const published = await publishing.catch(onError([TransientTrouble, InvalidModelPackage], (error) => error));
  if (published instanceof TransientTrouble) return unreachable(ports, memory, published);
  if (published instanceof InvalidModelPackage) return refused(ports, memory, published);
  const { digest, isFollowed } = memory.seen;
  if (digest === published.digest && isFollowed) return goOn(ports, memory, published);
  return takeCandidate(ports, memory, published);
}

/** Handles a version that the alias points to: people are notified if it came by the alias and is not live. */
async function takeCandidate(ports: WatchPorts, memory: Memory, { name, version, digest }: Published): Promise<Look> {
  const candidate = { name, version };
  const called = `${name} ${version}`;
  const isNews = memory.seen.digest !== digest && (await isCandidate(ports, candidate));
  if (!isNews) {
    await memory.write({ ...OVER, digest });
    return { outcome: 'unchanged', said: `${ports.from} is ${called}, as before.`, isTold: false, candidate };
  }
  const said = `${ports.from} is ${called} now, which is published as a candidate. Its digest: ${digest}.`;
  const followed = await ports.follow.begin(candidate);
  await tellOfCandidate(ports, candidate, `${said}\n\n${followed.said}`);
  await memory.write({ ...OVER, digest, ...stateOf(followed) });
  const { isFollowed } = stateOf(followed);
  return { outcome: 'candidate', said: `${said} ${followed.said}`, isTold: true, candidate, isFollowed };
}

function tellOfCandidate({ tell, place }: WatchPorts, { name, version }: ModelRef, said: string): Promise<void> {
  const commands = [`model list ${name}`, `model promote ${name}/${version}`].map((one) => commandFor(place, one));
  const text = `${said} To see it beside the live version, and to promote it:\n\n  ${commands.join('\n  ')}`;
  return tell({ subject: `A candidate: ${name} ${version}`, text });
}

function stateOf({ state }: Followed): Pick<Seen, 'isFollowed' | 'isQueued'> {
  return { isFollowed: state === 'shadows' || state === 'queues' || state === 'waits', isQueued: state === 'queues' };
}

/**
 * Checks whether the gate has decided on a candidate that shadows the live version, or whether one that is queued shadows it
 * now. Of that people were told, so they are also told if it will not.
 */
async function goOn(ports: WatchPorts, memory: Memory, { name, version }: Published): Promise<Look> {
  const candidate = { name, version };
  const called = `${name} ${version}`;
  const isQueued = memory.seen.isQueued && (await isCandidate(ports, candidate));
  const followed = await (isQueued ? ports.follow.begin(candidate) : ports.follow.decide(candidate));
  const { state } = followed;
  const said = `${ports.from} is ${called}. ${followed.said}`;
  const isLeft = isQueued && state === 'left';
  if (isLeft) await tellOfCandidate(ports, candidate, said);
  const isOver = state === 'promoted' || state === 'refused';
  const subject = state === 'promoted' ? `Promoted: ${called}` : `The gate has not let ${called} pass`;
  if (isOver) await ports.tell({ subject, text: `${ports.from}: ${followed.said}` });
  if (state === 'refused') await ports.follow.end(candidate);
  await memory.write({ ...OVER, ...stateOf(followed) });
  const outcome = state === 'promoted' ? 'promoted' : state === 'refused' ? 'held' : 'unchanged';
  return { outcome, said, isTold: isOver || isLeft, candidate, isFollowed: memory.seen.isFollowed };
}

/** Returns whether a version came by this alias and is not live yet. */
async function isCandidate({ bucket, from }: WatchPorts, candidate: ModelRef): Promise<boolean> {
  if ((await readPublication(bucket.read, candidate).catch(nullIfNotFound))?.from !== from) return false;
  const promotion = await makeModels(bucket.read, candidate.name).promotion().catch(noneIfInvalid);
  return promotion?.version !== candidate.version;
}

/** A registry that is down changes nothing: live version and candidate stay. It is reported once until it is back. */
async function unreachable({ from, tell }: WatchPorts, memory: Memory, { message }: Error): Promise<Look> {
  const isNews = !memory.seen.isUnreachable;
  const said = `${from} cannot be looked up: ${message}`;
  const text = `${said}\n\nThe live version goes on, and the next sweep asks again. You are told of this once.`;
  if (isNews) await tell({ subject: 'The model registry does not answer', text });
  await memory.write({ isUnreachable: true });
  return { outcome: 'unreachable', said, isTold: isNews, candidate: null };
}

async function refused({ from, tell }: WatchPorts, memory: Memory, { message }: Error): Promise<Look> {
  const said = message.startsWith(from) ? message : `${from}: ${message}`;
  const isNews = memory.seen.refused !== said;
  const text = `${said}\n\nNothing was published; the live version goes on. You are told of this once.`;
  if (isNews) await tell({ subject: 'A model version was refused', text });
  await memory.write({ ...OVER, refused: said });
  return { outcome: 'refused', said, isTold: isNews, candidate: null };
}

const OVER = { refused: null, isUnreachable: false };

type Memory = { readonly seen: Seen; write: (changed: Partial<Seen>) => Promise<void> };

/** What was seen last, written only if it changes. */
async function openMemory({ from, bucket }: WatchPorts): Promise<Memory> {
  const key = watchedKey(hash('sha256', from).slice(0, 16));
  const none: Seen = { ...OVER, from, digest: null, isFollowed: false, isQueued: false };
  const bytes = await bucket.read(key, MAX_PACKAGE_TEXT_BYTES).catch(nullIfNotFound);
  let seen = seenSchema.safeParse(jsonIn(new TextDecoder().decode(bytes ?? undefined))).data ?? none; // foreign content is overwritten
  return {
    get seen() {
      return seen;
    },
    write: async (changed) => {
      const next = { ...seen, ...changed };
      if (JSON.stringify(next) === JSON.stringify(seen)) return;
      await bucket.write(key, new TextEncoder().encode(`${JSON.stringify(next)}\n`));
      seen = next;
    },
  };
}
