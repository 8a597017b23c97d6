import type { Executions } from '../../core/base/executions.ts';
import { mapped } from '../../core/base/mapped.ts';
import { executionArn } from './arns.ts';
import type { Answers } from './control.ts';

export type Ask = <Answer>(question: string, body: unknown) => Promise<Answer>;

/** The stack's functions through a link, by their names. Arguments left out at the end are not sent: JSON would make null of them. */
export function remoteBy(ask: Ask) {
  return (name: string) =>
    (...given: unknown[]) =>
      ask<never>(name, given.slice(0, given.findLastIndex((one) => one !== undefined) + 1));
}

/** The other end of that: functions that answer a list of arguments, or null for none. */
export const answersOf = (functions: Record<string, (...given: never[]) => Promise<unknown>>): Answers =>
  mapped(functions, (work, name) => async (given: never[] | null) => {
    if (given !== null && !Array.isArray(given)) throw new TypeError(`${name} takes a list of arguments.`);
    return work(...(given ?? []));
  });

export function executionsBy(ask: Ask): Executions {
  const remote = remoteBy(ask);
  return { start: remote('start'), describe: remote('describe'), arnOf: executionArn };
}

/** The JSON messages of a link. An error is sent as its fields, because classes do not survive. */
export type Asked = { id: number; question: string; body: unknown };
export type Answered = { id: number; result: unknown } | { id: number; error: SentError };
type SentError = { name: string; message: string; code?: string };

/** The question to the tables, which is texts alone, and so is its answer: neither has to be made what JSON would bring. */
export const TABLE = 'table';
export const isOfTables = ({ question }: Asked): boolean => question === TABLE;

/** Asks the other end of a link by `send`, and takes its answers by `hear`: for workers, faster than the control port. */
export function makeAsking(send: (asked: Asked) => void) {
  const open = new Map<number, PromiseWithResolvers<never>>();
  let questions = 0;
  const ask: Ask = (question, body) => {
    questions += 1;
    const answer = Promise.withResolvers<never>();
    open.set(questions, answer);
    send({ id: questions, question, body });
    return answer.promise;
  };
  const hear = (answered: Answered): void => {
    const question = open.get(answered.id);
    open.delete(answered.id);
    if ('result' in answered) question?.resolve(answered.result as never);
    else question?.reject(Object.assign(new Error(answered.error.message), answered.error));
  };
  return { ask, hear };
}

export async function answerTo({ id, question, body }: Asked, answers: Answers): Promise<Answered> {
  try {
    return { id, result: (await answers[question]!(body as never)) ?? null }; // JSON has no undefined
  } catch (error) {
    const { name = 'Error', message = String(error), code } = Object(error) as Partial<NodeJS.ErrnoException>;
    return { id, error: { name, message, ...(code !== undefined && { code }) } };
  }
}
