import { hash } from 'node:crypto';
import * as z from 'zod';
import { MAX_KEY_BYTES, MAX_VERSION_ID_LENGTH } from './limits.ts';
import { isSafeName, safeNameRule } from './names.ts';
import { acquiredSchema } from './time/acquired.ts';

/** Every message that crosses a boundary. Type and validation come from the same schema. */

/** Returns why a text is not a valid S3 key; undefined if it is one. */
export function keyObstacle(key: string): string | undefined {
  if (key === '') return 'a key is not empty';
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return `a key has at most ${MAX_KEY_BYTES} bytes`;
  // Neither UTF-8 nor DynamoDB can store half a surrogate pair, so the key would become another one.
  return key.isWellFormed() ? undefined : 'a key is Unicode, in which no surrogate comes without its other half';
}

export const modelRefSchema = z.object({ name: z.string().min(1), version: z.string().min(1) });
export type ModelRef = z.infer<typeof modelRefSchema>;

export const sceneRefSchema = z.object({
  bucket: z.string().min(3).max(63),
  key: z
    .string()
    .refine((key) => keyObstacle(key) === undefined, { error: ({ input }) => keyObstacle(String(input))! }),
  // It follows a hash sign at the end of the scene's id; keys may contain hash signs themselves.
  versionId: z
    .string()
    .min(1)
    .max(MAX_VERSION_ID_LENGTH)
    .regex(/^[^#]*$/, 'a version has no hash sign'),
});
/** One version of one object: a scene file. */
export type SceneRef = z.infer<typeof sceneRefSchema>;

/**
 * An execution's input is the event that started it, exactly as EventBridge sends it: no template has to quote keys, which
 * may contain quotes and newlines. The event's source says what is to be done.
 */
const SCENE_SOURCE = 'aws.s3';

/** The name of a model in an event. It becomes a folder of two buckets, and whoever may start an execution sets it. */
const safeName = z.string().refine(isSafeName, `allowed is ${safeNameRule}`);

/**
 * S3's "Object Created" event. `model` is our addition: a rerun names the version of its run; without it the promoted one
 * is used. https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
export const sceneEventSchema = z
  .object({
    source: z.literal(SCENE_SOURCE),
    detail: z.object({
      bucket: z.object({ name: z.string() }),
      object: z.object({ key: z.string(), 'version-id': z.string().optional() }),
    }),
    model: z.object({ name: safeName, version: safeName }).optional(),
  })
  .transform(({ detail: { bucket, object }, model }, context) => {
    const versionId = object['version-id'] ?? 'null'; // in a bucket without versioning
    const scene = sceneRefSchema.safeParse({ bucket: bucket.name, key: object.key, versionId });
    if (scene.success) return model === undefined ? { scene: scene.data } : { scene: scene.data, model };
    for (const { message, path } of scene.error.issues) context.addIssue({ code: 'custom', message, path });
    return z.NEVER;
  });
export type SceneEvent = z.infer<typeof sceneEventSchema>;

export const keyOfEvent = (event: unknown): string | undefined => sceneEventSchema.safeParse(event).data?.scene.key;

export function sceneInput({ bucket, key, versionId }: SceneRef, model?: ModelRef): z.input<typeof sceneEventSchema> {
  const detail = { bucket: { name: bucket }, object: { key, 'version-id': versionId } };
  return { source: SCENE_SOURCE, detail, ...(model && { model }) };
}

export const sweepInput = { source: 'aws.events', 'detail-type': 'Scheduled Event' } as const;

/** The same for a sweep of every file and every row, however old. */
export const fullSweepInput = { ...sweepInput, detail: { full: true } } as const;
const isFullSchema = z.object({ detail: z.object({ full: z.literal(true) }) });

/** The size in an S3 event, which distinguishes a folder from a scene file. */
export const objectSizeSchema = z.object({ detail: z.object({ object: z.object({ size: z.int().min(0) }) }) });

/** Sent by the function drift, to judge the newest runs once more when a burst is over. */
const LAST_WORD_SOURCE = 'swath.drift';
export const lastWordEventSchema = z.object({ source: z.literal(LAST_WORD_SOURCE), at: z.iso.datetime() });

export function lastWordInput(at: Date): z.input<typeof lastWordEventSchema> {
  return { source: LAST_WORD_SOURCE, at: at.toISOString() };
}

/** A run as later steps need it: its identity, and which attempt of which execution holds it. */
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
  acquired: acquiredSchema.optional(),
});
export type RunRef = z.infer<typeof runRefSchema>;

