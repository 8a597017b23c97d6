import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

type Message = { body: string; reason?: string };

/** The messages in a queue of an embedded stack, the oldest first: each is a file. */
export function messagesIn(queues: string, name: string, read = readMessage): Message[] {
  const names = readdirSync(queues).includes(name) ? readdirSync(join(queues, name)) : [];
  const files = names.filter((file) => file.endsWith('.json')).sort();
  return files.map((file) => read(join(queues, name, file)));
}

/** Takes the messages out of a queue, as whoever waits for answers does. */
export function takeMessages(queues: string, name: string): Message[] {
  return messagesIn(queues, name, (path) => {
    const message = readMessage(path);
    rmSync(path);
    return message;
  });
}

const readMessage = (path: string): Message => JSON.parse(readFileSync(path, 'utf8'));
