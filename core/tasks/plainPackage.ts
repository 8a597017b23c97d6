import type { PackageFacts } from '../package/facts.ts';
import type { ModelPackage } from '../package/package.ts';
import { taskNamed } from './registry.ts';

/** A model package as plain data, which can be sent to a thread or a process: its task is named. */
export type PlainPackage = PackageFacts & { readonly task: string };

export const toPlain = (model: ModelPackage): PlainPackage => ({ ...model, task: model.task.name });

export const fromPlain = (model: PlainPackage): ModelPackage => ({ ...model, task: taskNamed(model.task) });
