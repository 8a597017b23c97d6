import { InvalidMessage, InvalidModelPackage, NoModelPromoted, ObjectNotFound } from '../../base/errors.ts';
import { requestKey } from '../../base/keys.ts';
import type { ModelRef } from '../../base/messages.ts';
import type { Models } from '../../releases/contract.ts';
import { assertTaken } from '../../releases/serving.ts';
import type { Request } from './request.ts';

/**
 * Returns the version that classifies a request: the one it names, the promoted one of the model it names, or that of the
 * first live model that takes requests.
 *
 * @throws {InvalidMessage} when there is none
 */
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
    const isUnknown =
      error instanceof NoModelPromoted || error instanceof InvalidModelPackage || error instanceof ObjectNotFound;
    if (!isUnknown) throw error;
    const named = model?.version == null ? '' : `${model.name} ${model.version}: `;
    const said = `${named}${error.message.replace(/\.$/, '')}.`;
    throw new InvalidMessage(
      `The request ${id} cannot be taken: model: ${said} Allowed is a published model, or none for the one that is live.`,
      { cause: error },
    );
  }
}
