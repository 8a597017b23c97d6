import { readFile } from 'node:fs/promises';
import { ObjectNotFound } from '../../core/base/errors.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import type { ReadPackageFile } from '../../core/package/readPackage.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';

/** For tests: packages like the bundled baseline, but for some edits. */

/** A place in `item.json` and what to put there; `undefined` takes the field away. */
export type Edit = readonly [path: readonly (string | number)[], value: unknown];

export const PROPERTIES = ['properties'] as const;
export const INPUT = [...PROPERTIES, 'mlm:input', 0] as const;
export const OUTPUT = [...PROPERTIES, 'mlm:output', 0] as const;
export const BASELINE = new URL('../../models/droughtwatch-baseline/1.0.0/', import.meta.url);

export const readBaselineFile: ReadPackageFile = (name) => readFile(new URL(name, BASELINE));

export async function editedItem(...edits: Edit[]): Promise<Record<string, unknown>> {
  const item = JSON.parse(new TextDecoder().decode(await readBaselineFile('item.json')));
  for (const [path, value] of edits) {
    const parent = path.slice(0, -1).reduce((node, key) => node[key], item);
    if (value === undefined) delete parent[path.at(-1)!];
    else parent[path.at(-1)!] = value;
  }
  return item;
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
    [[...PROPERTIES, 'bands'], bands],
    [[...PROPERTIES, 'swath:truth'], null],
    [[...INPUT, 'bands'], taken],
    [[...INPUT, 'input', 'dim_order'], dimensions],
    [[...INPUT, 'input', 'shape'], dimensions.map((dimension) => sizes[dimension])],
    [[...INPUT, 'value_scaling'], null],
  ];
}
