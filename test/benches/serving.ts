import { NoModelPromoted } from '../../core/base/errors.ts';
import type { ModelRef } from '../../core/base/messages.ts';
import type { LiveModel, Serving } from '../../core/releases/serving.ts';

const accepts = ['*'];

/** For tests: these model versions are live and take every key; without one, a model waits for its promotion. */
export function servingOf(...models: (ModelRef | null)[]): () => Promise<Serving> {
  return liveOf(...models.filter((model) => model !== null).map((model) => ({ model })));
}

/** The same with what is said of each: by itself it takes every key, and was there from the beginning. */
export function liveOf(...models: (Pick<LiveModel, 'model'> & Partial<LiveModel>)[]): () => Promise<Serving> {
  const live = models.map((one) => ({ accepts, since: null, ...one }));
  const error = new NoModelPromoted('No version is promoted.');
  return async () => ({ live, waiting: live.length === 0 ? [{ accepts, error }] : [] });
}

/** The same: none of them was only tried. */
export const noTrial = async (): Promise<boolean> => false;

/** The same: none has a shadow. */
export const noShadow = async (): Promise<null> => null;
