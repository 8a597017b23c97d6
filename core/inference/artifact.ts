import { packageFile } from '../base/names.ts';
import type { ModelPackage } from '../package/package.ts';
import { mostModelBytes, type ReadPackageFile, readWithin } from '../package/packageFile.ts';

/**
 * Reads a package's model, whole: with its weights, if they are in a file of their own.
 * @throws {InvalidModelPackage} when it is too large, or its data are not as it says; if a file does not exist, what
 *   `readFile` throws
 */
export async function readArtifact(readFile: ReadPackageFile, model: Pick<ModelPackage, 'artifact' | 'runner'>) {
  const { file, data } = model.artifact;
  const limit = mostModelBytes(model);
  const bytes = await readWithin(readFile, file, limit);
  if (data === undefined) return bytes;
  const weights = await readWithin(readFile, data, limit);
  const { withData } = await import('./onnx/externalData.ts');
  return withData(file, bytes, (name) => (packageFile(name) === data ? weights : undefined), limit);
}
