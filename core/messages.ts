import * as z from 'zod';
import { MAX_KEY_BYTES, MAX_VERSION_ID_LENGTH } from './limits.ts';
import { isSafeName, safeNameRule } from './models/names.ts';

/**
 * Every message that crosses a boundary: what EventBridge sends, what the state machine hands from step to step, and
 * what a step answers. Type and check come from the same schema.
 */

/** Why a text is no key that S3 may have; undefined where it is one. */
export function keyObstacle(key: string): string | undefined {
  if (key === '') return 'a key is not empty';
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return `a key has at most ${MAX_KEY_BYTES} bytes`;
  // Neither UTF-8 nor DynamoDB can hold one, and half of it would be told as another key.
  return key.isWellFormed() ? undefined : 'a key is Unicode, in which no surrogate comes without its other half';
}

export const modelRefSchema = z.object({ name: z.string().min(1), version: z.string().min(1) });
export type ModelRef = z.infer<typeof modelRefSchema>;

export const sceneRefSchema = z.object({
  bucket: z.string().min(3).max(63),
  key: z
    .string()
    .min(1)
    .refine((key) => key === '' || keyObstacle(key) === undefined, {
      error: ({ input }) => keyObstacle(String(input))!,
    }),
  // It ends the scene's id behind a hash sign, of which keys may have any number.
  versionId: z
    .string()
    .min(1)
    .max(MAX_VERSION_ID_LENGTH)
    .regex(/^[^#]*$/, 'a version has no hash sign'),
});
/** One version of one object: a scene file. */
export type SceneRef = z.infer<typeof sceneRefSchema>;

/**
 * The input of an execution is the event that started it, just as EventBridge has it: no template has to quote keys,
 * which may hold quotes and newlines. Where it comes from says what it asks for.
 */
const SCENE_SOURCE = 'aws.s3';
const SWEEP_SOURCE = 'aws.events';

/** A model that an event names: whoever may start an execution writes it, and it becomes a folder of two buckets. */
const safeName = z.string().refine(isSafeName, `allowed is ${safeNameRule}`);
const namedModelSchema = z.object({ name: safeName, version: safeName });

/**
 * S3's "Object Created" event. `model` is ours: a rerun names the version that its run belongs to; without it the
 * promoted one is taken. https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
export const sceneEventSchema = z
  .object({
    source: z.literal(SCENE_SOURCE),
    detail: z.object({
      bucket: z.object({ name: z.string() }),
      object: z.object({ key: z.string(), 'version-id': z.string().optional() }),
    }),
    model: namedModelSchema.optional(),
  })
  .transform(({ detail: { bucket, object }, model }, context) => {
    // A bucket without versions has the version "null".
    const scene = sceneRefSchema.safeParse({
      bucket: bucket.name,
      key: object.key,
      versionId: object['version-id'] ?? 'null',
    });
    if (scene.success) return model === undefined ? { scene: scene.data } : { scene: scene.data, model };
    for (const { message, path } of scene.error.issues) context.addIssue({ code: 'custom', message, path });
    return z.NEVER;
  });
export type SceneEvent = z.infer<typeof sceneEventSchema>;

/** The key that an event of S3 names; undefined where it is none. */
export function keyOfEvent(event: unknown): string | undefined {
  return sceneEventSchema.safeParse(event).data?.scene.key;
}

/** The input of an execution that processes `scene`, in the shape of S3's events. */
export function sceneInput({ bucket, key, versionId }: SceneRef, model?: ModelRef): z.input<typeof sceneEventSchema> {
  const detail = { bucket: { name: bucket }, object: { key, 'version-id': versionId } };
  return { source: SCENE_SOURCE, detail, ...(model && { model }) };
}

/** The input of an execution that sweeps, in the shape of a schedule's events. */
export const sweepInput = { source: SWEEP_SOURCE, 'detail-type': 'Scheduled Event' } as const;

/** The same, and it looks at every file and every row, however old. */
export const fullSweepInput = { ...sweepInput, detail: { full: true } } as const;
const isFullSchema = z.object({ detail: z.object({ full: z.literal(true) }) });

/** S3's event as it says how large the object is, which tells a folder from a scene file. */
export const objectSizeSchema = z.object({ detail: z.object({ object: z.object({ size: z.int().min(0) }) }) });

/** Of the function drift, which has the newest runs judged once more when a burst is over. */
const LAST_WORD_SOURCE = 'swath.drift';
export const lastWordEventSchema = z.object({ source: z.literal(LAST_WORD_SOURCE), at: z.iso.datetime() });

/** The input of an execution that waits until then, and publishes what the newest runs say together. */
export function lastWordInput(at: Date): z.input<typeof lastWordEventSchema> {
  return { source: LAST_WORD_SOURCE, at: at.toISOString() };
}

/** A run as its later steps need it: what it is, and by which attempt of which execution it is held. */
export const runRefSchema = z.object({
  id: z.string(),
  scene: sceneRefSchema,
  model: modelRefSchema,
  attempt: z.int().min(1),
  execution: z.string(),
  /** SHA-256 of the file's bytes, hexadecimal. */
  digest: z.string().length(64),
  /** UTC day of the object version's LastModified, YYYY-MM-DD. */
  day: z.iso.date(),
});
export type RunRef = z.infer<typeof runRefSchema>;

export const preprocessInputSchema = z.object({ scene: sceneEventSchema, execution: z.string() });
export type PreprocessInput = z.output<typeof preprocessInputSchema>;
export type PreprocessResult =
  /** With `map`, where a map is made of what infer finds. */
  | { status: 'ready'; run: RunRef; parts: number[]; map?: true }
  | { status: 'empty'; run: RunRef }
  | { status: 'duplicate'; run: { id: string } }
  | { status: 'settled' | 'claimed'; run: { id: string }; state: string };

export const inferInputSchema = z.object({ run: runRefSchema, part: z.int().min(0) });
export type InferInput = z.infer<typeof inferInputSchema>;

/**
 * Some lines of a manifest: bulk files of one day, which one model version classifies together. Its id is derived from the
 * lines, the day and the version, so that whoever cuts the same batch means the same one.
 */
export const batchRefSchema = z.object({
  id: z.string().regex(/^[0-9a-f]{32}$/),
  /** The manifest's key in the results bucket; the lines begin at `offset`, and have `length` bytes. */
  manifest: z.string().min(1),
  offset: z.int().min(0),
  length: z.int().min(1),
  files: z.int().min(1),
  day: z.iso.date(),
  model: modelRefSchema,
});
export type BatchRef = z.infer<typeof batchRefSchema>;

const count = z.int().min(0);

/** Of the functions drift and infer, which have ended what a candidate version shadows. */
const SHADOW_SOURCE = 'swath.shadow';

/** A run that is done, and the version that is to classify the same prepared chips once more, to be compared and not to count. */
export const shadowRefSchema = z.object({
  model: modelRefSchema,
  run: runRefSchema,
  parts: z.int().min(1),
  chips: count,
  blank: count,
});
export type ShadowRef = z.infer<typeof shadowRefSchema>;

/** A batch that is closed, of which it is to classify the share of the files that are done. */
export const shadowBatchRefSchema = z.object({
  model: modelRefSchema,
  batch: batchRefSchema,
  share: z.number().gt(0).max(1),
});
export type ShadowBatchRef = z.infer<typeof shadowBatchRefSchema>;

/** How far a shadow has come: how many parts are left; of those before, since when, how long it took, and their summary. */
export const shadowProgressSchema = z.object({
  left: count,
  began: z.iso.datetime().optional(),
  milliseconds: z.number().min(0).optional(),
  sum: z.record(z.string(), z.unknown()).optional(),
});
export type ShadowProgress = z.infer<typeof shadowProgressSchema>;

/** The input of an execution that has a shadow classify what a run has prepared, or a batch has read. */
export function shadowInput(shadow: ShadowRef | ShadowBatchRef) {
  const left = 'batch' in shadow ? 1 : shadow.parts;
  return { source: SHADOW_SOURCE, shadow, progress: { left } satisfies ShadowProgress };
}

/** A shadow's work, from its first part or where the call before has left it. */
export const shadowCallSchema = z.object({
  shadow: z.union([shadowBatchRefSchema, shadowRefSchema]),
  progress: shadowProgressSchema,
  execution: z.string(),
});
export type ShadowCall = z.infer<typeof shadowCallSchema>;

/** Of the function collect, which has gathered files that arrived. */
const BATCH_SOURCE = 'swath.collect';
export const batchEventSchema = z.object({ source: z.literal(BATCH_SOURCE), batch: batchRefSchema });

/** The input of an execution that classifies a batch of files that arrived. */
export function batchEventInput(batch: BatchRef): z.input<typeof batchEventSchema> {
  return { source: BATCH_SOURCE, batch };
}

/** What Lambda hands on of queues. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
export const collectInputSchema = z.object({
  Records: z.array(z.object({ messageId: z.string(), body: z.string(), eventSourceARN: z.string() })),
});
export type CollectInput = z.infer<typeof collectInputSchema>;
export type QueueRecord = CollectInput['Records'][number];
/** The messages that are to come again, as ReportBatchItemFailures has it; all others are done with. */
export type CollectResult = { batchItemFailures: { itemIdentifier: string }[] };

export const batchInputSchema = z.object({ batch: batchRefSchema, execution: z.string() });
export type BatchInput = z.infer<typeof batchInputSchema>;

export const inferCallSchema = z.union([batchInputSchema, shadowCallSchema, inferInputSchema]);

/** A run whose parts are all classified, pixel by pixel. */
export const mosaicInputSchema = z.object({
  run: runRefSchema,
  parts: z.array(z.looseObject({ part: z.int().min(0) })),
});
export type MosaicInput = z.infer<typeof mosaicInputSchema>;
/** The keys of the maps. */
export type MosaicResult = { maps: string[] };

/**
 * What became of a batch's files: how many came to each end, and how many others had, or had ended before; and whether it
 * is a batch (1) that is left to the next sweep.
 */
export const batchResultSchema = z.object({
  files: count,
  done: count,
  empty: count,
  duplicate: count,
  invalid: count,
  failed: count,
  leftOut: count,
  unsettled: count,
});
export type BatchResult = z.infer<typeof batchResultSchema>;

/** A part that is classified; its summary lies at `summaryKey`. */
export type PartResult = { part: number };
/** The same as drift gets it: in an answer of the release before, the summary stands in the message itself. */
const classifiedPartSchema = z.looseObject({ part: z.int().min(0) });
export type ClassifiedPart = z.infer<typeof classifiedPartSchema>;

/**
 * Drift is asked for one run; for an empty one, which only adds to the share of blanks; for a batch of files that arrived, and
 * what became of them; for what the newest runs say together, when a burst is over; or for every closed UTC day that is due
 * before a point in time.
 */
export const driftInputSchema = z.union([
  z.object({ run: runRefSchema, parts: z.array(classifiedPartSchema) }),
  // By its id and model alone: the release before recorded an empty run before it asked.
  z.object({ empty: z.union([runRefSchema, z.object({ id: z.string(), model: modelRefSchema })]) }),
  z.object({ batch: batchRefSchema, result: batchResultSchema }),
  z.object({ lastWord: z.iso.datetime() }),
  z.object({ before: z.iso.datetime() }),
]);
export type DriftInput = z.infer<typeof driftInputSchema>;
export type RunDriftResult = { status: 'judged' | 'unjudged'; verdict: string | null };
export type EmptyDriftResult = { status: 'watched' };
export type LastWordResult = { status: 'said' };
export type DailyDriftResult = { judged: { day: string; model: ModelRef; revision: number; verdict: string | null }[] };

/** Reports are asked for the day before a point in time, and for the days that were just judged. */
export const reportInputSchema = z.object({
  before: z.iso.datetime(),
  judged: z.array(z.object({ day: z.iso.date() })),
});
export type ReportInput = z.infer<typeof reportInputSchema>;
export type ReportResult = {
  reports: { day: string; model: ModelRef; key: string; outcome: string }[];
  leftOut: { day: string; why: string }[];
};

/**
 * `input` is the execution's own, which says how far it goes: the event of a marker sweeps its folder alone. `batches` is
 * what became of those that the call before has handed on.
 */
export const discoverInputSchema = z.object({
  cursor: z.string().nullable(),
  batches: z.array(batchResultSchema).default([]), // of executions that an earlier release has begun
  execution: z.string(),
  input: z
    .unknown()
    .optional()
    .transform((input) => {
      const event = sceneEventSchema.safeParse(input);
      const marker = event.success ? event.data.scene.key : null;
      return { isFull: isFullSchema.safeParse(input).success, marker };
    }),
});
export type DiscoverInput = z.infer<typeof discoverInputSchema>;
/** `started`, `settled` and `bulk` count the pages up to this one. */
export type DiscoverResult = {
  cursor: string | null;
  started: number;
  settled: number;
  /** What is to be classified before the next page. */
  batches: BatchRef[];
  bulk: BatchResult & { batches: number };
  /** Of the bulk files, the share that is invalid or has failed; and the same in a sentence. */
  bulkFailedShare: number;
  bulkCause: string;
  /** The folder, where a marker has asked for it alone. */
  folder: string | null;
};

/** What a Catch passes on. Cause is JSON when a Lambda threw, plain text when the service did, or absent. */
const caughtSchema = z.object({ Error: z.string(), Cause: z.string().optional() });
export const settleInputSchema = z.object({
  input: z.unknown(),
  execution: z.string(),
  step: z.string(),
  error: caughtSchema,
});
export type SettleInput = z.infer<typeof settleInputSchema>;
export const settleBatchInputSchema = z.object({ batch: batchRefSchema, execution: z.string(), error: caughtSchema });
export type SettleBatchInput = z.infer<typeof settleBatchInputSchema>;
export const settleShadowInputSchema = z.object({
  shadow: z.union([shadowBatchRefSchema, shadowRefSchema]),
  execution: z.string(),
  error: caughtSchema,
});
export type SettleShadowInput = z.infer<typeof settleShadowInputSchema>;
/** What became of a shadow whose worker failed. */
export type SettleShadowResult = { status: 'noted' };
export const settleCallSchema = z.union([settleBatchInputSchema, settleShadowInputSchema, settleInputSchema]);
/** `cause` is one sentence; both become the execution's own. */
export type SettleResult = { error: string; cause: string };
