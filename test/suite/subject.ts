import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { packageKey, promotedKey, SERVING_KEY } from '../../core/base/keys.ts';
import type { ModelRef, SceneRef } from '../../core/base/messages.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { isRunning } from '../../core/ledger/states.ts';
import { encodeServing, servedAlone, withServed } from '../../core/releases/serving.ts';
import { readPredictions } from '../predictions.ts';
import type { TestStack } from '../stack.ts';

/** A model package: its files by their names. */
export type Package = Record<string, string | Uint8Array>;

/**
 * A stack with a model version that nobody has used yet, so that it may have seen the same files before, and may see
 * them again. Tests take the stack one after the other.
 */
export type Subject = Awaited<ReturnType<typeof makeSubject>>;

const BASELINE = new URL('../../models/droughtwatch-baseline/1.0.0/', import.meta.url);

/** A run takes seconds; where it takes longer than this, nothing will come of it. */
const SETTLED_MILLISECONDS = 3 * 60_000;

const MOST_MILLISECONDS_BETWEEN_LOOKS = 250;

/** The package that comes with the project. */
export const baseline: Package = Object.fromEntries(
  readdirSync(BASELINE).map((name) => [name, readFileSync(new URL(name, BASELINE))]),
);

export async function makeSubject(stack: TestStack) {
  const id = randomUUID().slice(0, 8);
  const { modelName: name } = stack.parameters;
  let versions = 0;
  let model = await publish(baseline);
  await promote(model);

  /** Writes a package's files as a new version of a model, the deployed one by itself. */
  async function publish(files: Package, of = name): Promise<ModelRef> {
    versions += 1;
    const ref = { name: of, version: `${versions}.0.0-${id}` };
    for (const [file, content] of Object.entries(files)) {
      await stack.writeModel(packageKey(ref, file), file === 'item.json' ? itemOf(content, ref) : bytesOf(content));
    }
    return ref;
  }

  async function promote({ name: of, version }: ModelRef): Promise<void> {
    await stack.writeModel(promotedKey(of), bytesOf(JSON.stringify({ version })));
  }

  const key = (file: string) => stack.spell(`suite-${id}/${file}`);

  /** The run of a scene by the promoted model, or by another one, once it is at an end. */
  async function settled(scene: SceneRef, by = model): Promise<LedgerRow> {
    const limit = Date.now() + SETTLED_MILLISECONDS;
    for (let wait = 10; Date.now() < limit; wait = Math.min(2 * wait, MOST_MILLISECONDS_BETWEEN_LOOKS)) {
      const rows = await stack.ledgerRows(scene);
      const row = rows.find((one) => one.model.version === by.version);
      if (row !== undefined && !isRunning(row.state)) return row;
      await setTimeout(wait);
    }
    const found = (await stack.ledgerRows(scene)).map(({ model: { version }, state }) => `${version} ${state}`);
    throw new Error(`${scene.key} has no run by ${by.version} that came to its end; its runs: ${found.join(', ')}.`);
  }

  return {
    stack,
    /** The key of a file, like no other run's of the suite. */
    key,
    /** A name that is in no other scene of any run of the suite. */
    unique: (text: string) => `${id} ${text}`,
    settled,
    /** Puts a file in and answers its run at its end. */
    run: async (file: string, bytes: Uint8Array) => settled(await stack.put(key(file), bytes)),
    /** The Parquet files of a run's predictions, in their order; of a batch's file, the rows that are this run's. */
    predictionsOf: async ({ run, batch = run }: LedgerRow) => {
      const keys = (await stack.listResults('predictions/')).filter((key) => key.includes(batch));
      return Promise.all(
        keys.map(async (key) => {
          const { rows, metadata } = await readPredictions(await stack.readResult(key));
          return { key, rows: rows.filter((row) => row.run === run), metadata };
        }),
      );
    },
    publishFile: (ref: ModelRef, file: string, content: string | Uint8Array) =>
      stack.writeModel(packageKey(ref, file), bytesOf(content)),
    /** Promotes a package as a new version while `work` goes on. */
    with: async (files: Package, work: (ref: ModelRef) => Promise<void>): Promise<void> => {
      const former = model;
      model = await publish(files);
      await promote(model);
      try {
        await work(model);
      } finally {
        model = former;
        await promote(former);
      }
    },
    /** Has a package live beside the promoted one while `work` goes on, as another model that takes these keys. */
    beside: async (files: Package, accepts: string[], work: (ref: ModelRef) => Promise<void>): Promise<void> => {
      const other = await publish(files, `${name}-beside`);
      await promote(other);
      const since = new Date(Math.floor(Date.now() / 1000) * 1000); // S3 dates by the second
      const alone = servedAlone(name);
      await stack.writeModel(SERVING_KEY, encodeServing(withServed(alone, other.name, accepts, since)));
      try {
        await work(other);
      } finally {
        await stack.writeModel(SERVING_KEY, encodeServing(alone));
      }
    },
  };
}

/** The package's item under the name and the version that it is published as. */
function itemOf(content: string | Uint8Array, { name, version }: ModelRef): Uint8Array {
  const item = JSON.parse(Buffer.from(content).toString());
  const properties = { ...item.properties, 'mlm:name': name, version };
  return bytesOf(JSON.stringify({ ...item, id: `${name}-${version}`, properties }));
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content;
}

/** What a test of the suite takes its stack from, once that is up. */
export type Stacked = () => Subject;
