import { deploymentParameters, sizeParameters } from './ofDeployment.ts';
import { functionParameters } from './ofFunctions.ts';
import type { Parameter } from './parameter.ts';

const named = { ...functionParameters, ...deploymentParameters };

/** Every parameter of a deployment by name; its default is in serverless.yml, under `params`. */
export const parameters: Readonly<Record<string, Parameter>> = { ...named, ...sizeParameters };

type Named = typeof named;

export type ObservedValues = {
  [Name in keyof Named as Named[Name] extends { isObserved: true } ? Name : never]: Named[Name]['type'] extends 'number'
    ? number
    : string;
};

export const observed: readonly [string, Parameter][] = Object.entries(parameters).filter(
  ([, parameter]) => parameter.isObserved,
);
