import { attempt, citedStart, InvalidMessage, InvalidSceneFile, insteadOf, onError } from '../../base/errors.ts';
import { companionEnding, isCanary } from '../../base/keys.ts';
import type { Refusal } from '../../scenes/refusals.ts';
import { type FileInput, inputName, parseInput } from './input.ts';
import type { Request } from './request.ts';

export type Inbox = { readonly bucket: string; readonly prefix: string };

export type SplitRequest = ReturnType<typeof splitRequest>;

export function splitRequest(request: Request, inbox: Inbox) {
  const files: (FileInput & { index: number })[] = [];
  /** Inputs that do not name a scene file of the inbox. Errors of inline inputs are reported when the object is read. */
  const refusals: Refusal[] = [];
  let hasInline = false; // then the stored request itself has to be classified
  for (const [index, input] of request.inputs.entries()) {
    const file = attempt(() => parseInput(input, inputName(index)), unreadable);
    if (file?.kind !== 's3') {
      hasInline = true;
      continue;
    }
    const obstacle = inboxObstacle(file, inbox);
    if (obstacle === undefined) files.push({ ...file, index });
    else refusals.push({ index, name: file.id, message: `${inputName(index)}.s3: ${obstacle}` });
  }
  return { hasInline, files, refusals };
}

/** Whoever reads the stored request says why an input cannot be read. */
const unreadable = onError(InvalidSceneFile, () => null);

/** Returns why an input may not name a scene file; undefined if it may. */
export function inboxObstacle({ bucket, key }: Pick<FileInput, 'bucket' | 'key'>, inbox: Inbox): string | undefined {
  const found = `found ${citedStart(`s3://${bucket}/${key}`, 100)}`;
  if (bucket !== inbox.bucket || !key.startsWith(inbox.prefix))
    return `${found}, allowed are files of the inbox, s3://${inbox.bucket}/${inbox.prefix}…`;
  if (isCanary(key, inbox.prefix)) return `${found}, which lies in the service's own folder and is no scene file`;
  const ending = companionEnding(key);
  return ending === undefined ? undefined : `${found}, which is no scene file, as ${ending} says`;
}

/**
 * Equal requests give equal bytes, whatever their whitespace and member order. Members that tell the format come first.
 * @throws {InvalidMessage} when its inputs are nested too deep to be serialised
 */
export function encodeRequest({ id, model, inputs, replyTo }: Request): Uint8Array {
  const named = model && [model.name, ...(model.version === null ? [] : [model.version])].join('/');
  const first = { id, ...(named && { model: named }), ...(replyTo && { replyTo }) };
  const why = `The request ${id} cannot be taken: inputs: found lists that are nested too deep.`;
  const tooDeep = insteadOf(RangeError, () => new InvalidMessage(why));
  return new TextEncoder().encode(attempt(() => JSON.stringify({ ...first, inputs: inputs.map(inOrder) }), tooDeep));
}

function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value))
    return value.some((one) => typeof one === 'object' && one !== null) ? value.map(inOrder) : value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, inOrder(member)]));
}
