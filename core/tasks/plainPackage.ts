import type { PackageFacts } from '../package/facts.ts';
import type { ModelPackage } from '../package/package.ts';
import type { TextFacts } from '../package/text/textFacts.ts';
import { taskNamed } from './registry.ts';

/** A model package as plain data, which can be sent to a thread or a process: its task is named, and it has no tokenizer. */
export type PlainPackage = Omit<PackageFacts, 'text'> & {
  readonly task: string;
  readonly text?: Omit<TextFacts, 'tokenizer'>;
};

export function toPlain({ text, task, ...model }: ModelPackage): PlainPackage {
  if (text === undefined) return { ...model, task: task.name };
  const { tokenizer: _, ...plain } = text;
  return { ...model, task: task.name, text: plain };
}

export function fromPlain({ text, task, ...model }: PlainPackage): ModelPackage {
  const tokenizer = async () => {
    throw new Error('Texts are tokenized where the package is read.');
  };
  return { ...model, task: taskNamed(task), ...(text && { text: { ...text, tokenizer } }) };
}
