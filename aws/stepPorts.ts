import { readSettings } from '../core/parameters/settings.ts';
import { makeModels } from '../core/releases/models.ts';
import { readFrom } from './bucket.ts';

/** Reads what each function has: its settings, the models of its stage, and the time. */
export function stepPorts() {
  const settings = readSettings(process.env);
  const models = makeModels(readFrom(settings.modelsBucket), settings.modelName);
  return { ...settings, models, now: () => new Date() };
}
