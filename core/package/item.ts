import * as z from 'zod';
import { dataTypes, inputTypes, outputTypes } from '../arrays/dataTypes.ts';
import { resamplings, resizeTypes } from '../arrays/resize.ts';
import * as limits from '../base/limits.ts';
import { columnName, isSafeName, safeNameRule } from '../base/names.ts';
import { withoutTime } from './dimension.ts';
import { gateSchema, SHARE, share } from './gateRules.ts';
import maskProducts from './maskProducts.json' with { type: 'json' };
import { POST_PROCESSING, parsePostProcessing } from './postProcessing.ts';
import { openObject, parseAs } from './problems.ts';
import { FILLS } from './text/textFacts.ts';

/**
 * The part of a STAC 1.1 or 1.0 Item with the Machine Learning Model extension (MLM) that this service uses. Other fields are
 * ignored. Every schema's message says what is allowed in its place.
 */

const quoted = (values: readonly string[]) => values.map((value) => `"${value}"`).join(', ');
const text = z.string('a text').min(1, 'a text that is not empty');
const number = z.number('a number');
const whole = (from: number, to: number, what = `a whole number from ${from} to ${to}`) =>
  z.int(what).min(from, what).max(to, what);
const oneOf = <const T extends string>(values: readonly T[], more = '') => z.enum(values, quoted(values) + more);
/** A list whose entries are only checked if there are not too many, because each could be a problem to report. */
const listOf = <T extends z.ZodType>(entry: T, what: string, { least = 1, most = limits.MAX_ENTRIES } = {}) =>
  z.array(z.unknown(), what).min(least, what).max(most, `a list of at most ${most}`).pipe(z.array(entry, what));
const anyNumberOf = <T extends z.ZodType>(entry: T, what: string) => listOf(entry, what, { least: 0 });
/** A name that becomes a column or key. */
const label = text.max(limits.MAX_LABEL_LENGTH, `a text of at most ${limits.MAX_LABEL_LENGTH} characters`);
const TIME = 'a time in UTC like 2024-07-29T15:10:27Z';
const timestamp = z.string(TIME).regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)$/, TIME);

const arrayOf = <const T extends string>(types: readonly T[]) =>
  openObject('{shape, dim_order, data_type}', {
    shape: listOf(whole(-1, limits.MAX_SIDE), 'a list of sizes (-1 where any will do)'),
    dim_order: listOf(text, 'a list of dimension names'),
    data_type: oneOf(types),
  });
const size = whole(1, limits.MAX_SIDE);
const ABOVE_0 = 'a share above 0, up to 1';

const CALCULATORS = ['rio-calc', 'gdal-calc', 'swath'] as const satisfies readonly string[];
const calculator = oneOf(CALCULATORS, ' (of each the arithmetic over band names)');

/** A dimension's value: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html */
const MAX_DIMENSION_LENGTH = 1024;
const TOO_LONG_ENCODED = `a name of at most ${MAX_DIMENSION_LENGTH} characters when percent-encoded for metrics, such as nine for "森"`;

/** Parquet stores class values as 32-bit integers. */
const INT32_END = 2 ** 31;

const ofTraining = z.number(
  "a number of the training data (by each chip's own, predictions would depend on how a scene is cut)",
);

const bothBounds = z.number('a number (with one bound alone, the type is clip-min or clip-max)');

