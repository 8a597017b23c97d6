import * as z from 'zod';
import { InvalidModelPackage, insteadOf, NotPromotable, onError, RefusedByGate } from '../../core/base/errors.ts';
import type { ModelRef } from '../../core/base/messages.ts';
import { commandFor } from '../../core/base/text/commandFor.ts';
import { makeGatedPromotions } from '../../core/releases/comparison/gate.ts';
import type { Promoted as PromotedNow } from '../../core/releases/contract.ts';
import type { TryModel } from '../../core/releases/promotions.ts';
import { placeOf } from '../../observability/alarms.ts';
import { type Answer, json, Refused } from '../answer.ts';
import type { Problem, Promoted } from '../api.ts';
import type { Service } from '../service.ts';

const why = z.string().trim().min(1).max(1000);
const promoteBody = z.strictObject({ reason: why.optional(), anyway: why.optional() });
const seen = z.strictObject({ from: why, to: why });
const rollbackBody = z.strictObject({ reason: why.optional(), seen: seen.optional() });

export function makePromotionAnswers(service: Service, tryModel: TryModel) {
  const of = (name: string) => makeGatedPromotions({ ...service, ...service.parameters, tryModel }, name);

  /** Throws `Refused` with 409 if it cannot be promoted, including its gate's refusals. */
  async function promote({ name, version }: ModelRef, body: Uint8Array): Promise<Answer> {
    const served = (await service.models.served()).map((one) => one.name);
    if (!served.includes(name))
      throw new Refused(
        409,
        `${name} is not live here: ${served.join(', ')} is. To have it classify new files beside the others: ${commandFor(placeOf(service.parameters), `model promote ${name}/${version} --beside`)}`,
      );
    const { reason = null, anyway } = parse(promoteBody, body);
    return answered(of(name).promote(version, service.now(), { reason, anyway, by: await service.caller() }));
  }

  async function rollback(name: string, body: Uint8Array): Promise<Answer> {
    const { reason = null, seen } = parse(rollbackBody, body);
    return answered(of(name).rollback(service.now(), { reason, seen, by: await service.caller() }));
  }

  return { promote, rollback };
}

const answered = (promoting: Promise<PromotedNow>): Promise<Answer> =>
  promoting
    .then(({ version, before }) => json({ version, before: before[0] ?? null } satisfies Promoted))
    .catch(onError(RefusedByGate, ({ what, refusals }) => json({ message: what, refusals } satisfies Problem, 409)))
    .catch(insteadOf([NotPromotable, InvalidModelPackage], ({ message }) => new Refused(409, message)));

function parse<Schema extends z.ZodObject>(schema: Schema, body: Uint8Array): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(body) || '{}'));
  } catch {
    const names = Object.keys(schema.shape).join(', ');
    throw new Refused(
      400,
      `The body is not understood: allowed is JSON with ${names}, texts of 1 to 1,000 characters.`,
    );
  }
}
