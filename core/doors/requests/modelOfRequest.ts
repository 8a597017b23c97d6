import { InvalidMessage, isUnusable, NoModelPromoted } from '../../base/errors.ts';
import { requestKey } from '../../base/keys.ts';
import type { ModelRef } from '../../base/messages.ts';
import type { Models } from '../../releases/contract.ts';
import { assertTaken } from '../../releases/serving.ts';
import type { Request } from './request.ts';

/** Its version, its model's promoted one, or the first live one that takes requests; else throws `InvalidMessage`. */
export async function modelOfRequest(
  models: Pick<Models, 'serving' | 'promotion' | 'load'>,
  { id, model }: Pick<Request, 'id' | 'model'>,
): Promise<ModelRef> {
  try {
    if (model === null) return assertTaken(await models.serving(), requestKey(id))[0];
    const version = model.version ?? (await models.promotion(model.name))?.version;
    if (version === undefined) throw new NoModelPromoted(`No version of the model ${model.name} is promoted.`);
    const ref = { name: model.name, version };
    await models.load(ref);
    return ref;
  } catch (error) {
    if (!(error instanceof NoModelPromoted || isUnusable(error))) throw error;
    const named = model?.version == null ? '' : `${model.name} ${model.version}: `;
    const said = `${named}${error.message.replace(/\.$/, '')}.`;
    throw new InvalidMessage(
      `The request ${id} cannot be taken: model: ${said} Allowed is a published model, or none for the one that is live.`,
      { cause: error },
    );
  }
}
