import { citedStart } from '../cited.ts';
import { InvalidMessage, InvalidSceneFile } from '../errors.ts';
import { companionEnding, isCanary, requestKey } from '../keys.ts';
import type { Refusal } from '../scenes/refusals.ts';
import { type FileInput, inputName, parseInput } from './input.ts';
import type { Request } from './request.ts';

/** Where scene files may be named that a request is about. */
export type Inbox = { readonly bucket: string; readonly prefix: string };

export type SplitRequest = {
  /** The request, as it is kept: the checkpoint of its id, and the scene file of what came with it. */
  readonly object: { readonly key: string; readonly bytes: Uint8Array };
  /** Whether anything came with it, so that the object is to be classified. */
  readonly hasInline: boolean;
  /** Scene files of the inbox, each by its place among the inputs. */
  readonly files: readonly (FileInput & { readonly index: number })[];
  /** Inputs that name no scene file of the inbox. What is wrong with others is said when the object is read. */
  readonly refusals: readonly Refusal[];
};

/** Parts what came with a request from the scene files that it names. */
export function splitRequest(request: Request, inbox: Inbox): SplitRequest {
  const files: (FileInput & { index: number })[] = [];
  const refusals: Refusal[] = [];
  let hasInline = false;
  for (const [index, input] of request.inputs.entries()) {
    const file = fileIn(input, index);
    if (file === null) {
      hasInline = true;
      continue;
    }
    const obstacle = obstacleTo(file, inbox);
    if (obstacle === undefined) files.push({ ...file, index });
    else refusals.push({ index, name: file.id, message: `${inputName(index)}.s3: ${obstacle}` });
  }
  const object = { key: requestKey(request.id), bytes: encodeRequest(request) };
  return { object, hasInline, files, refusals };
}

/** The scene file that an input names; null for what comes with the request, and for what cannot be read. */
function fileIn(input: unknown, index: number): FileInput | null {
  try {
    const parsed = parseInput(input, inputName(index));
    return parsed.kind === 's3' ? parsed : null;
  } catch (error) {
    if (error instanceof InvalidSceneFile) return null;
    throw error;
  }
}

function obstacleTo({ bucket, key }: FileInput, inbox: Inbox): string | undefined {
  const found = `found ${citedStart(`s3://${bucket}/${key}`, 100)}`;
  if (bucket !== inbox.bucket || !key.startsWith(inbox.prefix))
    return `${found}, allowed are files of the inbox, s3://${inbox.bucket}/${inbox.prefix}…`;
  if (isCanary(key, inbox.prefix)) return `${found}, which lies in the service's own folder and is no scene file`;
  const ending = companionEnding(key);
  return ending === undefined ? undefined : `${found}, which is no scene file, as ${ending} says`;
}

/**
 * A request as bytes: those of one request are the same, whatever spaces and order somebody has written it in. What its format is
 * known by comes first.
 *
 * @throws InvalidMessage where its inputs are nested too deep to be written
 */
export function encodeRequest({ id, model, inputs, replyTo }: Request): Uint8Array {
  const named = model && [model.name, ...(model.version === null ? [] : [model.version])].join('/');
  try {
    const text = JSON.stringify({ id, ...(named && { model: named }), ...(replyTo && { replyTo }), inputs }, inOrder);
    return new TextEncoder().encode(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InvalidMessage(`The request ${id} cannot be taken: inputs: found lists that are nested too deep.`);
  }
}

/** The members of what stands in the inputs in the order of their names; the request's own stay as they are. */
function inOrder(name: string, value: unknown): unknown {
  if (name === '' || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
