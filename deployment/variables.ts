import { environmentOf, functionParameters } from '../core/parameters/ofFunctions.ts';
import { arrivingKeys } from './arrivals.ts';
import { existingInboxOf } from './parameters.ts';

/** Asks for another variable of serverless.yml, such as `param:throwAway`. */
type ResolveVariable = (variable: string) => Promise<unknown>;

type Source = {
  resolve: (asked: { address: string; resolveVariable: ResolveVariable }) => Promise<{ value: unknown }>;
};

/**
 * What serverless.yml asks for beside its parameters: `${number:NAME}` is a parameter as a number, which the command line
 * gives as text; `${environment:withParameters}` is custom.environment with the parameters that functions read;
 * `${atOnce:FUNCTION}` is a function's reserved concurrency, if it has one; `${arrivals:keys}` are the keys
 * whose events start an execution; `${inbox:bucket}` and `${kept:policy}` follow from whether a bucket is named, and whether
 * the stage is a throw-away.
 */
export const variableSources: Record<string, Source> = {
  number: {
    resolve: async ({ address, resolveVariable }) => ({ value: Number(await resolveVariable(`param:${address}`)) }),
  },

  environment: {
    resolve: async ({ resolveVariable }) => {
      const names = Object.keys(functionParameters);
      const values = await Promise.all(names.map(async (name) => [name, await resolveVariable(`param:${name}`)]));
      const parameters: Record<string, unknown> = Object.fromEntries(values);
      const others = await resolveVariable('self:custom.environment');
      return { value: { ...(others as object), ...environmentOf((name) => parameters[name]) } };
    },
  },

  atOnce: {
    resolve: async ({ address, resolveVariable }) => {
      const most = Number(await resolveVariable(`param:${address}AtOnce`));
      return { value: most === 0 ? null : most }; // a property that is null is left out
    },
  },

  arrivals: {
    resolve: async ({ resolveVariable }) => {
      const textOf = async (name: string) => String(await resolveVariable(`param:${name}`));
      return { value: arrivingKeys(await textOf('inboxPrefix'), await textOf('bulkPrefix')) };
    },
  },

  inbox: {
    resolve: async ({ resolveVariable }) => {
      const named = existingInboxOf(String(await resolveVariable('param:inboxBucket')));
      const stage = String(await resolveVariable('sls:stage'));
      return { value: named ?? `swath-${stage}-inbox-\${AWS::AccountId}-\${AWS::Region}` };
    },
  },

  kept: {
    resolve: async ({ resolveVariable }) => {
      const throwAway = String(await resolveVariable('param:throwAway'));
      return { value: throwAway === 'true' ? 'Delete' : 'Retain' };
    },
  },
};
