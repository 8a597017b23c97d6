import * as z from 'zod';
import { citedStart, InvalidMessage, insteadOf } from '../../base/errors.ts';
import { MAX_REQUEST_INPUTS } from '../../base/limits.ts';
import { modelId } from '../../base/messages.ts';
import type { TruthValue } from '../../package/task.ts';
import type { Models } from '../../releases/contract.ts';
import { contradiction, splitTruths, type Truth, type TruthJson, toTruth } from '../truth/truth.ts';
import { truthReader } from '../truth/truthReader.ts';
import { type OnlineRoute, versionIn } from './answer.ts';
import { jsonBody } from './bodyInputs.ts';
import type { CounterOptions } from './counter.ts';
import { jsonResponse, Problem, TooBusy } from './http.ts';
import type { OnlineModels } from './onlineModels.ts';

/** The body of a request with late truths; each is validated by itself, to report which one is wrong. */
const bodySchema = z.strictObject({ truths: z.array(z.unknown()).min(1).max(MAX_REQUEST_INPUTS) });
const allowed = `{"truths": […]} with a list of 1 to ${MAX_REQUEST_INPUTS}`;

export type TruthRoutePorts = Pick<CounterOptions, 'send' | 'now'> & {
  models: Pick<OnlineModels, 'find'>;
  load: Models['load'];
  onError?: ((error: unknown) => void) | undefined;
};

/** Sends late truths to where predictions are counted: only the ledger knows whether a chip was predicted. */
export function truthRoute({ models, load, send, now, onError }: TruthRoutePorts): OnlineRoute {
  return {
    method: 'POST',
    path: '/v1/models/{model}/truth',
    async reply({ request, parts: [name = ''], about }) {
      const { success, data } = bodySchema.safeParse(jsonBody(request, allowed));
      if (!success)
        throw new Problem(422, `The body cannot be taken: found ${startOf(request.body)}, allowed is ${allowed}.`);
      const at = now().toISOString();
      const read = async () => {
        // Before anything is awaited: what is none may take much more memory than its bytes.
        const all = data.truths.map((one, i) => toTruth(one, at, `truths[${i}]`));
        const version = versionIn(request);
        about.model = await models.find(name, version);
        const valueIn = truthReader(await load(about.model));
        const said = new Map<string, { truth: Truth; value: TruthValue }>();
        for (const truth of all) {
          const value = valueIn(truth);
          const chip = JSON.stringify(truth.chip);
          const other = said.get(chip) ?? { truth, value };
          // Once it is taken, nobody who waits would hear of it. A chip that goes by two names is told only there.
          if (other.value !== value) throw contradiction(truth, other.truth);
          said.set(chip, { truth, value });
        }
        const truths = data.truths as TruthJson[];
        const whose = version === null ? name : modelId(about.model);
        return { model: name, messages: splitTruths({ model: whose, at }, truths) };
      };
      const wrong = insteadOf(InvalidMessage, (error) => new Problem(422, error.message));
      const { model, messages } = await read().catch(wrong);
      try {
        for (const message of messages) await send(message);
      } catch (error) {
        onError?.(error);
        throw new TooBusy(
          'Not all truths could be sent to be joined. Send them again: each counts only once.',
          'unavailable',
        );
      }
      return jsonResponse({ model, truths: data.truths.length }, 202);
    },
  };
}

/** As it came: what was read of it may be nested too deep to be written again. */
const startOf = (body: Uint8Array): string => citedStart(new TextDecoder().decode(body.subarray(0, 4 * CITED)), CITED);
const CITED = 60;
