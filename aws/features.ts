import { InvalidSceneFile, insteadOf } from '../core/base/errors.ts';
import { lazily } from '../core/base/lazily.ts';
import type { FeatureSource } from '../core/features/contract.ts';
import type { FeatureClients, FeatureSettings } from './apart/featureSources.ts';

/** By its name: that of a bundle apart is of another class. */
const asRefusal = insteadOf('InvalidSceneFile', ({ message }) => new InvalidSceneFile(message));

/** A stage's features. What reads them is loaded when it is needed: few models take features. */
export function featuresOf(settings: FeatureSettings, clients?: FeatureClients): FeatureSource {
  const source = lazily(async () => (await import('./apart/featureSources.ts')).openFeatures(settings, clients));
  return { read: async (...given) => (await source()).read(...given).catch(asRefusal) };
}
