import { type Call, covers, type Grant } from '../permissions.ts';
import { actionsOf, type Bundle } from './bundle.ts';
import type { FormerRight } from './formerRights.ts';

/** What a function's rights are held against. */
export type Holder = {
  name: string;
  /** The logical id of its role. */
  role: string;
  bundle: Bundle;
  /** All that it has asked AWS for in the story. */
  calls: readonly Call[];
};

/** The release before this one; what its functions may do, where that was recorded. */
export type FormerRelease = { version: string; rights?: readonly string[] | undefined };

/**
 * Everything that a function can ask for and may not, or may and does not: a sentence each. The story has to send every
 * command of the bundle and to use every right, so neither can be forgotten.
 */
export function rightProblems(
  grants: readonly Grant[],
  holder: Holder,
  formerRights: readonly FormerRight[],
): string[] {
  return [
    ...missingRights(grants, holder),
    ...untoldCommands(grants, holder),
    ...idleRights(grants, holder, formerRights),
  ];
}

/** What is wrong with the rights that are kept for the release before, or were not kept: a sentence each. */
export function formerRightProblems(
  grants: readonly Grant[],
  holders: readonly Holder[],
  formerRights: readonly FormerRight[],
  former: FormerRelease,
): string[] {
  return [...staleFormerRights(grants, holders, formerRights, former), ...rightsGoneTooSoon(grants, former)];
}

/** The grants of a function, but for what Lambda does in its name: the lines of its log, and the messages of its queue. */
function grantsOf(grants: readonly Grant[], { role }: Pick<Holder, 'role'>): Grant[] {
  return grants.filter(
    (grant) =>
      grant.role === role && !/^logs:|^sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes)$/.test(grant.action),
  );
}

function missingRights(grants: readonly Grant[], holder: Holder): string[] {
  const own = grantsOf(grants, holder);
  const refused = holder.calls.filter((call) => !own.some((grant) => covers(grant, call)));
  const lacking = new Map(refused.map(({ action, resource }) => [`${action} ${folderOf(resource)}`, action]));
  const sentences = [...lacking.keys()].map(
    (right) => `${holder.role} lacks ${right}, which ${holder.name} asks for: grant it in resources/roles.yml.`,
  );
  const granted = new Set([...own.map(({ action }) => action), ...lacking.values()]);
  for (const command of holder.bundle.commands)
    if (!actionsOf(command).some((action) => granted.has(action)))
      sentences.push(
        `${holder.role} lacks ${actionsOf(command).join(' or ')}, and the bundle of ${holder.name} holds ${command}: grant it in resources/roles.yml, or take what asks for it out of functions/${holder.name}/handler.ts.`,
      );
  return sentences;
}

/** What a function could ask for by its rights and its bundle, and never does. */
function untoldCommands(grants: readonly Grant[], holder: Holder): string[] {
  const { name, bundle, calls } = holder;
  const granted = new Set(grantsOf(grants, holder).map(({ action }) => action));
  const sent = new Set(calls.map(({ command }) => command));
  const asked = new Set(calls.flatMap(({ resource }) => /\/index\/(\w+)$/.exec(resource)?.[1] ?? []));
  const isGranted = (command: string) => actionsOf(command).some((action) => granted.has(action));
  return [
    ...bundle.commands
      .filter((command) => isGranted(command) && !sent.has(command))
      .map((command) => `${name} holds ${command}, which the story never has it send: ${TELL}.`),
    ...bundle.indexes
      .filter((index) => !asked.has(index))
      .map((index) => `${name} names the index ${index}, which the story never has it ask: ${TELL}.`),
    ...[...sent]
      .filter((command) => !bundle.commands.includes(command))
      .map((command) => `${name} has sent ${command}, which was not found in its bundle: see readBundle.`),
  ];
}

const TELL = 'tell of it in test/packaged/story';
/** What S3 asks for by itself, to say that there is no such object. */
const IMPLIED = 's3:ListBucket';

function idleRights(grants: readonly Grant[], holder: Holder, formerRights: readonly FormerRight[]): string[] {
  const { name, role, bundle, calls } = holder;
  const own = grantsOf(grants, holder);
  const used = new Set(calls.map((call) => closest(own, call)));
  const couldAsk = new Set([...bundle.commands.flatMap(actionsOf), IMPLIED]);
  return own
    .filter((grant) => !used.has(grant) && !formerRights.some((right) => isSame(grant, right)))
    .map(({ action, resource }) =>
      couldAsk.has(action)
        ? `${role} may ${action} ${resource}, and the story never has ${name} do so: ${TELL}, or take the right out of resources/roles.yml.`
        : `${role} may ${action} ${resource}, and nothing in the bundle of ${name} can: take it out of resources/roles.yml, or say in test/packaged/rights/formerRights.ts for which release it stays.`,
    );
}

/** Of the grants that cover a call, the one that says the most of what it is about. */
function closest(grants: readonly Grant[], call: Call): Grant | undefined {
  const covering = grants.filter((grant) => covers(grant, call));
  return covering.sort((one, other) => other.resource.length - one.resource.length)[0];
}

function staleFormerRights(
  grants: readonly Grant[],
  holders: readonly Holder[],
  formerRights: readonly FormerRight[],
  { version }: FormerRelease,
): string[] {
  return formerRights.flatMap((right) => {
    const what = `${right.role} ${right.action} ${right.resource}, kept for ${right.release}`;
    const grant = grants.find((one) => isSame(one, right));
    const holder = holders.find(({ role }) => role === right.role);
    const isUsed =
      grant !== undefined && holder?.calls.some((call) => closest(grantsOf(grants, holder), call) === grant);
    return [
      ...(right.release === version
        ? []
        : [
            `${what}: the release before is ${version}; take it out of resources/roles.yml and of test/packaged/rights/formerRights.ts.`,
          ]),
      ...(grant === undefined ? [`${what}: it is not granted; an execution that began with that release fails.`] : []),
      ...(isUsed ? [`${what}: it is needed anyway; take it out of test/packaged/rights/formerRights.ts.`] : []),
    ];
  });
}

/** A release that has recorded its rights can be held to all of them. */
function rightsGoneTooSoon(grants: readonly Grant[], { version, rights = [] }: FormerRelease): string[] {
  const now = new Set(grants.map(toRight));
  return rights
    .filter((right) => !now.has(right))
    .map(
      (right) =>
        `${right}: functions of ${version} need it, and executions that began with them go on; keep it for one release, with a line in test/packaged/rights/formerRights.ts.`,
    );
}

/** What functions may do, for a release to record: not what it keeps for the one before. */
export function rightsToRecord(
  grants: readonly Grant[],
  roles: readonly string[],
  formerRights: readonly FormerRight[],
): string[] {
  return grants
    .filter((grant) => roles.includes(grant.role) && !formerRights.some((right) => isSame(grant, right)))
    .map(toRight)
    .sort();
}

/** A grant in one line. */
function toRight({ role, action, resource }: Pick<Grant, 'role' | 'action' | 'resource'>): string {
  return `${role} ${action} ${resource}`;
}

function isSame(one: Pick<Grant, 'role' | 'action' | 'resource'>, other: Pick<Grant, 'role' | 'action' | 'resource'>) {
  return toRight(one) === toRight(other);
}

/** An object's folder is what a right is about: its key is not. */
function folderOf(resource: string): string {
  return resource.replace(/^(arn:aws:s3:::[^/]+\/(?:[^/]+\/)?).*$/, '$1*');
}
