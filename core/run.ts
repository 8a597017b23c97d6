import { hash } from 'node:crypto';
import type { ModelRef, SceneRef } from './messages.ts';

/**
 * Identity, derived and never random: a run is one scene file × one model version.
 */

/** The scene as the ledger's key: `bucket/key#version`. No bucket has a slash and no version a hash sign. */
export function sceneId({ bucket, key, versionId }: SceneRef): string {
  return `${bucket}/${key}#${versionId}`;
}

/** The model version as the ledger's sort key: `name/version`. */
export function modelId({ name, version }: ModelRef): string {
  return `${name}/${version}`;
}

/** The run's id: 128 bits of SHA-256 over scene and model version, in hexadecimal. */
export function runId(scene: SceneRef, model: ModelRef): string {
  const { bucket, key, versionId } = scene;
  return hash('sha256', JSON.stringify([bucket, key, versionId, model.name, model.version])).slice(0, 32);
}

/** The id of a shadow's run: of the same file and version, a run that counts has another one. */
export function shadowRunId(scene: SceneRef, model: ModelRef): string {
  return hash('sha256', JSON.stringify(['shadow', runId(scene, model)])).slice(0, 32);
}

/** The same of a batch that a shadow classifies. */
export function shadowBatchId(batch: string, model: ModelRef): string {
  return hash('sha256', JSON.stringify(['shadow', batch, modelId(model)])).slice(0, 32);
}

/** Name of the execution that makes a run's attempt; Step Functions refuses a second one of the same name. */
export function executionName(run: string, attempt: number): string {
  return `${run}-${attempt}`;
}

/** Whether an execution was named here, and so not by the event that started it. */
export function isOwnName(name: string): boolean {
  return /^[0-9a-f]{32}-\d+$/.test(name);
}

/** `chip_id` in the predictions, the same for every model: the file's content and the record's place in it. */
export function chipId(digest: string, index: number): string {
  return `${contentDigits(digest)}-${index}`;
}

/** What a chip's id has of its file's content. */
export function contentDigits(digest: string): string {
  return digest.slice(0, 16);
}

/** Stands in the ledger for the model of a file that failed before any model version could be named. */
export const UNASSIGNED: ModelRef = { name: '-', version: '-' };

export function isUnassigned(model: ModelRef): boolean {
  return model.name === UNASSIGNED.name;
}
