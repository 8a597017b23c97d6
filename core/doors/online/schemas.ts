import * as z from 'zod';
import { MAX_REQUEST_INPUTS } from '../../base/limits.ts';
import { onlineInputSchema } from '../requests/input.ts';
import { truthSchema } from '../truth/truth.ts';

/** The HTTP bodies, for documentation. Input is validated more leniently: bodyInputs.ts, parseOnlineInput. */

export const requestBody = z.strictObject({
  inputs: z.array(onlineInputSchema).min(1).max(MAX_REQUEST_INPUTS).describe('Each is a chip of its own.'),
});

const byClass = z.record(z.string(), z.number().nullable());

/** The fields of every task; an answer also has those of its model's task. */
export const prediction = z.looseObject({
  id: z.string().nullable().describe("The input's own, where it has one."),
  class: z
    .string()
    .nullable()
    .describe(
      'The name of the most probable class, null if the package abstains; of a segmentation, of the most common one.',
    ),
  label: z.number().nullable().describe('The value of that class.'),
  probability: z.number().nullable().describe('How probable it is; null for a segmentation.'),
  share: z.number().nullish().describe('Of a segmentation: how much of the chip that class takes.'),
  meanProbability: z
    .number()
    .nullish()
    .describe("Of a segmentation: the mean over the pixels of their own classes' probabilities."),
  probabilities: byClass.nullable().describe('Of all classes.'),
  set: z.array(z.string()).nullish().describe('Of a package with a threshold: the classes that it may be.'),
  value: z.number().nullable().describe('Of a regression.'),
  labels: z.array(z.string()).nullish().describe('Of a model of several labels: those that hold.'),
  shares: byClass.nullish().describe('Of a segmentation: how much of the chip each class takes.'),
  mask: z.string().nullish().describe('Of a segmentation: base64 of a grey PNG of the values of the classes.'),
  warnings: z.array(z.string()).describe('What was done to the input, or why it was not classified.'),
  error: z.string().nullable().describe('Why there is no prediction.'),
});

export const predictionsBody = z.object({
  request: z.string().describe('The id of this request, by which its predictions are found again.'),
  model: z.string(),
  version: z.string(),
  predictions: z.array(prediction).describe('One for each input, in their order.'),
});

export const truthsBody = z.strictObject({
  truths: z
    .array(truthSchema)
    .min(1)
    .max(MAX_REQUEST_INPUTS)
    .describe('Each names a chip, and says what is true of it.'),
});
export const truthsTaken = z.object({
  model: z.string(),
  truths: z.int().describe('So many were taken; they are joined to what was predicted within minutes.'),
});

const named = { name: z.string(), version: z.string() };
const modelAbout = z.object({
  ...named,
  isLive: z.boolean().describe('Whether it classifies what comes in by files.'),
  promoted: z.string().nullable().describe('The version that is meant where none is named.'),
  versions: z.array(z.string()).describe('The published versions.'),
  task: z.string(),
  input: z.object({
    height: z.int(),
    width: z.int(),
    bands: z.array(z.object({ name: z.string(), dataType: z.string() })),
    kinds: z.array(z.string()).describe('The kinds of inputs that it takes.'),
    isPicture: z.boolean().describe('Whether an image of any size is taken whole, and converted.'),
  }),
  output: z.object({
    classes: z.array(z.object({ name: z.string(), value: z.number(), title: z.string() })),
    isOfPixels: z.boolean(),
  }),
});

export const modelBody = z.object({
  ...modelAbout.shape,
  item: z.unknown().describe("The package's STAC Item with the Machine Learning Model extension."),
});
export const modelsBody = z.object({ models: z.array(modelAbout) });

export const problemBody = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe('What was found and what is allowed.'),
});

export const healthBody = z.object({
  status: z.enum(['pass', 'fail']),
  model: z.object(named).nullable(),
  output: z.string().nullable().describe('What is wrong.'),
});
