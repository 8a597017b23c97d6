import { InvalidModelPackage, ObjectNotFound } from '../../core/errors.ts';
import { packageKey } from '../../core/keys.ts';
import type { ModelRef } from '../../core/messages.ts';
import type { Models } from '../../core/models/models.ts';
import { type Check, type Finding, fine, notice, type WithService, wrong } from './check.ts';

type Package = Pick<Models, 'load' | 'fileOf'>;

/** Which version is promoted, and whether its package can be read and is whole. */
export const model: Check<WithService<'models' | 'parameters'> & { howToPromote: string }> = {
  id: 'model',
  title: 'model',
  needs: ['stack'],
  look: async ({ service, howToPromote }) => {
    const { models, parameters } = await service();
    let found = '';
    try {
      const promoted = await models.promotion();
      if (promoted === null) return wrong(`no version of ${parameters.modelName} is promoted`, howToPromote);
      const since = promoted.promotedAt === null ? '' : `, promoted ${promoted.promotedAt}`;
      found = `${promoted.name} ${promoted.version}${since}`;
      return await lookInto(promoted, models, found);
    } catch (error) {
      if (!(error instanceof InvalidModelPackage || error instanceof ObjectNotFound)) throw error;
      return wrong(
        found === '' ? error.message : `${found}: ${error.message}`,
        'Publish a whole package as a new version, or promote another one.',
      );
    }
  },
};

async function lookInto(promoted: ModelRef, models: Package, found: string): Promise<Finding> {
  const { name, version, onnxFile } = await models.load(promoted);
  if (name !== promoted.name || version !== promoted.version)
    throw new InvalidModelPackage(
      `${packageKey(promoted, 'item.json')} says that it is ${name} ${version}, which is another model version.`,
    );
  const read = models.fileOf(promoted);
  const { byteLength } = await read(onnxFile);
  if (byteLength === 0) throw new InvalidModelPackage(`${packageKey(promoted, onnxFile)} is empty.`);
  const hasCard = await read('README.md').then(
    () => true,
    (error) => {
      if (error instanceof ObjectNotFound) return false;
      throw error;
    },
  );
  const whole = `${found}; its package is whole, the model has ${byteLength.toLocaleString('en-US')} bytes`;
  return hasCard ? fine(whole) : notice(`${found}; its package has no model card (README.md)`);
}
