import words from './allowed.json' with { type: 'json' };
import { deploymentParameters, sizeParameters } from './ofDeployment.ts';
import { functionParameters } from './ofFunctions.ts';
import type { Parameter } from './parameter.ts';

const named = { ...functionParameters, ...deploymentParameters };

const all: Readonly<Record<string, Parameter>> = { ...named, ...sizeParameters };
const ALLOWED: Readonly<Record<string, string>> = words;

/** Every parameter of a deployment by name; its default is in serverless.yml, under `params`. */
export const parameters: Readonly<Record<string, Parameter & { allowed: string }>> = Object.fromEntries(
  Object.entries(all).map(([name, one]) => [name, { ...one, allowed: ALLOWED[name] ?? one.allowed! }]),
);

type Named = typeof named;

export type ObservedValues = {
  [Name in keyof Named as Named[Name] extends { isObserved: true } ? Name : never]: Named[Name]['type'] extends 'number'
    ? number
    : string;
};

export const observed: readonly [string, Parameter][] = Object.entries(parameters).filter(([, one]) => one.isObserved);
