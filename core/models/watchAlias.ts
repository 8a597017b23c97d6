import { createHash } from 'node:crypto';
import * as z from 'zod';
import { InvalidModelPackage, ObjectNotFound, TransientTrouble } from '../errors.ts';
import { watchedKey } from '../keys.ts';
import { MAX_PACKAGE_TEXT_BYTES } from '../limits.ts';
import type { ModelRef } from '../messages.ts';
import type { Bucket } from '../objectStore.ts';
import { makeModels, noneIfInvalid } from './models.ts';
import type { PackageSource } from './origins/packageSource.ts';
import { readPublication } from './publication.ts';
import { type CheckModel, type Published, publishPackage } from './publishPackage.ts';

/** What people are told, once: of a candidate, or of why there is none. */
export type Notice = { subject: string; text: string };

/**
 * What has become of a candidate, and the same in a sentence or more. `shadows` and `waits`: it is looked at again; `queues`: so it is, and has
 * yet to begin. `left`: it is for people to promote. `promoted` and `refused`: its gate has decided.
 */
export type Followed = { state: 'shadows' | 'queues' | 'waits' | 'left' | 'promoted' | 'refused'; said: string };

/** What becomes of a candidate without anybody's doing: as it is published, and with each look from then on. */
export type Follow = {
  begin: (candidate: ModelRef) => Promise<Followed>;
  decide: (candidate: ModelRef) => Promise<Followed>;
};

export type WatchPorts = {
  /** The alias that is watched, as it is written. */
  from: string;
  /** Looks up what it points to now; throws as `openRegistered` does. */
  open: () => Promise<PackageSource>;
  bucket: Pick<Bucket, 'read' | 'write'>;
  checkModel: CheckModel;
  /** What becomes of a candidate from then on. */
  follow: Follow;
  tell: (notice: Notice) => Promise<void>;
  /** Whose models they are, for the commands in what is told; null on a laptop. */
  stage: string | null;
  now: () => Date;
};

/** What a look came to, in a sentence, and whether somebody was told. */
export type Look = { outcome: Outcome; said: string; isTold: boolean; candidate: ModelRef | null };
/**
 * `unchanged`: it is what was seen before, or what is published or promoted already. `refused`: it is none to publish, and `held`: its gate has
 * not let it pass.
 */
export type Outcome = 'candidate' | 'promoted' | 'held' | 'unchanged' | 'refused' | 'unreachable';

/** What was seen last; kept beside the models, so that each event is told once whoever looks. */
const seenSchema = z.object({
  from: z.string(),
  /** The digest of the package that was published, or found published, last. */
  digest: z.string().nullable(),
  /** Whether the gate is still to be asked about it. */
  isFollowed: z.boolean().default(false),
  /** Whether it has yet to shadow the live version, as another one does so. */
  isQueued: z.boolean().default(false),
  /** Why the package that it points to is none to publish, while that is so. */
  refused: z.string().nullable(),
  /** Whether the registry does not answer. */
  isUnreachable: z.boolean(),
});
type Seen = z.infer<typeof seenSchema>;

/**
 * Looks once at what an alias of a registry points to. What is new there is published, as a candidate, and followed from then on. The package
 * is read anew each time, since only so it is seen that its bytes are still those that were published.
 *
 * The time line: the version is published, then told of, then remembered as seen. Whoever dies in between tells once more.
 */
export async function watchAlias(ports: WatchPorts): Promise<Look> {
  const memory = await openMemory(ports);
  const published = await publishNow(ports).catch(asAnswer);
  if (published instanceof TransientTrouble) return unreachable(ports, memory, published);
  if (published instanceof InvalidModelPackage) return refused(ports, memory, published);
  const { digest, isFollowed } = memory.seen;
  if (digest === published.digest && isFollowed) return goOn(ports, memory, published);
  return takeCandidate(ports, memory, published);
}

async function publishNow({ open, bucket, checkModel, from, now }: WatchPorts): Promise<Published> {
  return publishPackage(await open(), { bucket, checkModel, asked: { from, at: now() } });
}

function asAnswer(error: unknown): TransientTrouble | InvalidModelPackage {
  if (error instanceof TransientTrouble || error instanceof InvalidModelPackage) return error;
  throw error;
}

/** What becomes of a version that the alias points to: people are told of it, where it came by the alias and is not live. */
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
  return { outcome: 'candidate', said: `${said} ${followed.said}`, isTold: true, candidate };
}

