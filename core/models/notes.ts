import type { ModelItem } from './item.ts';
import type { ModelPackage } from './package.ts';
import { listed } from './problems.ts';

/** The keys of our own that an item's properties may have; item.ts says what of. */
export const OWN_KEYS: readonly string[] = [
  'swath:blank_max',
  'swath:carry',
  'swath:chip_shape',
  'swath:multiple',
  'swath:nodata_share',
  'swath:overlap',
  'swath:physical',
  'swath:probabilities',
  'swath:source_shape',
  'swath:thresholds',
  'swath:truth',
];

/** What MLM has for a model's input and output: of these, item.ts reads what can change an answer. */
const MLM_INPUT = ['name', 'description', 'bands', 'input', 'value_scaling', 'resize_type', 'pre_processing_function'];
const MLM_OUTPUT = ['name', 'description', 'tasks', 'result', 'classification:classes', 'post_processing_function'];

/** The files of a package as they stand: JSON that was read before; whether a model card is there. */
type Files = { item: unknown; reference: unknown; hasCard: boolean };

type Properties = Pick<ModelItem['properties'], 'mlm:input' | 'mlm:output'>;
/** Of the package, what is compared with its files. */
type Told = Pick<ModelPackage, 'bands' | 'classes' | 'source' | 'tensor'>;

/** What is worth a word of a package that can run: what in it is not read though it was meant, and what it lacks. */
export function notesOn({ item, reference, hasCard }: Files, model: Told): string[] {
  const { properties } = item as { properties: Properties };
  const [input] = properties['mlm:input'];
  const [output] = properties['mlm:output'];
  const own = Object.keys(properties).filter((key) => key.startsWith('swath:'));
  const unknown = own.filter((key) => !OWN_KEYS.includes(key));
  const counted = Object.keys((reference as { classes?: object }).classes ?? {});
  const uncounted = model.classes.map(({ name }) => name).filter((name) => !counted.includes(name));
  return [
    ...unknown.map(
      (key) => `item.json: properties has ${JSON.stringify(key)}, which is not read; known are ${OWN_KEYS.join(', ')}`,
    ),
    ...[...elsewhere(item, properties)].map(
      (key) => `item.json: ${JSON.stringify(key)} stands elsewhere than in properties, where it is not read`,
    ),
    ...unread('properties.mlm:input[0]', input, MLM_INPUT),
    ...unread('properties.mlm:output[0]', output, MLM_OUTPUT),
    ...(isScalingLeftOut(input, model)
      ? [
          "item.json: properties.mlm:input[0] has no value_scaling, so the model gets the file's own values; null says that this is meant",
        ]
      : []),
    ...(uncounted.length === 0
      ? []
      : [`reference.json: has no count for ${listed(uncounted)}, so drift is measured as if none were expected`]),
    ...(hasCard ? [] : ['README.md: there is none; a model card says where a model comes from and what it is for']),
  ];
}

/** Whether a model of floats gets whole numbers as they are, and nobody says that it should. */
function isScalingLeftOut(input: object, { bands, source, tensor }: Told): boolean {
  if ('value_scaling' in input || !tensor.dataType.startsWith('float')) return false;
  return bands.some((band) => 'source' in band && !source.bands[band.source]!.dataType.startsWith('float'));
}

/** Keys that are no field of MLM's, most of them misspelt or of an older release of it: whoever wrote one meant something by it. */
function unread(where: string, part: object, known: readonly string[]): string[] {
  const others = Object.keys(part).filter((key) => !known.includes(key) && !/^.+:/.test(key));
  return others.map(
    (key) => `item.json: ${where} has ${JSON.stringify(key)}, which is not read; known are ${known.join(', ')}`,
  );
}

/** Keys of our own anywhere else in an item. It may be nested as deep as it is long. */
function elsewhere(item: unknown, properties: object): Set<string> {
  const found = new Set<string>();
  const within = [item];
  for (let node = within.pop(); node !== undefined; node = within.pop()) {
    if (typeof node !== 'object' || node === null) continue;
    for (const [key, value] of Object.entries(node)) {
      if (key.startsWith('swath:') && node !== properties) found.add(key);
      if (typeof value === 'object' && value !== null) within.push(value);
    }
  }
  return found;
}
