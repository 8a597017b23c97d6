import type { Invocation } from '../core/base/step.ts';
import { readSettings } from '../core/parameters/settings.ts';
import { makeModels } from '../core/releases/models.ts';
import { readFrom } from './bucket.ts';

export type LambdaContext = { getRemainingTimeInMillis: () => number };

/** A Lambda handler around a step. nodejs24.x takes async handlers only. */
export function lambdaHandler<Result>(step: (message: unknown, invocation: Invocation) => Promise<Result>) {
  return (message: unknown, context: LambdaContext): Promise<Result> =>
    step(message, {
      remainingSeconds: () => context.getRemainingTimeInMillis() / 1000,
      signal: new AbortController().signal, // Lambda never asks an invocation to stop; it ends it
    });
}

/** Reads what each function has: its settings, the models of its stage, and the time. */
export function stepPorts() {
  const settings = readSettings(process.env);
  const models = makeModels(readFrom(settings.modelsBucket), settings.modelName);
  return { ...settings, models, now: () => new Date() };
}
