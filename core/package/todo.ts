import type { ModelPackage } from './package.ts';
import { refuse } from './problems.ts';

/** Marks what only the author of a model knows, in a draft of its package. */
export const TODO = (what: string) => `${MARK} ${what}`;
export const MARK = 'TODO:';

/** Rejects a file that still contains marks. Throws `InvalidModelPackage` with a list of all marked places. */
export function refuseTodos(file: string, json: unknown): void {
  const found = todosIn(json);
  if (found.length > 0) refuse(file, found);
}

/** Returns each marked place in some JSON, with what is to be written there. */
export function todosIn(json: unknown): string[] {
  const found: string[] = [];
  // JSON may be nested arbitrarily deep, so paths are only built for marked places.
  const objects: Place[] = [{ value: { '': json }, key: '', parent: undefined }];
  for (let place = objects.pop(); place !== undefined; place = objects.pop()) {
    const inside: Place[] = [];
    for (const [key, value] of Object.entries(place.value)) {
      if (typeof value === 'string' && value.startsWith(MARK))
        found.push(`${pathOf({ key, parent: place })} is still to be written: ${shown(value)}`);
      else if (typeof value === 'object' && value !== null) inside.push({ value, key, parent: place });
    }
    for (const one of inside.reverse()) objects.push(one); // the first comes next; pushed singly, because a call may not take that many arguments
  }
  return found;
}

type Place = { readonly value: object; readonly key: string; readonly parent: Place | undefined };

const shown = (text: string) => text.slice(MARK.length).trim().slice(0, LETTERS_SHOWN);
const LETTERS_SHOWN = 300;

/** Returns the path in its usual notation: `properties.mlm:input[0].bands`; of a deeply nested place, only its end. */
function pathOf({ key, parent }: Pick<Place, 'key' | 'parent'>): string {
  const steps: string[] = [];
  let step: Pick<Place, 'key' | 'parent'> | undefined = { key, parent };
  for (; step?.parent !== undefined && steps.length < MOST_STEPS; step = step.parent)
    steps.unshift(Array.isArray(step.parent.value) ? `[${step.key}]` : `.${step.key}`);
  const path = steps.join('').replace(/^\.+/, '');
  return step?.parent === undefined ? path : `…${path}`;
}

const MOST_STEPS = 20;

/** A reference of a draft: nothing is known yet of what the model usually predicts. */
export const PROVISIONAL = { provisional: true } as const;

export const isProvisional = (reference: unknown): boolean => Object(reference).provisional === true;

/** Returns what a provisional reference stands for: each class as often as any other, or one bin of values. */
export function provisionalReference({ classes }: Pick<ModelPackage, 'classes'>): object {
  if (classes.length === 0) return { bins: { edges: [0, 1], counts: [1] } };
  return { classes: Object.fromEntries(classes.map(({ name }) => [name, 1])), chips: classes.length };
}
