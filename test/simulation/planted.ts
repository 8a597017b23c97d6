import type { Patch } from './stateMachine.ts';

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
