/** Asks for another variable of serverless.yml, such as `param:throwAway`. */
type ResolveVariable = (variable: string) => Promise<unknown>;

type Source = {
  resolve: (asked: { address: string; resolveVariable: ResolveVariable }) => Promise<{ value: unknown }>;
};

/**
 * What serverless.yml asks for beside its parameters: `${number:NAME}` is a parameter as a number, which the command line
 * gives as text; `${inbox:…}` and `${kept:…}` follow from whether a bucket is named, and whether the stage is a throw-away.
 */
export const variableSources: Record<string, Source> = {
  number: {
    resolve: async ({ address, resolveVariable }) => ({ value: Number(await resolveVariable(`param:${address}`)) }),
  },

  inbox: {
    resolve: async ({ address, resolveVariable }) => {
      const named = String(await resolveVariable('param:inboxBucket'));
      const stage = String(await resolveVariable('sls:stage'));
      return { value: inboxOf(named, stage)[address] };
    },
  },

  kept: {
    resolve: async ({ resolveVariable }) => {
      const throwAway = String(await resolveVariable('param:throwAway'));
      return { value: throwAway === 'true' ? 'Delete' : 'Retain' };
    },
  },
};

/** The inbox of a stage: which file of resources/inbox describes it, its bucket, and from when on its files count. */
function inboxOf(named: string, stage: string): Record<string, unknown> {
  if (named === '')
    return { kind: 'own', bucket: `swath-${stage}-inbox-\${AWS::AccountId}-\${AWS::Region}`, since: '' };
  return { kind: 'existing', bucket: named, since: { 'Fn::GetAtt': ['InboxEvents', 'Since'] } };
}
