import type { Invocation } from '../core/base/step.ts';

export type LambdaContext = { getRemainingTimeInMillis: () => number };

/** A Lambda handler around a step. nodejs24.x takes async handlers only. */
export function lambdaHandler<Result>(step: (message: unknown, invocation: Invocation) => Promise<Result>) {
  return (message: unknown, context: LambdaContext): Promise<Result> =>
    step(message, {
      remainingSeconds: () => context.getRemainingTimeInMillis() / 1000,
      signal: new AbortController().signal, // Lambda never asks an invocation to stop; it ends it
    });
}