const valueScaling = z
  .discriminatedUnion(
    'type',
    [
      z.looseObject({ type: z.literal(['scale', 'offset']), value: number }),
      z.looseObject({ type: z.literal('min-max'), minimum: ofTraining, maximum: ofTraining }),
      z.looseObject({ type: z.literal('z-score'), mean: ofTraining, stddev: ofTraining }),
      z.looseObject({ type: z.literal('clip'), minimum: bothBounds, maximum: bothBounds }),
      z.looseObject({ type: z.literal('clip-min'), minimum: number }),
      z.looseObject({ type: z.literal('clip-max'), maximum: number }),
      z.looseObject({ type: z.literal('processing'), format: calculator, expression: text }),
      z.looseObject({ type: z.literal(null) }),
    ],
    '{"type": …} with "scale", "offset", "min-max", "z-score", "clip", "clip-min", "clip-max", "processing" or null',
  )
  .refine((scaling) => !(scaling.type === 'scale' && scaling.value === 0), 'a scale that does not divide by 0')
  .refine((scaling) => !(scaling.type === 'z-score' && scaling.stddev <= 0), 'a stddev above 0')
  .refine((scaling) => !(scaling.type === 'min-max' && scaling.minimum === scaling.maximum), 'two different bounds')
  .refine((scaling) => !(scaling.type === 'clip' && scaling.minimum > scaling.maximum), 'a minimum up to the maximum');
export type ValueScaling = z.infer<typeof valueScaling>;

/** pystac writes one object, which is for all bands; stac_model has a null for a band that stays as it is. */
const valueScalings = z.preprocess(
  (given) => (typeof given === 'object' ? [given].flat() : given),
  listOf(
    z.preprocess((entry) => entry ?? { type: null }, valueScaling),
    'null, an object for all bands, or a list of them',
  ),
);

export const membersOfScaling = ({ type }: ValueScaling): string[] =>
  valueScaling.options
    .filter(({ shape }) => shape.type.values.has(type as never))
    .flatMap(({ shape }) => Object.keys(shape));

const orName = <T extends z.ZodType>(entry: T) =>
  z.preprocess((given) => (typeof given === 'string' ? { name: given } : given), entry);

const bandOrFormula = openObject("a band's name or {name, format, expression}", {
  name: label,
  format: calculator.optional(),
  expression: text.optional(),
});
const modelBand = orName(
  bandOrFormula.refine(
    (of) => (of.format === undefined) === (of.expression === undefined),
    'format and expression together',
  ),
);

function insteadOf(found: unknown): string {
  const { format } = Object(Array.isArray(found) ? found[0] : found) as { format?: unknown };
  return CALCULATORS.some((known) => known === format)
    ? 'null, and the expression where its result is one of bands: {"name": "NDVI", "format": "gdal-calc", "expression": "(B08 - B04) / (B08 + B04)"}, over names of the file\'s bands'
    : 'null: code is not run. What it does is said by value_scaling (z-score, min-max, scale, clip, or arithmetic by {"type": "processing", "format": "gdal-calc", "expression": "(A - 1000) / 10000"}), resize_type and expressions of bands';
}

/** What MLM up to 1.3 scaled by: ignored, it would leave a model with other values than in training. */
const ofOlderMlm = z.null('null: since MLM 1.4, value_scaling says it, an object for each band').optional();

const input = openObject('a model input object', {
  name: text,
  bands: listOf(modelBand, "a list of the model's bands", { least: 0, most: limits.MAX_BANDS }).default([]),
  variables: listOf(modelBand, "a list of the model's variables", { least: 0, most: limits.MAX_BANDS }).default([]),
  input: arrayOf(inputTypes).transform(withoutTime),
  value_scaling: valueScalings.nullish(),
  resize_type: oneOf(resizeTypes, ' or null').nullish(),
  pre_processing_function: z.null({ error: ({ input }) => insteadOf(input) }).optional(),
  norm_type: ofOlderMlm,
  norm_clip: ofOlderMlm,
});

const postProcessing = z
  .looseObject({ format: z.literal('swath'), expression: z.string() }, POST_PROCESSING)
  .refine(({ expression }) => parsePostProcessing(expression) !== undefined, POST_PROCESSING);

/** Names later become keys of JSON objects, and values of metrics' dimensions. */
const className = label
  .refine((name) => columnName(name) !== '__proto__' && name.trim() !== '', 'a name other than spaces and "__proto__"')
  .refine((name) => encodeURIComponent(name.toWellFormed()).length <= MAX_DIMENSION_LENGTH, TOO_LONG_ENCODED);

