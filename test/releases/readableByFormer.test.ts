import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { parquetMetadata } from 'hyparquet';
import * as z from 'zod';
import type { DiscoverInput } from '../../core/base/messages.ts';
import { startInProcess } from './inProcess.ts';
import { type Release, recordedReleases } from './release.ts';
import type { SchemaName } from './schemas.ts';
import { DAY, type Item, type Story, tellStory } from './story.ts';

/** And back again: a release before this one reads, by its own schemas, what this one writes. */

type Written = { what: string; schema: SchemaName; value: unknown };

const today = await startInProcess(DAY);
const story = await tellStory(today).finally(today.close);
const written = writtenBy(story);

for (const release of recordedReleases())
  describe(`${release.version} understands`, () => {
    const ownWords = writtenBy(release);

    for (const { what, schema, value } of written) {
      const read = reader(release, schema);
      // A function that it had not is never called by it either.
      if (read !== undefined) test(what, () => assert.doesNotThrow(() => read(value)));
    }

    test('which execution is a sweep', () => {
      const sweepOf = ({ executions }: Story) => executions.find(({ name }) => name === 'sweep')?.input;
      assert.partialDeepStrictEqual(sweepOf(story), sweepOf(release) as object);
    });

    test("where a sweep's next page begins", () => {
      const [ours, its] = [cursorsOf(story), cursorsOf(release)];
      assert.deepEqual(
        [...ours.phases].filter((phase) => !its.phases.has(phase) && phase !== 'FAILED'),
        [],
      );
      assert.deepEqual(
        [...its.words].filter((word) => !ours.words.has(word)),
        [],
      );
    });

    for (const [name, items, former] of [
      ['ledger', story.ledger, release.ledger],
      ['metrics', story.metrics, release.metrics],
    ] as const)
      for (const [kind, item] of byKind(former))
        test(`a row of the ${name} that is ${kind}, by every attribute that it kept itself`, () => {
          const ours = byKind(items).get(kind);
          assert.ok(ours, 'there is none any more');
          assert.partialDeepStrictEqual(typesOf(ours), typesOf(item));
        });

    test('predictions, by every column that it wrote itself', () => {
      assert.partialDeepStrictEqual(columnsOf(story), columnsOf(release));
    });

    test('nothing that lacks what it needs', () => {
      const seen = new Set<SchemaName>();
      for (const { what, schema, value } of ownWords) {
        const read = reader(release, schema)!;
        read(value);
        for (const name of neededOf(release.schemas[schema]).filter((one) => one in (value as object))) {
          const { [name]: _, ...rest } = value as Record<string, unknown>;
          assert.throws(() => read(rest), `${what}, without ${name}`);
          seen.add(schema);
        }
      }
      assert.deepEqual([...seen].sort(), [...new Set(ownWords.map(({ schema }) => schema))].sort());
    });
  });

/** All that a release wrote and another one may read, with the schema that it is read by. */
function writtenBy({ executions, ledger, metrics, promoted, observedParameters }: Story): Written[] {
  const isSweep = ({ name }: { name: string }) => name === 'sweep';
  return [
    ...executions.flatMap(({ name, calls }) =>
      calls.map(({ function: called, message }, i): Written => {
        return { what: `a message: ${name}, call ${i + 1}, to ${called}`, schema: called, value: message };
      }),
    ),
    ...executions
      .filter((execution) => !isSweep(execution))
      .map(({ name, input }): Written => ({ what: `the input of ${name}`, schema: 'sceneEvent', value: input })),
    ...valuesOf(ledger)
      .filter(isKnownToAll)
      .map((value): Written => {
        const isRun = 'run' in value;
        const what = isRun
          ? `a run that is ${value['state']}: ${value['key']}`
          : `an owner of bytes: ${value['owner']}`;
        return { what, schema: isRun ? 'ledgerItem' : 'digestItem', value };
      }),
    ...valuesOf(metrics).map((value): Written => {
      return { what: `the numbers of ${value['window']}`, schema: 'metricsItem', value };
    }),
    { what: 'the promoted version', schema: 'promoted', value: JSON.parse(promoted) },
    { what: 'the parameters in the output', schema: 'observedParameters', value: JSON.parse(observedParameters) },
  ];
}

/** A run, or the owner of some bytes: the other rows of the ledger are read by their keys alone. */
function isKnownToAll({ scene }: Record<string, unknown>): boolean {
  return !/^(heirs|sweep)#/.test(String(scene));
}

/** The cursors of the sweep, as its next page reads them: which phases it names, and by which words. */
function cursorsOf({ executions }: Story) {
  const { calls } = executions.find(({ name }) => name === 'sweep')!;
  const cursors = calls.flatMap(({ message }) => (message as Partial<DiscoverInput>).cursor ?? []);
  const parsed = cursors.map((cursor) => JSON.parse(cursor) as { phase: string });
  return { phases: new Set(parsed.map(({ phase }) => phase)), words: new Set(parsed.flatMap(Object.keys)) };
}

/** Of each column of the predictions, its type. */
function columnsOf({ objects }: Pick<Story, 'objects'>): Record<string, string> {
  const [, bytes] = Object.entries(objects).find(([key]) => key.startsWith('predictions/'))!;
  const { schema } = parquetMetadata(new Uint8Array(bytes).buffer);
  return Object.fromEntries(
    schema.slice(1).map(({ name, type, converted_type, repetition_type }) => {
      return [name, `${converted_type ?? type} ${repetition_type}`];
    }),
  );
}

/** Items as a client of ours reads them from a table. */
function valuesOf(items: Item[]): Record<string, unknown>[] {
  return items.map((item) => unmarshall(item));
}

/** Reads a value by a release's schema; undefined where it had none of that name. */
function reader({ schemas }: Release, name: SchemaName): ((value: unknown) => unknown) | undefined {
  const schema = schemas[name];
  if (schema === undefined) return undefined;
  const read = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  return (value) => read.parse(value);
}

/** What a schema, or one of its alternatives, requires. */
function neededOf(schema: unknown): string[] {
  const { required = [], anyOf = [] } = schema as { required?: string[]; anyOf?: unknown[] };
  return [...required, ...anyOf.flatMap(neededOf)];
}

/** An item of each kind that there is: of each state, the owner of some bytes, a run's numbers, a day's. */
function byKind(items: readonly Item[]): Map<string, Item> {
  return new Map(
    items.map((item) => {
      const { scene, state, window, error, model } = item;
      if (!isKnownToAll({ scene: scene?.S })) return ['read by its key', item];
      if (window !== undefined) return [`about a ${window.S!.split('#')[0]}`, item];
      if (state === undefined) return ['the owner of some bytes', item];
      const isModelKnown = model?.S !== '-/-';
      return [
        `${state.S}${isModelKnown ? '' : ' without a model'}${error === undefined ? '' : ', with its error'}`,
        item,
      ];
    }),
  );
}

/** Of each attribute, its type in the table. */
function typesOf(item: Item): Record<string, string> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, Object.keys(value)[0]!]));
}