export const preprocessInputSchema = z.object({ scene: sceneEventSchema, execution: z.string() });
export type PreprocessInput = z.output<typeof preprocessInputSchema>;
export type PreprocessResult =
  /** With `map`, if infer's results are assembled into a map. */
  | { status: 'ready'; run: RunRef; parts: number[]; map?: true }
  | { status: 'empty'; run: RunRef }
  | { status: 'duplicate'; run: { id: string } }
  | { status: 'settled' | 'claimed'; run: { id: string }; state: string };

export const inferInputSchema = z.object({ run: runRefSchema, part: z.int().min(0) });
export type InferInput = z.infer<typeof inferInputSchema>;

/** Lines of a manifest that one model version classifies together. The id is derived from them, so all cuts agree. */
export const batchRefSchema = z.object({
  id: z.string().regex(/^[0-9a-f]{32}$/),
  /** The manifest's key in the results bucket; the batch is `length` bytes of it from `offset` on. */
  manifest: z.string().min(1),
  offset: z.int().min(0),
  length: z.int().min(1),
  files: z.int().min(1),
  day: z.iso.date(),
  model: modelRefSchema,
});
export type BatchRef = z.infer<typeof batchRefSchema>;

const count = z.int().min(0);

/** Sent by the functions drift and infer, when they have finished something that a candidate version shadows. */
const SHADOW_SOURCE = 'swath.shadow';

/** A done run, and the version that classifies its prepared chips again, for comparison only. */
export const shadowRefSchema = z.object({
  model: modelRefSchema,
  run: runRefSchema,
  parts: z.int().min(1),
  chips: count,
  blank: count,
});
export type ShadowRef = z.infer<typeof shadowRefSchema>;

/** A closed batch; the shadow classifies its share of the done files. */
export const shadowBatchRefSchema = z.object({
  model: modelRefSchema,
  batch: batchRefSchema,
  share: z.number().gt(0).max(1),
});
export type ShadowBatchRef = z.infer<typeof shadowBatchRefSchema>;

/** How many parts are left and, of those before, when they began, how long they took, and their summary. */
export const shadowProgressSchema = z.object({
  left: count,
  began: z.iso.datetime().optional(),
  milliseconds: z.number().min(0).optional(),
  perChip: z.number().min(0).optional(),
  sum: z.record(z.string(), z.unknown()).optional(),
});
export type ShadowProgress = z.infer<typeof shadowProgressSchema>;

export function shadowInput(shadow: ShadowRef | ShadowBatchRef) {
  const left = 'batch' in shadow ? 1 : shadow.parts;
  return { source: SHADOW_SOURCE, shadow, progress: { left } satisfies ShadowProgress };
}

const shadow = z.union([shadowBatchRefSchema, shadowRefSchema]);
export const shadowCallSchema = z.object({ shadow, progress: shadowProgressSchema, execution: z.string() });
export type ShadowCall = z.infer<typeof shadowCallSchema>;

/** Sent by the function collect, which gathers arriving files. */
const BATCH_SOURCE = 'swath.collect';
export const batchEventSchema = z.object({ source: z.literal(BATCH_SOURCE), batch: batchRefSchema });

export const batchEventInput = (batch: BatchRef): z.input<typeof batchEventSchema> => ({ source: BATCH_SOURCE, batch });

/** Lambda's event for messages of queues. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
export const collectInputSchema = z.object({
  Records: z.array(z.object({ messageId: z.string(), body: z.string(), eventSourceARN: z.string() })),
});
export type CollectInput = z.infer<typeof collectInputSchema>;
export type QueueRecord = CollectInput['Records'][number];
/** The messages to be redelivered, as in ReportBatchItemFailures; all others are done. */
export type CollectResult = { batchItemFailures: { itemIdentifier: string }[] };

export const batchInputSchema = z.object({ batch: batchRefSchema, execution: z.string() });
export type BatchInput = z.infer<typeof batchInputSchema>;

export const inferCallSchema = z.union([batchInputSchema, shadowCallSchema, inferInputSchema]);
export type InferCall = z.infer<typeof inferCallSchema>;

export function modelOfCall(call: InferCall): ModelRef {
  if ('batch' in call) return call.batch.model;
  return 'shadow' in call ? call.shadow.model : call.run.model;
}

/** A classified part; its summary is at `summaryKey`. */
const partResultSchema = z.object({ part: z.int().min(0) });
export type PartResult = z.infer<typeof partResultSchema>;

export const mosaicInputSchema = z.object({ run: runRefSchema, parts: z.array(partResultSchema) });
export type MosaicInput = z.infer<typeof mosaicInputSchema>;

/** How many files reached each end state, or were processed elsewhere; and whether it is left to the next sweep (1). */
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

/**
 * For a run; for an empty run, which only adds to the share of blanks; for a batch and its outcome; for the window of
 * the newest runs, when a burst is over; or for every closed UTC day that is due before a time.
 */
