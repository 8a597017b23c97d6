import type { ModelPackage } from '../models/package.ts';
import { taskOf } from './registry.ts';
import type { MapName } from './task.ts';

/** Returns the maps made of a scene; none for a model that predicts whole chips. */
export function mapNames(model: ModelPackage): MapName[] {
  if (model.output.pixels === null) return [];
  const layers = taskOf(model).pixels?.layers(model) ?? [];
  return [...new Set(layers.map(({ map }) => map))];
}