const COLOUR = 'a colour: six hexadecimal digits such as "00FF00", or [red, green, blue] from 0 to 255';
const byte = z.int(COLOUR).min(0, COLOUR).max(255, COLOUR);
const colourHint = z.union([z.string().regex(/^[0-9a-fA-F]{6}$/, COLOUR), z.tuple([byte, byte, byte])], COLOUR);

const output = openObject('a model output object', {
  name: text,
  tasks: anyNumberOf(text, 'a list of tasks'),
  result: arrayOf(outputTypes),
  'classification:classes': listOf(
    z.looseObject(
      { value: whole(-INT32_END, INT32_END - 1), name: className, color_hint: colourHint.nullish() },
      'a class object',
    ),
    'a list of classes, at least one',
    { least: 0, most: limits.MAX_CLASSES },
  ).default([]),
  classification_classes: z.undefined('nothing: MLM calls it "classification:classes"').optional(),
  post_processing_function: z.union([z.null(), postProcessing], POST_PROCESSING).optional(),
});

const NODATA = 'a number, "nan", "inf" or "-inf"';
const nodata = z.union([z.number(), z.stringFormat('nodata', /^(nan|-?inf|-?\d+(\.\d+)?)$/i)], NODATA).nullish();
const stored = { data_type: oneOf(dataTypes).optional(), scale: number.nullish(), offset: number.nullish(), nodata };

/** Bands of the scene files: as in STAC 1.1, and as in the extensions of STAC 1.0. */
const bandLists = {
  bands: bandList('a band object {name, data_type}', {
    name: label,
    ...stored,
    'eo:common_name': text.nullish(),
    common_name: text.nullish(),
    'raster:scale': number.optional(),
    'raster:offset': number.optional(),
  }),
  'eo:bands': bandList('a band object {name, common_name} of the EO extension 1', {
    name: label.optional(),
    common_name: text.nullish(),
  }),
  'raster:bands': bandList('a band object {name, data_type} of the raster extension 1', {
    name: label.optional(),
    ...stored,
  }),
};

function bandList<Shape extends z.ZodRawShape>(what: string, shape: Shape) {
  const list = "a list of the scene files' bands, at least one";
  return listOf(openObject(what, shape), list, { most: limits.MAX_BANDS }).optional();
}

const carriedType = oneOf(['string', 'float64']).optional();
const carried = orName(openObject("a feature's name or {name, data_type}", { name: label, data_type: carriedType }));

/** Each is a verdict of its own, which leaves less to chance for the others. */
const MOST_SEGMENTATIONS = 4;
const MOST_SEGMENTS_OF_CHIPS = 20;
const SEGMENT = `a pattern of letters, digits and "?", such as "S2?", a list of such, {"column": a feature of swath:carry, "values": up to ${MOST_SEGMENTS_OF_CHIPS} texts}, or {"polygons": a GeoJSON file, "property": of its features, "values"}`;
const values = listOf(label, 'a list of values, as texts', { most: MOST_SEGMENTS_OF_CHIPS });
const chipSegments = z.union([
  z.strictObject({ column: label, values }),
  z.strictObject({ polygons: text, property: text, values }),
]);
const segment = z.string(SEGMENT).regex(/^[A-Za-z0-9?]{1,40}$/, SEGMENT);

const PRODUCTS = Object.keys(maskProducts) as (keyof typeof maskProducts)[];
const MASK = `{"band", "values", "bits" or "product" (${PRODUCTS.join(', ')}), "share"}, {"model", "classes", "share"}, or {"cloudCover"} alone`;
const PERCENT = 'a number from 0 to 100';
const mask = z.union(
  [
    z.strictObject({ band: label, values: listOf(whole(-INT32_END, INT32_END - 1), 'a list of values'), share }),
    z.strictObject({ band: label, bits: listOf(whole(0, 31), 'a list of bits'), share }),
    z.strictObject({ band: label, product: z.enum(PRODUCTS), share }),
    z.strictObject({ model: label, classes: listOf(label, 'a list of class names'), share }),
    z.strictObject({ cloudCover: z.number(PERCENT).min(0, PERCENT).max(100, PERCENT) }),
  ],
  MASK,
);

