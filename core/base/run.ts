import { hash } from 'node:crypto';
import type { ModelRef, SceneRef } from './messages.ts';

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
