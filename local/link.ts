import type { ExecutionStatus, Executions } from '../core/executions.ts';
import { executionArn } from './arns.ts';
import type { Answers } from './control.ts';

/** Asks the stack something, by the question's name. */
export type Ask = <Answer>(question: string, body: unknown) => Promise<Answer>;

/** The executions of the stack, for who asks it. */
export function executionsBy(ask: Ask): Executions {
  return {
    start: (name, input) => ask('start', { name, input }),
    describe: (execution) => ask<ExecutionStatus>('describe', { execution }),
    arnOf: executionArn,
  };
}

/** What goes over a link, as JSON. An error crosses as what is read of it: a class does not survive the way. */
export type Asked = { id: number; question: string; body: unknown };
export type Answered = { id: number; result: unknown } | { id: number; error: SentError };
type SentError = { name: string; message: string; code?: string };

/** The question to the tables, which is texts alone, and so is its answer: neither has to be made what JSON would bring. */
export const TABLE = 'table';
export const isOfTables = ({ question }: Asked): boolean => question === TABLE;

/**
 * Asks whoever answers at the other end of a link: `send` takes a question there, and what comes back is for `hear`. A
 * worker's questions go this way and not to the control port, as several of them come with every file.
 */
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

/** The answer to what is asked over a link. */
export async function answerTo({ id, question, body }: Asked, answers: Answers): Promise<Answered> {
  try {
    return { id, result: (await answers[question]!(body as never)) ?? null }; // JSON has no undefined
  } catch (error) {
    const { name, message, code } = error as NodeJS.ErrnoException;
    return { id, error: { name, message, ...(code !== undefined && { code }) } };
  }
}
