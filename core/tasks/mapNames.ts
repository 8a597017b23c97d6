import type { ModelPackage } from '../models/package.ts';
import { taskOf } from './registry.ts';
import type { MapName } from './task.ts';

/** The maps that come of a scene; none of a model that says something of each chip as a whole. */
export function mapNames(model: ModelPackage): MapName[] {
  if (model.output.pixels === null) return [];
  const layers = taskOf(model).pixels?.layers(model) ?? [];
  return [...new Set(layers.map(({ map }) => map))];
}