export const driftInputSchema = z.union([
  z.object({ run: runRefSchema, parts: z.array(partResultSchema) }),
  z.object({ empty: runRefSchema }),
  z.object({ batch: batchRefSchema, result: batchResultSchema }),
  z.object({ lastWord: z.iso.datetime() }),
  z.object({ before: z.iso.datetime() }),
]);
export type DriftInput = z.infer<typeof driftInputSchema>;
export type DailyDriftResult = { judged: { day: string; model: ModelRef; revision: number; verdict: string | null }[] };

/** Reports are made for the day before a time, and for the days that were just judged. */
export const reportInputSchema = z.object({
  before: z.iso.datetime(),
  judged: z.array(z.object({ day: z.iso.date() })),
});
export type ReportInput = z.infer<typeof reportInputSchema>;
export type ReportResult = {
  reports: { day: string; model: ModelRef; key: string; outcome: string }[];
  leftOut: { day: string; why: string }[];
  /** Days whose judgement was new to the reports. */
  revised: string[];
};

/**
 * `input` is the execution's own and decides the scope: a marker's event sweeps only its folder. `batches` are the outcomes
 * of the batches that the previous call returned.
 */
export const discoverInputSchema = z.object({
  cursor: z.string().nullable(),
  batches: z.array(batchResultSchema).default([]),
  execution: z.string(),
  input: z
    .unknown()
    .optional()
    .transform((input) => ({ isFull: isFullSchema.safeParse(input).success, marker: keyOfEvent(input) ?? null })),
});
export type DiscoverInput = z.infer<typeof discoverInputSchema>;
/** `started`, `settled` and `bulk` count the pages up to this one. */
export type DiscoverResult = {
  cursor: string | null;
  started: number;
  settled: number;
  batches: BatchRef[];
  bulk: BatchResult & { batches: number };
  /** The share of bulk files that are invalid or have failed; and the same in a sentence. */
  bulkFailedShare: number;
  bulkCause: string;
  /** The folder, if a marker limits the sweep to it. */
  folder: string | null;
};

/** What a Catch passes on. Cause is JSON if a Lambda threw, plain text if the service did, or absent. */
const caught = { execution: z.string(), error: z.object({ Error: z.string(), Cause: z.string().optional() }) };
export const settleInputSchema = z.object({ ...caught, input: z.unknown(), step: z.string() });
export type SettleInput = z.infer<typeof settleInputSchema>;
export const settleBatchInputSchema = z.object({ ...caught, batch: batchRefSchema });
export type SettleBatchInput = z.infer<typeof settleBatchInputSchema>;
export const settleShadowInputSchema = z.object({ ...caught, shadow });
export type SettleShadowInput = z.infer<typeof settleShadowInputSchema>;
export const settleCallSchema = z.union([settleBatchInputSchema, settleShadowInputSchema, settleInputSchema]);
/** `cause` is one sentence; both become the execution's own. */
export type SettleResult = { error: string; cause: string };

/** Identity is derived, never random: a run is one scene file × one model version. */

/** The scene as the ledger's key: `bucket/key#version`. No bucket name contains a slash, and no version a hash sign. */
export const sceneId = ({ bucket, key, versionId }: SceneRef): string => `${bucket}/${key}#${versionId}`;

export const modelId = ({ name, version }: ModelRef): string => `${name}/${version}`;

/** Returns the run's id: 128 bits of SHA-256 over scene and model version, in hexadecimal. */
export function runId(scene: SceneRef, model: ModelRef): string {
  const { bucket, key, versionId } = scene;
  return hash('sha256', JSON.stringify([bucket, key, versionId, model.name, model.version])).slice(0, 32);
}

/** Returns the id of a shadow's run, which differs from that of a counted run of the same file and version. */
export const shadowRunId = (scene: SceneRef, model: ModelRef): string =>
  hash('sha256', JSON.stringify(['shadow', runId(scene, model)])).slice(0, 32);

export const shadowBatchId = (batch: string, model: ModelRef): string =>
  hash('sha256', JSON.stringify(['shadow', batch, modelId(model)])).slice(0, 32);

/** Returns the name of the execution that makes a run's attempt; Step Functions rejects a second one of the same name. */
export const executionName = (run: string, attempt: number): string => `${run}-${attempt}`;

/** Returns whether an execution was named by this service, rather than by the event that started it. */
export const isOwnName = (name: string): boolean => /^[0-9a-f]{32}-\d+$/.test(name);

/** Returns the `chip_id` of predictions, the same for every model: the file's content and the record's index in it. */
export const chipId = (digest: string, index: number): string => `${digest.slice(0, 16)}-${index}`;

/** Stands in the ledger for the model of a file that failed before a model version was known. */
export const UNASSIGNED: ModelRef = { name: '-', version: '-' };

export const isUnassigned = (model: ModelRef): boolean => model.name === UNASSIGNED.name;
