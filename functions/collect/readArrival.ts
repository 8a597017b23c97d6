import { ITEM_ENDINGS, isBulk, isCanary, isSceneFile, markedFolder } from '../../core/base/keys.ts';
import { objectSizeSchema, type SceneRef, sceneEventSchema } from '../../core/base/messages.ts';
import { eventsIn, InvalidNotification } from '../../core/doors/notifications/notification.ts';

/**
 * Determines what a message of the queue of arrivals asks for. The selection equals that of the first state in
 * stepfunctions/pipeline.yml, which applies where events start executions.
 */
export type ReadArrival =
  | { kind: 'file'; scene: SceneRef }
  /** The marker of a folder of bulk files, or a canary: it gets an execution of its own. */
  | { kind: 'alone'; scene: SceneRef }
  /** It is not about a scene file, and is ignored. */
  | { kind: 'none' }
  | { kind: 'refused'; why: string };

type Where = { inboxBucket: string; inboxPrefix: string; bulkPrefix: string };

/** The objects that a message names, as an S3 notification or as an EventBridge event. */
export function readArrivals(body: string, where: Where): ReadArrival[] {
  try {
    return eventsIn(jsonOrUndefined(body)).map((event) => readEvent(event, where));
  } catch (error) {
    if (error instanceof InvalidNotification) return [{ kind: 'refused', why: error.message }];
    throw error;
  }
}

function readEvent(event: unknown, { inboxBucket, inboxPrefix, bulkPrefix }: Where): ReadArrival {
  const read = sceneEventSchema.safeParse(event);
  if (!read.success) {
    const [issue] = read.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? 'the message' : issue.path.join('.');
    return {
      kind: 'refused',
      why: `It is no event of S3 (${where}: ${issue?.message}), as S3 or EventBridge sends it.`,
    };
  }
  const { scene } = read.data;
  const { bucket, key } = scene;
  if (bucket !== inboxBucket)
    return { kind: 'refused', why: `It is of the bucket ${bucket}, allowed is the inbox, ${inboxBucket}.` };
  if (markedFolder(key, bulkPrefix) !== null || isCanary(key, inboxPrefix)) return { kind: 'alone', scene };
  if (!key.startsWith(inboxPrefix))
    return { kind: 'refused', why: `Its key does not begin with ${inboxPrefix}, as the inbox does.` };
  const size = objectSizeSchema.safeParse(event).data?.detail.object.size;
  if (isBulk(key, bulkPrefix) || !isSceneFile({ key, size })) return { kind: 'none' };
  return { kind: 'file', scene };
}

/** Whether a file is a STAC Item, which is read together with its assets. */
export function isItem(key: string): boolean {
  return ITEM_ENDINGS.some((ending) => key.endsWith(ending));
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
