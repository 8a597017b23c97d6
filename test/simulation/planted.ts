import type { Patch } from './stateMachine.ts';
import { WHATEVER } from './steps.ts';

/** Known bugs, each put in on purpose: a search that does not find them would find no others. */

const CLAIM = 'attribute_not_exists(scene) OR';
const FENCE = 'attempt = :ourAttempt AND execution = :ourExecution';
/** The same names and values, and true of whatever holds them. */
const NO_FENCE =
  '(attempt = :ourAttempt OR attempt <> :ourAttempt) AND (execution = :ourExecution OR execution <> :ourExecution)';

type Request = { ConditionExpression?: string; ExpressionAttributeValues?: Record<string, unknown> };

/** A claim is let in whoever holds the run. */
export const conditionSkipped: Patch = {
  request: (input) => {
    const { ConditionExpression: condition, ExpressionAttributeValues: values } = input as Request;
    const isClaim = condition?.startsWith(CLAIM) === true && values?.[':claimed'] === 'CLAIMED';
    return isClaim ? { ...input, ConditionExpression: `(${condition}) OR attribute_exists(scene)` } : input;
  },
};

/** The ledger says that the parts are there, and then they are written. */
export const ledgerFirst: Patch = {
  ports: (ports, name) => {
    if (name !== 'preprocess') return ports;
    const held: Parameters<typeof ports.writeResult>[] = [];
    return {
      ...ports,
      writeResult: async (...write) => void held.push(write),
      ledger: {
        ...ports.ledger,
        advance: async (...change) => {
          const row = await ports.ledger.advance(...change);
          for (const write of held.splice(0)) await ports.writeResult(...write);
          return row;
        },
      },
    };
  },
};

/** Whoever held a run once may write to it for ever. */
export const noFencing: Patch = {
  request: (input) => {
    const { ConditionExpression: condition } = input as Request;
    return condition?.includes(FENCE) === true
      ? { ...input, ConditionExpression: condition.replace(FENCE, NO_FENCE) }
      : input;
  },
};

/** The end of a bulk file's run is written over whatever is there. */
export const batchEndSkipsCondition: Patch = {
  request: (input) => {
    const { ConditionExpression, Item } = input as { ConditionExpression?: string; Item?: Record<string, unknown> };
    const isEnd = Item?.['batch'] !== undefined && Item['state'] !== undefined && ConditionExpression !== undefined;
    return isEnd ? { ...input, ConditionExpression: `(${ConditionExpression}) OR attribute_exists(scene)` } : input;
  },
};

/** A batch's predictions are written over whatever has been written since they were read. */
export const batchFileUnfenced: Patch = {
  ports: (ports) => ({
    ...ports,
    replaceVersion: (key, bytes) => ports.replaceVersion(key, bytes, WHATEVER),
  }),
};

/** Whoever comes second forgets that a run without a row may be a batch's, and takes its bytes. */
export const openBatchForgotten: Patch = {
  request: (input) => {
    const { Key } = input as { Key?: Record<string, unknown> };
    const isLook = Key?.['scene'] === 'sweep#batches' && 'ConsistentRead' in input;
    return isLook ? { ...input, Key: { ...Key, model: 'no batch' } } : input;
  },
};

/** A watermark is believed however late it is. */
export const watermarkBelieved: Patch = {
  ports: (ports) => ({
    ...ports,
    ledger: { ...ports.ledger, sweptUntil: () => ports.ledger.sweptUntil(new Date('2900-01-01')) },
  }),
};

/** A sweep takes every lease for one that holds until its end, however long that is. */
export const leaseBelieved: Patch = {
  ports: (ports, name) => (name === 'discover' ? { ...ports, leaseSeconds: 1e9 } : ports),
};