const method = oneOf(resamplings);
const shares = listOf(share, 'a list of numbers from 0 to 1', { most: limits.MAX_CLASSES });

const properties = openObject('an object', {
  datetime: timestamp.nullable(),
  start_datetime: timestamp.optional(),
  end_datetime: timestamp.optional(),
  version: text.optional(),
  ...bandLists,
  'cube:variables': z
    .record(label, z.looseObject({ data_type: oneOf(dataTypes).optional() }), 'an object of variables')
    .refine((variables) => Object.keys(variables).length <= limits.MAX_BANDS, `at most ${limits.MAX_BANDS} variables`)
    .optional(),
  'mlm:name': text,
  'mlm:architecture': text,
  'mlm:tasks': anyNumberOf(text, 'a list of tasks'),
  'mlm:input': z
    .tuple([input], input, 'a list of model inputs, at least one')
    .refine((inputs) => inputs.length <= limits.MAX_INPUTS, `at most ${limits.MAX_INPUTS} inputs`),
  'mlm:output': z.tuple([output], z.unknown(), 'a list of model outputs, the classification first'),
  'mlm:accelerator': text.nullish(),
  'mlm:accelerator_constrained': z.boolean('true or false').optional(),
  'mlm:memory_size': z.int('bytes: a whole number').min(0, 'bytes: 0 or more').nullish(),
  'mlm:batch_size_suggestion': z.int('a whole number').min(0, '0 or more').optional(),
  'swath:abstain': z.boolean('true or false').optional(),
  'swath:blank_max': number.nullish(),
  'swath:gate': gateSchema.optional(),
  'swath:chip_shape': z.tuple([size, size], 'two sizes: [height, width]').optional(),
  'swath:expected_accuracy': z.number(ABOVE_0).gt(0, ABOVE_0).max(1, ABOVE_0).optional(),
  'swath:expected_on': z
    .strictObject({ chips: number.positive('a number above 0'), scenes: number.optional() })
    .optional(),
  'swath:features': z
    .strictObject(
      {
        group: z.string('a name').refine(isSafeName, safeNameRule),
        id: label.default('id'),
        event_time: label.default('event_time'),
        max_age_hours: number.positive('a number above 0').optional(),
        pair: label.optional(),
      },
      '{group, id, event_time, max_age_hours, pair}',
    )
    .optional(),
  'swath:mask': mask.optional(),
  'swath:multiple': size.optional(),
  'swath:nodata_share': share.optional(),
  'swath:overlap': whole(0, limits.MAX_SIDE - 1).optional(),
  'swath:picture': z.boolean('true or false').optional(),
  'swath:physical': z.boolean('true or false').optional(),
  'swath:probabilities': z.boolean('true or false').optional(),
  'swath:resampling': z
    .union([method, z.record(label, method)], `${quoted(resamplings)}, or an object of one for each band's name`)
    .optional(),
  'swath:input': z.record(label, oneOf(FILLS), 'an object of what fills each input').optional(),
  'swath:runner': oneOf(['function', 'batch']).optional(),
  'swath:segments': z
    .record(label, z.union([segment, z.array(segment).min(1), chipSegments], SEGMENT), 'an object of patterns')
    .refine((all) => Object.keys(all).length <= MOST_SEGMENTATIONS, `at most ${MOST_SEGMENTATIONS} names`)
    .refine((all) => !('door' in all || 'month' in all), 'other names than door and month')
    .optional(),
  'swath:source_shape': z.tuple([size, size], 'two sizes: [height, width]').optional(),
  'swath:text': z
    .strictObject(
      {
        columns: listOf(label, 'the names of one column, or of two', { most: 2 }).default(['text']),
        max_tokens: size.optional(),
      },
      '{columns, max_tokens}',
    )
    .optional(),
  'swath:thresholds': z.union([share, shares], `${SHARE}, or a list of such`).optional(),
  'swath:truth': label.nullish(),
  'swath:carry': listOf(carried, 'a list of features', { most: limits.MAX_CARRIED }).optional(),
}).refine(
  ({ datetime, start_datetime: start, end_datetime: end }) =>
    (start === undefined) === (end === undefined) && (datetime !== null || start !== undefined),
  'a datetime, or start_datetime and end_datetime beside a datetime of null',
);

