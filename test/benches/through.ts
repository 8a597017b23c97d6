import type { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';

// biome-ignore lint/suspicious/noExplicitAny: what is asked and answered has another shape for each command
type Anything = any;

/** One request to the tables: by which command, and what it says. */
export type Asked = { command: string; input: Anything; answer: () => Promise<Anything> };

/** For tests: the same tables, where each request goes by `ask`, which may look at it, hold it up or answer in their place. */
export function through(tables: DynamoDBDocument, ask: (asked: Asked) => Promise<Anything>): DynamoDBDocument {
  const send = (sent: Parameters<typeof tables.send>[0]) =>
    ask({ command: sent.constructor.name.replace('Command', ''), input: sent.input, answer: () => tables.send(sent) });
  return Object.assign(Object.create(tables), { send });
}

/** The same tables, whose answers are from before anything was written, unless a read asks for what there is now. */
export function behind(tables: DynamoDBDocument): DynamoDBDocument {
  return through(tables, async ({ command, input, answer }) => {
    if (command === 'BatchGet') {
      const isNow = Object.values(input.RequestItems as object).every(({ ConsistentRead }) => ConsistentRead);
      return isNow ? answer() : { Responses: {} };
    }
    if ((command !== 'Get' && command !== 'Query') || input.ConsistentRead || input.IndexName !== undefined)
      return answer();
    return command === 'Get' ? {} : { Items: [], Count: 0 };
  });
}

/** The same tables, which take no write, for trouble of their own. */
export function troubled(tables: DynamoDBDocument, trouble: Error): DynamoDBDocument {
  return through(tables, async ({ command, answer }) => {
    if (['Put', 'Update', 'Delete'].includes(command)) throw trouble;
    return answer();
  });
}
