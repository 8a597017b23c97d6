import type { MessagePort } from 'node:worker_threads';
import type { Answers } from './control.ts';

/** Asks the stack something, by the question's name. */
export type Ask = <Answer>(question: string, body: unknown) => Promise<Answer>;

/** What goes over a link. An error crosses as what is read of it: a class does not survive the way. */
export type Asked = { id: number; question: string; body: unknown };
export type Answered = { id: number; result: unknown } | { id: number; error: Trouble };
type Trouble = { name: string; message: string; code?: string };

/**
 * Asks whoever answers at the other end of a link. A worker's questions go this way and not to the control port, as
 * several of them come with every file.
 */
export function askOver(link: MessagePort): Ask {
  const open = new Map<number, PromiseWithResolvers<never>>();
  let questions = 0;
  link.on('message', (answered: Answered) => {
    const question = open.get(answered.id);
    open.delete(answered.id);
    if ('result' in answered) question?.resolve(answered.result as never);
    else question?.reject(Object.assign(new Error(answered.error.message), answered.error));
  });
  link.unref(); // a question alone keeps no worker alive
  return (question, body) => {
    questions += 1;
    const answer = Promise.withResolvers<never>();
    open.set(questions, answer);
    link.postMessage({ id: questions, question, body } satisfies Asked);
    return answer.promise;
  };
}

/** Answers what is asked over a link. */
export function answerOver(link: MessagePort, answers: Answers): void {
  link.on('message', async ({ id, question, body }: Asked) => {
    link.postMessage(await answered(id, () => answers[question]!(body as never)));
  });
  link.unref();
}

async function answered(id: number, answer: () => Promise<unknown>): Promise<Answered> {
  try {
    return { id, result: await answer() };
  } catch (error) {
    const { name, message, code } = error as NodeJS.ErrnoException;
    return { id, error: { name, message, ...(code !== undefined && { code }) } };
  }
}
