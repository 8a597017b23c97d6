import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { todosIn } from '../../core/package/todo.ts';
import { classifyTexts, softmax } from '../../test/models/classifyTexts.ts';
import { encodeOnnx, type OnnxNode, type OnnxValue } from '../../test/models/onnx.ts';
import { swathHere } from '../../test/swathHere.ts';
import vectors from './fixtures/transformers/vectors.json' with { type: 'json' };
import { initModel } from './initModel.ts';

/** `swath model init` of what optimum exports of text models: fixtures/transformers, and what its config.json may say. */

const EXPORTED = fileURLToPath(new URL('fixtures/transformers/classes', import.meta.url));
const INPUTS = ['input_ids', 'attention_mask', 'token_type_ids'];

const work = mkdtempSync(join(tmpdir(), 'swath-init-text-'));
after(() => rmSync(work, { recursive: true }));

// biome-ignore lint/suspicious/noExplicitAny: JSON of which the paths are known
type Json = { [key: string]: any };
const read = (folder: string, file: string): Json => JSON.parse(readFileSync(join(folder, file), 'utf8'));

/** A copy of the exported folder, with other members in its files, and another graph. */
function exported({
  config = {},
  tokenizer = {},
  graph,
}: {
  config?: Json;
  tokenizer?: Json;
  graph?: Uint8Array;
} = {}) {
  const folder = mkdtempSync(join(work, 'model-'));
  cpSync(EXPORTED, folder, { recursive: true });
  for (const [file, members] of Object.entries({ 'config.json': config, 'tokenizer_config.json': tokenizer }))
    writeFileSync(join(folder, file), JSON.stringify({ ...read(folder, file), ...members }));
  if (graph) writeFileSync(join(folder, 'model.onnx'), graph);
  return folder;
}

async function drafted(folder: string, options: Parameters<typeof initModel>[1] = {}): Promise<Json> {
  await initModel(folder, { json: true, ...options });
  return read(folder, 'item.json')['properties'];
}

const LOGITS = { name: 'logits', dimensions: ['b', 3] };
const graphOf = (output: OnnxValue, tokens: string | number = 's', nodes: OnnxNode[] = []) =>
  encodeOnnx({
    name: 'g',
    inputs: INPUTS.map((name) => ({ name, dimensions: ['b', tokens], type: 'int64' as const })),
    outputs: [output],
    constants: [],
    nodes,
  });

test('somebody who names the folder of an exported model has a package in it, of which only a description is missing', async () => {
  const folder = exported();
  const { code, stdout } = await swathHere(['model', 'init', folder], work);
  assert.equal(code, 0);
  assert.match(stdout, /the task is assumed to be classification; --task sets another\./);
  assert.match(stdout, /1 place is marked "TODO:"/);
  const item = read(folder, 'item.json');
  assert.deepEqual(
    todosIn(item).map((todo) => todo.split(' ')[0]),
    ['properties.description'],
  );
  assert.deepEqual(item['assets'].model.href, './model.onnx');
  const { properties } = item as { properties: Json };
  assert.equal(properties['mlm:architecture'], 'BertForSequenceClassification');
  assert.deepEqual(properties['mlm:tasks'], ['classification']);
  assert.deepEqual(
    properties['mlm:input'],
    INPUTS.map((name) => ({
      name,
      bands: [],
      input: { shape: [-1, -1], dim_order: ['batch', 'token'], data_type: 'int64' },
    })),
  );
  const classes = ['negative', 'neutral', 'positive'].map((name, value) => ({ value, name }));
  assert.deepEqual(properties['mlm:output'], [
    {
      name: 'logits',
      tasks: ['classification'],
      result: { shape: [-1, 3], dim_order: ['batch', 'class'], data_type: 'float32' },
      'classification:classes': classes,
      post_processing_function: { format: 'swath', expression: 'softmax' },
    },
  ]);
  assert.deepEqual(properties['swath:text'], { columns: ['text'], max_tokens: 32 });
  assert.equal(properties['bands'], undefined);
  assert.deepEqual(read(folder, 'reference.json'), { provisional: true });
});

test('a drafted text model predicts what transformers does, once it is described', async () => {
  const folder = exported();
  const properties = await drafted(folder);
  const item = read(folder, 'item.json');
  writeFileSync(
    join(folder, 'item.json'),
    JSON.stringify({ ...item, properties: { ...properties, description: 'made up' } }),
  );
  for (const [i, { probabilities }] of (await classifyTexts(folder, vectors.texts.filter(Boolean))).entries())
    for (const [at, wanted] of softmax(vectors.logits[i]!).entries())
      assert.ok(Math.abs(probabilities[at]! - wanted) < 1e-5, `${vectors.texts[i]}: ${probabilities}`);
});

