import { makePromotions, type TryModel } from '../models/promotions.ts';
import type { Bucket } from '../objectStore.ts';
import { type GatePorts, makeGate } from './makeGate.ts';

export type GatedPorts = GatePorts & { modelBucket: Bucket; tryModel: TryModel };

/** Promotions of a model through its gate: for a person at a terminal or in the console, and for whatever promotes by itself. */
export function makeGatedPromotions({ modelBucket, tryModel, ...gate }: GatedPorts, name: string) {
  return makePromotions(modelBucket, name, tryModel, makeGate(gate));
}
