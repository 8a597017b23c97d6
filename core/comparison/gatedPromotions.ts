import { makePromotions, type TryModel } from '../models/promotions.ts';
import type { Bucket } from '../objectStore.ts';
import { type GatePorts, makeGate } from './makeGate.ts';

export type GatedPorts = GatePorts & { modelBucket: Bucket; tryModel: TryModel };

/**
 * Promotes a model's versions through its gate: for people at a terminal or in the console, and for automatic promotion.
 */
export function makeGatedPromotions({ modelBucket, tryModel, ...gate }: GatedPorts, name: string) {
  return makePromotions(modelBucket, name, tryModel, makeGate(gate));
}