test('config.json says what the numbers of a text model mean', async () => {
  const labels = { 0: 'LABEL_0', 1: 'LABEL_1', 2: 'LABEL_2' };
  const multi = await drafted(exported({ config: { id2label: labels, problem_type: 'multi_label_classification' } }));
  const [output] = multi['mlm:output'];
  assert.deepEqual(multi['mlm:tasks'], ['multi-label-classification']);
  assert.deepEqual(output.post_processing_function, { format: 'swath', expression: 'sigmoid' });
  assert.deepEqual(output['classification:classes'][1], { value: 1, name: 'TODO: the name of class 1' });

  const graph = graphOf({ name: 'logits', dimensions: ['b', 1] });
  const number = await drafted(exported({ config: { id2label: { 0: 'LABEL_0' } }, graph }));
  assert.deepEqual(number['mlm:tasks'], ['regression']);
  assert.equal(number['mlm:output'][0].post_processing_function, null);
  assert.equal(number['mlm:output'][0]['classification:classes'], undefined);

  const nodes = [{ operator: 'Softmax', inputs: ['input_ids'], outputs: ['logits'] }];
  const whole = await drafted(exported({ graph: graphOf(LOGITS, 's', nodes) }));
  assert.equal(whole['mlm:output'][0].post_processing_function, null);

  const named = await drafted(exported(), { task: 'multi-label-classification' });
  assert.deepEqual(named['mlm:tasks'], ['multi-label-classification']);
});

for (const [what, files, most] of [
  ['the tokenizer says', { tokenizer: { model_max_length: 20 } }, 20],
  ['the positions say', { tokenizer: { model_max_length: 1e30 }, config: { max_position_embeddings: 300 } }, 300],
  [
    'is left of 514 positions of RoBERTa',
    {
      tokenizer: { model_max_length: 1e30 },
      config: { max_position_embeddings: 514, model_type: 'xlm-roberta', pad_token_id: 1 },
    },
    512,
  ],
  [
    'is left of 130 positions of RoBERTa',
    {
      tokenizer: { model_max_length: 512 },
      config: { max_position_embeddings: 130, model_type: 'roberta', pad_token_id: 1 },
    },
    128,
  ],
  [
    'is allowed without a limit',
    { tokenizer: { model_max_length: 8192 }, config: { max_position_embeddings: 8192 } },
    512,
  ],
  ['the graph has room for', { graph: graphOf(LOGITS, 16) }, 16],
] as const)
  test(`a text has as many tokens as ${what}: ${most}`, async () => {
    assert.equal((await drafted(exported(files)))['swath:text'].max_tokens, most);
  });

for (const [what, output] of [
  ['token classification', { name: 'logits', dimensions: ['b', 's', 9] }],
  ['an embedding (feature extraction)', { name: 'last_hidden_state', dimensions: ['b', 's', 384] }],
  ['an embedding (feature extraction)', { name: 'sentence_embedding', dimensions: ['b', 384] }],
  ['question answering', { name: 'start_logits', dimensions: ['b', 's'] }],
] as const)
  test(`a text model whose output is ${output.name} of ${output.dimensions.length} dimensions is refused as ${what}`, async () => {
    const folder = exported({ graph: graphOf(output) });
    const before = readdirSync(folder);
    await assert.rejects(initModel(folder, {}), ({ message }: Error) => {
      assert.ok(message.includes(`its task looks like ${what} (by its output ${output.name} of `), message);
      return true;
    });
    assert.deepEqual(readdirSync(folder), before);
  });

test('a text model without a tokenizer is refused with the command that writes it', async () => {
  const folder = exported();
  rmSync(join(folder, 'tokenizer.json'));
  await assert.rejects(
    initModel(folder, {}),
    /found no tokenizer\.json, which a text model needs\. Write it: python -c /,
  );
});

test('a text model alone, of which no config.json tells anything, has marks for its classes and its architecture', async () => {
  const folder = exported();
  for (const file of ['config.json', 'tokenizer_config.json']) rmSync(join(folder, file));
  await initModel(join(folder, 'model.onnx'), { json: true });
  const { properties } = read(folder, 'item.json') as { properties: Json };
  assert.deepEqual(properties['swath:text'], { columns: ['text'], max_tokens: 512 });
  assert.deepEqual(
    todosIn({ properties }).map((todo) => todo.split(' ')[0]),
    [
      'properties.description',
      'properties.mlm:architecture',
      ...[0, 1, 2].map((i) => `properties.mlm:output[0].classification:classes[${i}].name`),
    ],
  );
});
