import type { ReadPackageFile } from '../../core/package/packageFile.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { encodeOnnx, type OnnxNode } from '../models/onnx.ts';
import { type Edit, editedItem, OUTPUT, PROPERTIES, readFrom } from './packages.ts';

/** For tests: a model that says of a text whether it has the word "good", the word "bad", or none: with a probability of 0.5. */

const WORDS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'good', 'bad', 'day', 'a', '##s', 'москва'];
export const TOKENIZER = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: WORDS.slice(0, 4).map((content, id) => ({ id, content, ...TOKEN() })),
  normalizer: {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [special('[CLS]'), sequence('A'), special('[SEP]')],
    pair: [special('[CLS]'), sequence('A'), special('[SEP]'), sequence('B', 1), special('[SEP]', 1)],
    special_tokens: Object.fromEntries(
      ['[CLS]', '[SEP]'].map((id) => [id, { id, ids: [WORDS.indexOf(id)], tokens: [id] }]),
    ),
  },
  decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(WORDS.map((word, id) => [word, id])),
  },
};

function TOKEN() {
  return { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
}
function special(id: string, type_id = 0) {
  return { SpecialToken: { id, type_id } };
}
function sequence(id: string, type_id = 0) {
  return { Sequence: { id, type_id } };
}

const NAMES = ['input_ids', 'attention_mask', 'token_type_ids'];

/** Its graph takes only the tokens that the mask shows. */
function graph(): Uint8Array {
  const asFloats = NAMES.map(
    (name): OnnxNode => ({ operator: 'Cast', inputs: [name], outputs: [`${name}:float`], attributes: { to: 1 } }),
  );
  const shown: OnnxNode = { operator: 'Mul', inputs: ['input_ids:float', 'attention_mask:float'], outputs: ['shown'] };
  const found = ['good', 'bad'].flatMap((word): OnnxNode[] => [
    { operator: 'Equal', inputs: ['shown', word], outputs: [`${word}:is`] },
    { operator: 'Cast', inputs: [`${word}:is`], outputs: [`${word}:one`], attributes: { to: 1 } },
    {
      operator: 'ReduceMax',
      inputs: [`${word}:one`],
      outputs: [`${word}:any`],
      attributes: { axes: [1], keepdims: 1 },
    },
  ]);
  return encodeOnnx({
    name: 'words',
    inputs: NAMES.map((name) => ({ name, type: 'int64', dimensions: ['n', 'tokens'] })),
    constants: ['good', 'bad'].map((name) => ({ name, dimensions: [1], values: [WORDS.indexOf(name)] })),
    outputs: [{ name: 'logits', dimensions: ['n', 2] }],
    nodes: [
      ...asFloats,
      shown,
      ...found,
      { operator: 'Concat', inputs: ['good:any', 'bad:any'], outputs: ['logits'], attributes: { axis: 1 } },
    ],
  });
}

const input = (name: string) => ({
  name,
  bands: [],
  input: { shape: [-1, -1], dim_order: ['batch', 'token'], data_type: 'int64' },
});

/** The files of its package, but for some edits of the item. */
export async function textFiles(...edits: Edit[]): Promise<Record<string, Uint8Array>> {
  const item = await editedItem(
    [`${PROPERTIES}/mlm:name`, 'Mood'],
    [`${PROPERTIES}/bands`, undefined],
    [`${PROPERTIES}/swath:blank_max`, undefined],
    [`${PROPERTIES}/swath:expected_accuracy`, undefined],
    [`${PROPERTIES}/swath:truth`, 'mood'],
    [`${PROPERTIES}/mlm:input`, NAMES.map(input)],
    [`${PROPERTIES}/swath:text`, { columns: ['text'], max_tokens: 8 }],
    [`${OUTPUT}/name`, 'logits'],
    [`${OUTPUT}/classification:classes`, ['good', 'bad'].map((name, value) => ({ name, value }))],
    [`${OUTPUT}/result/shape`, [-1, 2]],
    [`${OUTPUT}/post_processing_function`, { format: 'swath', expression: 'softmax' }],
    ...edits,
  );
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  return {
    'item.json': json(item),
    'reference.json': json({ classes: { good: 60, bad: 40 }, unit: 'chip' }),
    'tokenizer.json': json(TOKENIZER),
    'model.onnx': graph(),
  };
}

export const textModel = async (...edits: Edit[]) => readModelPackage(readFrom(await textFiles(...edits)));
export const textFilesOf = async (...edits: Edit[]): Promise<ReadPackageFile> => readFrom(await textFiles(...edits));
