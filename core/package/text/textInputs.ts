import type { ModelItem } from '../item.ts';
import { type Check, checkDistinct, namesOf } from '../problems.ts';
import { FILLS, type Fill, TEXT_MEASURES, type TextInputs } from './textFacts.ts';

type Properties = ModelItem['properties'];

/** Names by which transformers exports its models. */
const USUAL: Readonly<Record<string, Fill>> = {
  input_ids: 'ids',
  attention_mask: 'attention_mask',
  token_type_ids: 'type_ids',
};
const NOT_OF_TEXTS = [
  'bands',
  'swath:mask',
  'swath:physical',
  'swath:picture',
  'swath:source_shape',
  'swath:chip_shape',
] as const;
const DEFAULT_TOKENS = 512;

/**
 * Returns the properties of an item whose inputs take tokens as those of one whose inputs take bands: one for each input, then what is
 * measured. So a text is a chip of one row with `maxTokens` columns. Other items are returned as they are.
 */
export function textAsBands(properties: Properties, check: Check): { properties: Properties; text?: TextInputs } {
  const { 'mlm:input': inputs, 'swath:text': told, 'swath:input': filled = {} } = properties;
  if (!inputs.some(({ input }) => input.dim_order.includes('token'))) {
    check(told === undefined, 'properties.swath:text', told, 'nothing, as no input has the dimension "token"');
    return { properties };
  }
  const { columns, max_tokens: wanted } = told ?? { columns: ['text'] };
  checkDistinct('properties.swath:text.columns', columns, check);
  const fixed = Math.max(...inputs.map(({ input }) => input.shape[1] ?? -1));
  const maxTokens = wanted ?? (fixed > 0 ? fixed : DEFAULT_TOKENS);
  const fills = inputs.map((input, i): Fill => {
    const path = `properties.mlm:input[${i}]`;
    const { shape, dim_order: order, data_type: type } = input.input;
    check(order.join() === 'batch,token', `${path}.input.dim_order`, order, '["batch", "token"], like all inputs');
    const isOfTokens = shape.length === 2 && [-1, maxTokens].includes(shape[1]!);
    check(isOfTokens, `${path}.input.shape`, shape, `-1 or ${maxTokens} tokens`);
    check(['int64', 'int32'].includes(type), `${path}.input.data_type`, type, '"int64" or "int32"');
    const fill = filled[input.name] ?? USUAL[input.name];
    const rule = `one of ${Object.keys(USUAL).join(', ')}, or what fills it in swath:input (${FILLS.join(', ')})`;
    check(fill !== undefined, `${path}.name`, input.name, rule);
    return fill ?? 'ids';
  });
  checkDistinct('properties.mlm:input', fills, check);
  check(fills.includes('ids'), 'properties.mlm:input', fills, 'an input of ids');
  const rule = 'an input of the attention_mask, without which padding is read as text';
  check(fills.includes('attention_mask') || fixed > 0, 'properties.mlm:input', fills, rule);
  const names = namesOf(inputs);
  for (const key of Object.keys(filled))
    check(names.includes(key), `properties.swath:input.${key}`, filled[key], 'the name of an input');
  for (const key of NOT_OF_TEXTS)
    check(properties[key] === undefined, `properties.${key}`, properties[key], 'nothing, as the inputs take texts');
  const bands = [
    ...names.map((name) => ({ name, data_type: 'int32' as const })),
    ...TEXT_MEASURES.map((name) => ({ name, data_type: 'float32' as const })),
  ];
  const [first, ...others] = inputs.map((input) => ({ ...input, bands: [{ name: input.name }] }));
  return {
    properties: { ...properties, bands, 'mlm:input': [first!, ...others], 'swath:chip_shape': [1, maxTokens] },
    text: { columns, maxTokens, isOpen: fixed === -1, fills },
  };
}
