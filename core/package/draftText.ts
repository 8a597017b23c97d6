import * as z from 'zod';
import { type Asked, draftPackage } from './draft.ts';
import { type DraftGraph, isActivation } from './draftTasks.ts';
import { counted, openObject, parseAs } from './problems.ts';
import { TODO } from './todo.ts';

/** The files beside a model that transformers saved, or optimum exported: parsed JSON, undefined if there is no such file. */
export type Exported = { readonly config: unknown; readonly tokenizerConfig: unknown };

const NAME = 'a text';
const configSchema = openObject('an object', {
  architectures: z.array(z.string(NAME), 'a list of names').optional(),
  model_type: z.string(NAME).optional(),
  id2label: z.record(z.string(), z.string(NAME), 'an object with the name of each class').optional(),
  problem_type: z.string(NAME).nullish(),
  max_position_embeddings: counted.optional(),
  pad_token_id: counted.nullish(),
});
const tokenizerSchema = openObject('an object', { model_max_length: z.number('a number').optional() });

/**
 * Drafts the item of a text model: like any, but `config.json` has the names of its classes and says what they mean, and
 * `tokenizer_config.json` how long a text may be.
 */
export function draftText(graph: DraftGraph, asked: Asked, { config: found, tokenizerConfig }: Exported) {
  const config = parseAs(configSchema, 'config.json', found ?? {});
  const { model_max_length: mostTokens } = parseAs(tokenizerSchema, 'tokenizer_config.json', tokenizerConfig ?? {});
  const { id2label: labels = {} } = config;
  const named = Object.keys(labels).map((_, i) => labels[i] ?? '');
  const isMultiLabel = config.problem_type === 'multi_label_classification';
  const guessed = isMultiLabel ? 'multi-label-classification' : named.length === 1 ? 'regression' : undefined;
  const draft = draftPackage(graph, { ...asked, task: asked.task ?? guessed });
  const task = draft.task === 'scene-classification' ? 'classification' : draft.task;
  const { bands: _, ...properties } = draft.item.properties;
  const item = {
    ...draft.item,
    properties: {
      ...properties,
      'mlm:architecture': config.architectures?.[0] ?? config.model_type ?? TODO('such as BERT'),
      'mlm:tasks': [task],
      'mlm:input': graph.inputs.map(({ name, type, shape }) => ({
        name,
        bands: [],
        input: { shape: shape?.map(openSize) ?? [-1, -1], dim_order: ['batch', 'token'], data_type: type },
      })),
      'mlm:output': properties['mlm:output'].map((output) => ({
        ...output,
        tasks: [task],
        ...(task !== 'regression' && named.length > 0 && { 'classification:classes': named.map(classOf) }),
        // Whatever a head of transformers is for, it gives logits.
        post_processing_function: isActivation(draft.output?.operator ?? null) ? null : (AFTERWARDS[task] ?? null),
      })),
      'swath:text': { columns: ['text'], max_tokens: maxTokens(graph, config, mostTokens) },
    },
  };
  return { ...draft, item, task };
}

const openSize = (size: number | string) => (typeof size === 'number' ? size : -1);

/** transformers' names of classes that nobody has named are LABEL_0, LABEL_1… */
const classOf = (name: string, value: number) => ({
  value,
  name: /^(LABEL_\d+)?$/.test(name) ? TODO(`the name of class ${value}`) : name,
});

const AFTERWARDS: { readonly [task: string]: object } = {
  classification: { format: 'swath', expression: 'softmax' },
  'multi-label-classification': { format: 'swath', expression: 'sigmoid' },
};

/** A tokenizer that knows no limit says 10³⁰; RoBERTa and its kind number positions from the padding's id on. */
function maxTokens({ inputs }: DraftGraph, config: z.infer<typeof configSchema>, ofTokenizer = MOST_TOKENS): number {
  const fixed = inputs[0]?.shape?.[1];
  if (typeof fixed === 'number') return fixed;
  const { max_position_embeddings: positions = MOST_TOKENS, model_type: kind = '', pad_token_id: padding } = config;
  const unused = /roberta|camembert/.test(kind) ? (padding ?? 1) + 1 : 0;
  return Math.min(ofTokenizer, positions - unused, MOST_TOKENS);
}

const MOST_TOKENS = 512;
