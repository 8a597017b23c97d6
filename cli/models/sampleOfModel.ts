import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { attempt, InvalidModelPackage, insteadOf } from '../../core/base/errors.ts';
import { MAX_PACKAGE_TEXT_BYTES } from '../../core/base/limits.ts';
import { chipOfSample } from '../../core/doors/requests/sample.ts';
import { predictChip } from '../../core/inference/predict.ts';
import { SAMPLE_FILE } from '../../core/package/packageFile.ts';
import { openModel } from '../../local/stack/openModel.ts';
import { quoted } from '../service/where.ts';
import { bold, print, printable, readNamed, WrongUse } from '../terminal/output.ts';
import { readPackage } from './publishModel.ts';
import { tryModel } from './tryModel.ts';

type Options = { write?: boolean; json?: boolean };

/** `swath model sample FOLDER INPUT`: makes a sample for the package: a chip with the model's prediction. */
export async function sampleOfModel(folder: string, file: string, { write, json }: Options): Promise<void> {
  const input = inputIn(file, await readNamed(file));
  const { model, onnx } = await readPackage(folder);
  const wrong = (cause: Error) => new WrongUse(cause.message.replace(/^sample\.json: input/, file), { cause });
  const chip = await chipOfSample(input, model).catch(insteadOf(InvalidModelPackage, wrong));
  await tryModel(model, onnx);
  const sample = { input, prediction: await predictChip(await openModel(model, onnx), chip) };
  const text = inLines(sample);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_PACKAGE_TEXT_BYTES)
    throw new WrongUse(
      `${file}: makes a ${SAMPLE_FILE} of ${bytes} bytes, allowed are at most ${MAX_PACKAGE_TEXT_BYTES}. Use an image that compresses better.`,
    );
  for (const warning of chip.warnings ?? []) console.error(`Note: ${printable(warning)}`);
  if (write) await writeFile(join(folder, SAMPLE_FILE), text);
  const next = printable(`npx swath model check ${quoted(folder)}`);
  const written = `${bold(SAMPLE_FILE)} is written in ${printable(folder)}. Then: ${next}`;
  print(json, sample, () => (write ? written : text.trimEnd()));
}

/** Formats JSON as the text of a file, with each list of numbers on one line. */
export const inLines = (json: unknown): string =>
  `${JSON.stringify(json, null, 2)}\n`.replace(/\[[\s\d.,eE+-]+\]/g, (list) =>
    list.replaceAll(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']'),
  );

function inputIn(file: string, bytes: Buffer): unknown {
  if (!/^\s*\{/.test(bytes.toString('latin1', 0, 100))) return { image: bytes.toString('base64') };
  const noJson = (cause: Error) =>
    new WrongUse(`${file}: found no JSON, though it begins like some: ${cause.message}`, { cause });
  return attempt(() => JSON.parse(bytes.toString('utf8')), insteadOf(SyntaxError, noJson));
}
