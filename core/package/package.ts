import type { ItemFacts, PackageFacts } from './facts.ts';
import type { Task } from './task.ts';

/** A model version as it was read: what its package says, and the task that its numbers are for. */
export type ModelPackage<Reference = unknown> = PackageFacts<Reference> & { readonly task: Task };

export type PackageContent = ItemFacts & { readonly task: Task };
