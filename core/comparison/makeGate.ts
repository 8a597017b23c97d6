import { InvalidModelPackage, ObjectNotFound } from '../errors.ts';
import type { ModelRef } from '../messages.ts';
import { answerable, type GateRules, isOpen, parseGate, type Refusal, strictest } from '../models/gateRules.ts';
import type { Models } from '../models/models.ts';
import type { ModelPackage } from '../models/package.ts';
import { makePromotions, type TryModel } from '../models/promotions.ts';
import type { Bucket } from '../objectStore.ts';
import { taskOf } from '../tasks/registry.ts';
import { DAY_MILLISECONDS } from '../time/days.ts';
import { type ComparePorts, compareRuns } from './compareRuns.ts';
import { incomparable } from './compareVersions.ts';
import { refusalsOf } from './gate.ts';

/** Runs of this many days are compared: an older version has been live, or was forgotten. */
export const GATE_DAYS = 30;

export type GatePorts = ComparePorts & {
  models: Pick<Models, 'load'>;
  now: () => Date;
  /** The stage's own rules, as in its parameter. */
  promotionGate: string;
};

/**
 * Makes the gate: the function that returns why a version must not replace a live one. The rules are those of both packages
 * and of the stage, the strictest of each: a version cannot loosen the rules it is judged by, and its own promises apply as
 * well.
 */
export function makeGate({ models, now, promotionGate, ...ports }: GatePorts) {
  return async (candidate: ModelPackage, ref: ModelRef): Promise<Refusal[]> => {
    const live = await models.load(ref).catch(noneIfUnusable);
    const rules = rulesFor(candidate, live, parseGate(promotionGate));
    if (isOpen(rules)) return [];
    if (live === null)
      return [
        refusal(`Comparison: ${ref.version}, which is live, cannot be read, so it is not known how far they differ.`),
      ];
    const reason = incomparable(live, candidate);
    if (reason !== undefined) return [refusal(`Comparison: ${reason}.`)];
    const since = new Date(now().getTime() - GATE_DAYS * DAY_MILLISECONDS);
    try {
      return refusalsOf(rules, await compareRuns(ports, { first: live, second: candidate, since }));
    } catch (error) {
      if (!(error instanceof ObjectNotFound)) throw error;
      return [refusal(`Comparison: predictions of both versions no longer exist: ${error.message}`)];
    }
  };
}

/**
 * Returns the rules that a version must keep to replace the live one; of the stage's, only those that its task can answer.
 */
export function rulesFor(candidate: ModelPackage, live: ModelPackage | null, ofStage: GateRules): GateRules {
  const gates = [candidate.gate ?? {}, live?.gate ?? {}, ofStage];
  return answerable(strictest(gates), taskOf(candidate));
}

function refusal(sentence: string): Refusal {
  return { rule: 'comparison', sentence };
}

function noneIfUnusable(error: unknown): null {
  if (error instanceof InvalidModelPackage || error instanceof ObjectNotFound) return null;
  throw error;
}

export type GatedPorts = GatePorts & { modelBucket: Bucket; tryModel: TryModel };

/**
 * Promotes a model's versions through its gate: for people at a terminal or in the console, and for automatic promotion.
 */
export function makeGatedPromotions({ modelBucket, tryModel, ...gate }: GatedPorts, name: string) {
  return makePromotions(modelBucket, name, tryModel, makeGate(gate));
}