function tellOfCandidate({ tell, stage }: WatchPorts, { name, version }: ModelRef, said: string): Promise<void> {
  const at = stage === null ? '' : ` --stage ${stage}`;
  return tell({
    subject: `A candidate: ${name} ${version}`,
    text: `${said} To see it beside the live version, and to promote it:\n\n  npx swath model list ${name}${at}\n  npx swath model promote ${name}/${version}${at}`,
  });
}

function stateOf({ state }: Followed): Pick<Seen, 'isFollowed' | 'isQueued'> {
  return { isFollowed: state === 'shadows' || state === 'queues' || state === 'waits', isQueued: state === 'queues' };
}

/** Of a candidate that shadows the live version, whether its gate has decided. */
async function goOn(ports: WatchPorts, memory: Memory, { name, version }: Published): Promise<Look> {
  const candidate = { name, version };
  const called = `${name} ${version}`;
  if (memory.seen.isQueued && (await isCandidate(ports, candidate))) return takeTurn(ports, memory, candidate);
  const followed = await ports.follow.decide(candidate);
  const { state, said } = followed;
  const isOver = state === 'promoted' || state === 'refused';
  if (isOver)
    await ports.tell({
      subject: state === 'promoted' ? `Promoted: ${called}` : `The gate has not let ${called} pass`,
      text: `${ports.from}: ${said}`,
    });
  await memory.write({ ...OVER, ...stateOf(followed) });
  const outcome = state === 'promoted' ? 'promoted' : state === 'refused' ? 'held' : 'unchanged';
  return { outcome, said: `${ports.from} is ${called}. ${said}`, isTold: isOver, candidate };
}

/** Of a candidate that has yet to shadow the live version, whether it does so now. People were told that it would: where it will not, they are as well. */
async function takeTurn(ports: WatchPorts, memory: Memory, candidate: ModelRef): Promise<Look> {
  const followed = await ports.follow.begin(candidate);
  const said = `${ports.from} is ${candidate.name} ${candidate.version}. ${followed.said}`;
  const isTold = followed.state === 'left';
  if (isTold) await tellOfCandidate(ports, candidate, said);
  await memory.write({ ...OVER, ...stateOf(followed) });
  return { outcome: 'unchanged', said, isTold, candidate };
}

/** Whether a version came by this alias, and is not live yet. */
async function isCandidate({ bucket, from }: WatchPorts, candidate: ModelRef): Promise<boolean> {
  const publication = await readPublication(bucket.read, candidate);
  if (publication?.from !== from) return false;
  const promotion = await makeModels(bucket.read, candidate.name).promotion().catch(noneIfInvalid);
  return promotion?.version !== candidate.version;
}

/** A registry that is down changes nothing: what is live stays, and so does a candidate. It is told of once until it is back. */
async function unreachable({ from, tell }: WatchPorts, memory: Memory, { message }: Error): Promise<Look> {
  const isNews = !memory.seen.isUnreachable;
  const said = `${from} cannot be looked up: ${message}`;
  if (isNews)
    await tell({
      subject: `The model registry does not answer`,
      text: `${said}\n\nThe live version goes on, and the next sweep asks again. You are told of this once.`,
    });
  await memory.write({ isUnreachable: true });
  return { outcome: 'unreachable', said, isTold: isNews, candidate: null };
}

async function refused({ from, tell }: WatchPorts, memory: Memory, { message }: Error): Promise<Look> {
  const said = message.startsWith(from) ? message : `${from}: ${message}`;
  const isNews = memory.seen.refused !== said;
  if (isNews)
    await tell({
      subject: `A model version was refused`,
      text: `${said}\n\nNothing was published; the live version goes on. You are told of this once.`,
    });
  await memory.write({ ...OVER, refused: said });
  return { outcome: 'refused', said, isTold: isNews, candidate: null };
}

/** The registry has answered, and what it has is none to refuse. */
const OVER = { refused: null, isUnreachable: false };

type Memory = { readonly seen: Seen; write: (changed: Partial<Seen>) => Promise<void> };

/** What was seen last, written over only where it changes. */
async function openMemory({ from, bucket }: WatchPorts): Promise<Memory> {
  const key = watchedKey(createHash('sha256').update(from).digest('hex').slice(0, 16));
  let seen: Seen = { ...OVER, from, digest: null, isFollowed: false, isQueued: false };
  try {
    const bytes = await bucket.read(key, MAX_PACKAGE_TEXT_BYTES);
    seen = seenSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (error) {
    // What somebody has put in its place says nothing: it is written over.
    if (!(error instanceof ObjectNotFound || error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
  }
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
