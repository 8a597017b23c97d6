import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { InvalidModelPackage, ObjectNotFound } from '../../core/base/errors.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import type { ReadPackageFile } from '../../core/package/packageFile.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';

/** For tests: packages like the bundled baseline, but for some edits. */

/** A place in `item.json`, as a path, and what to put there; `undefined` takes the field away. */
export type Edit = readonly [path: string, value: unknown];

export const PROPERTIES = 'properties';
export const INPUT = 'properties/mlm:input/0';
export const OUTPUT = 'properties/mlm:output/0';
export const BASELINE = new URL('../../models/droughtwatch-baseline/1.0.0/', import.meta.url);

export const readBaselineFile: ReadPackageFile = (name) => readFile(new URL(name, BASELINE));

export async function editedItem(...edits: Edit[]): Promise<Record<string, unknown>> {
  const item = JSON.parse(new TextDecoder().decode(await readBaselineFile('item.json')));
  for (const stated of ['file:size', 'file:checksum']) delete item.assets.model[stated]; // often another model is put there
  for (const [path, value] of edits) {
    const keys = path.split('/');
    const parent = keys.slice(0, -1).reduce((node, key) => node[key], item);
    if (value === undefined) delete parent[keys.at(-1)!];
    else parent[keys.at(-1)!] = value;
  }
  return item;
}

/** Puts the baseline into a model bucket as another version, with the edits and a model of one byte. */
export async function putVersion(objects: Map<string, Uint8Array>, version: string, ...edits: Edit[]): Promise<void> {
  const item = await editedItem([`${PROPERTIES}/version`, version], ...edits);
  const folder = `droughtwatch-baseline/${version}`;
  objects.set(`${folder}/item.json`, Buffer.from(JSON.stringify(item)));
  objects.set(`${folder}/reference.json`, await readBaselineFile('reference.json'));
  objects.set(`${folder}/model.onnx`, Buffer.from('x'));
}

/** Reads the baseline with the edits; `reference` replaces `reference.json`. */
export async function editedPackage(edits: readonly Edit[], reference?: unknown): Promise<ModelPackage> {
  const files = new Map([['item.json', await editedItem(...edits)]]);
  if (reference !== undefined) files.set('reference.json', Object(reference));
  return readModelPackage(async (name) => {
    const json = files.get(name);
    return json === undefined ? readBaselineFile(name) : new TextEncoder().encode(JSON.stringify(json));
  });
}

/** A port over files in memory. */
export function readFrom(files: Readonly<Record<string, string | Uint8Array>>): ReadPackageFile {
  return async (name) => {
    const content = files[name];
    if (content === undefined) throw new ObjectNotFound(name);
    return typeof content === 'string' ? new TextEncoder().encode(content) : content;
  };
}

/** Edits for a model whose chips and bands are small enough to write down: bands A, B, … of a type. */
export function smallModel(
  bands: readonly { name: string; data_type: string }[],
  size: readonly [height: number, width: number],
  taken: readonly unknown[] = bands.map(({ name }) => name),
  dimensions: readonly string[] = ['batch', 'bands', 'height', 'width'],
): Edit[] {
  const sizes: Record<string, number> = { batch: -1, bands: taken.length, height: size[0], width: size[1] };
  return [
    [`${PROPERTIES}/bands`, bands],
    [`${PROPERTIES}/swath:truth`, null],
    [`${INPUT}/bands`, taken],
    [`${INPUT}/input/dim_order`, dimensions],
    [`${INPUT}/input/shape`, dimensions.map((dimension) => sizes[dimension])],
    [`${INPUT}/value_scaling`, null],
  ];
}

/** A package is refused for a reason that says all of this. */
export async function isRefusedPackage(
  reading: Promise<unknown>,
  ...says: readonly (string | RegExp)[]
): Promise<void> {
  await assert.rejects(reading, (error: Error) => {
    assert.ok(error instanceof InvalidModelPackage, String(error.stack));
    for (const one of says)
      assert.ok(typeof one === 'string' ? error.message.includes(one) : one.test(error.message), error.message);
    return true;
  });
}
