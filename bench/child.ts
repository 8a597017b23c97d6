import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { coresHere, keptTo } from './cores.ts';

/** A script of bench/processes as a process that answers one question at a time. */
export type Child<Question, Answer> = { ask: (question: Question) => Promise<Answer>; stop: () => Promise<void> };

/** Starts one, on those of our cores; it has been made sure that it answers. */
export async function startChild<Question, Answer>(
  script: string,
  { cores = coresHere(), args = [] as string[] } = {},
): Promise<Child<Question, Answer>> {
  const path = fileURLToPath(new URL(`processes/${script}.ts`, import.meta.url));
  const [command, all] = keptTo(cores, process.execPath, [path, ...args]);
  const child = spawn(command, all, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const over = once(child, 'exit').then(([code, signal]): never => {
    throw new Error(`bench/processes/${script}.ts ended with ${code ?? signal} in the middle of its work.`);
  });
  over.catch(() => {});
  const said = async (): Promise<Answer> => {
    const [answer] = await Promise.race([once(child, 'message'), over]);
    const { value, error } = answer as { value: Answer; error?: string };
    if (error !== undefined) throw new Error(error);
    return value;
  };
  await said();
  return {
    ask: (question) => {
      child.send({ question });
      return said();
    },
    stop: async () => {
      process.off('exit', kill);
      const ended = once(child, 'exit');
      child.send({ stop: true });
      await ended;
    },
  };
}

/** The other side of it: answers until it is told to stop. */
export function answerQuestions<Question, Answer>(
  answer: (question: Question) => Answer | Promise<Answer>,
  stop: () => void | Promise<void> = () => {},
): void {
  process.on('message', async (message: { question: Question } | { stop: true }) => {
    if ('stop' in message) {
      await stop();
      return process.disconnect();
    }
    try {
      process.send?.({ value: await answer(message.question) });
    } catch (error) {
      process.send?.({ error: (error as Error).stack });
    }
  });
  process.send?.({ value: null });
}
