import { InvalidSceneFile } from '../../base/errors.ts';
import { MOST_SCENE_LIMITS, type SceneLimits } from '../../base/limits.ts';
import type { Chip, ModelPackage } from '../../package/package.ts';
import { type Format, HEAD_BYTES, type SceneStream } from '../../scenes/formats/format.ts';
import { mostUnpacked } from '../../scenes/gunzipped.ts';
import { textIn } from '../../scenes/linesIn.ts';
import { inFile } from '../queueMessage.ts';
import { idOf, inputName, parseInput } from './input.ts';
import { makeReadInput } from './inputChip.ts';
import { parseRequest, type Request } from './request.ts';

/** Each inline input is a chip and ends individually; files that it names are scenes of their own: docs/requests.md. */
export const request: Format = {
  name: 'request',
  sniff: (head) => (BEGINNING.test(String.fromCharCode(...head.subarray(0, HEAD_BYTES))) ? 'yes' : 'no'),

  makeReader(model, limits) {
    const readInput = makeReadInput(model, limits.maxRecordBytes);
    return async function* (scene) {
      const { key, size } = scene;
      const { id, inputs } = requestFor(model, key, await wholeText(scene, limits));
      const mostBytes = mostUnpacked(size, limits);
      let bytes = 0;
      for (const [index, input] of inputs.entries()) {
        const where = inputName(index);
        try {
          const parsed = parseInput(input, where);
          if (parsed.kind === 's3') continue;
          const chip = await readInput(parsed, where, index);
          bytes += chip.planes.reduce((sum, { byteLength }) => sum + byteLength, 0);
          if (bytes > mostBytes)
            throw new InvalidSceneFile(
              `${where}: takes the inputs up to it to ${bytes} bytes as they are decoded, allowed are at most ${mostBytes} in one request. Send it in another one.`,
            );
          yield [{ ...chip, request: id }];
        } catch (error) {
          if (!(error instanceof InvalidSceneFile)) throw error;
          if (scene.refuse === undefined) throw new InvalidSceneFile(`${key}: ${error.message}`, { cause: error });
          scene.refuse({ index, name: idOf(input), message: error.message });
        }
      }
    };
  },

  async readChip({ key, size, range }, { index }, model): Promise<Chip> {
    const { id, inputs } = requestFor(model, key, textOf(key, await range(0, size)));
    const where = inputName(index);
    const input = index < inputs.length ? parseInput(inputs[index], `${key}: ${where}`) : undefined;
    if (input === undefined || input.kind === 's3')
      throw new InvalidSceneFile(`${key}: has no chip ${index}, as it ${input ? 'names a file' : 'has fewer inputs'}`);
    const chip = await makeReadInput(model, MOST_SCENE_LIMITS.maxRecordBytes)(input, `${key}: ${where}`, index);
    return { ...chip, request: id };
  },
};

/** JSON in which only a request's text members precede its inputs; as bytes, with a mark that may precede UTF-8. */
const BEGINNING = /^(?:\xef\xbb\xbf)?\s*\{\s*("(id|model|replyTo)"\s*:\s*("[^"\\]*"|null)\s*,\s*)*"inputs"\s*:\s*\[/;

function requestFor(model: ModelPackage, key: string, text: string): Request {
  const found = inFile(key, () => parseRequest(text, Number.POSITIVE_INFINITY)); // a file has a limit of its own
  const asked = found.model;
  if (asked !== null && (asked.name !== model.name || (asked.version ?? model.version) !== model.version))
    throw new InvalidSceneFile(
      `${key}: asks for ${asked.name}${asked.version === null ? '' : ` ${asked.version}`}, and is read for ${model.name} ${model.version}`,
    );
  return found;
}

/** Reads the whole text, because JSON cannot be parsed before its end. */
async function wholeText({ key, size, chunks }: SceneStream, { maxRecordBytes }: SceneLimits): Promise<string> {
  if (size > maxRecordBytes)
    throw new InvalidSceneFile(
      `${key}: found a request of ${size} bytes, allowed are at most ${maxRecordBytes} (the parameter maxRecordBytes)`,
    );
  return textOf(key, Buffer.concat(await Array.fromAsync(chunks, (chunk) => new Uint8Array(chunk)))); // its memory is reused
}

const textOf = (key: string, bytes: Uint8Array): string => textIn(key, bytes, 'a request that is');
