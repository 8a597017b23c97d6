import type { PackageFacts } from '../package/facts.ts';
import type { ModelPackage } from '../package/package.ts';
import type { TextFacts } from '../package/text/textFacts.ts';
import { taskNamed } from './registry.ts';

/** A model package as plain data, which can be sent to a thread or a process: its task is named, and texts are tokenized where it was read. */
export type PlainPackage = Omit<PackageFacts, 'text'> & {
  readonly task: string;
  readonly text?: Omit<TextFacts, 'files'>;
};

export function toPlain({ text, task, ...model }: ModelPackage): PlainPackage {
  if (text === undefined) return { ...model, task: task.name };
  const { files: _, ...plain } = text;
  return { ...model, task: task.name, text: plain };
}

export function fromPlain({ text, task, ...model }: PlainPackage): ModelPackage {
  const files = { tokenizer: new Uint8Array(), config: null };
  return { ...model, task: taskNamed(task), ...(text && { text: { ...text, files } }) };
}