export const OWN_KEYS = Object.keys(properties.shape)
  .filter((key) => key.startsWith('swath:'))
  .sort();

/** Releases in which no field that is read means something else than in 1.5, as stac-model 0.3.0 (1.4) to 0.7.0 (1.6) define them. */
export const MLM = /^https:\/\/stac-extensions\.github\.io\/mlm\/v1\.[4-6]\.\d+\/schema\.json$/;
const OLDER_MLM = /\/(mlm\/v(0|1\.[0-3])\.|(mlm-extension|dlm|ml-model)\/)/;
const NEWER_MLM = /\/mlm\/v([2-9]|1\d|1\.([7-9]|\d\d))/;
const MLM_ALLOWED = 'the schema of MLM 1.4 to 1.6, such as "https://stac-extensions.github.io/mlm/v1.5.2/schema.json"';

function otherMlm(address: string): string {
  if (OLDER_MLM.test(address))
    return `. This is an older release: name that one, and write value_scaling, an object for each band, instead of norm_type, norm_clip and statistics, and "bands" in dim_order where the input names bands`;
  return NEWER_MLM.test(address) ? '. This is a newer release: name that one, and no fields that it does not have' : '';
}

const asset = openObject('an asset {href, roles}', {
  href: text,
  roles: anyNumberOf(text, 'a list of roles').optional(),
  'mlm:artifact_type': text.optional(),
  ...bandLists,
});

const item = openObject('a STAC Item', {
  type: z.literal('Feature', '"Feature"'),
  stac_version: z.string('a text').regex(/^1\.[01]\.\d+/, '"1.1.0" or "1.0.0"'),
  stac_extensions: anyNumberOf(text, 'a list of schema addresses').superRefine((addresses, { addIssue }) => {
    if (addresses.some((address) => MLM.test(address))) return;
    const at = addresses.findIndex((address) => /\/(mlm|dlm|ml-model)/.test(address));
    const message = MLM_ALLOWED + otherMlm(addresses[at] ?? '');
    addIssue({ code: 'custom', path: at === -1 ? [] : [at], message });
  }),
  id: text,
  geometry: z.looseObject({ type: text }, 'a GeoJSON geometry or null').nullable(),
  bbox: anyNumberOf(number, 'a list of numbers')
    .refine((bounds) => bounds.length === 4 || bounds.length === 6, '4 or 6 numbers')
    .optional(),
  properties,
  links: anyNumberOf(z.looseObject({ rel: text, href: text }, 'a link {rel, href}'), 'a list of links'),
  assets: z
    .record(z.string(), z.unknown(), 'an object of assets')
    .refine((all) => Object.keys(all).length <= limits.MAX_ENTRIES, `an object of at most ${limits.MAX_ENTRIES} assets`)
    .pipe(z.record(z.string(), asset)),
}).refine(({ geometry, bbox }) => (geometry === null) === (bbox === undefined), {
  error: 'four or six numbers beside a geometry, nothing beside a geometry of null',
  path: ['bbox'],
});
export type ModelItem = z.infer<typeof item>;

/** Checks the structure of `item.json`. Throws `InvalidModelPackage` with all problems, each with its JSON path. */
export const parseItem = (json: unknown): ModelItem => parseAs(item, 'item.json', json);
