import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { connectTables } from '../../aws/tables.ts';
import { LOCAL } from '../../local/tables/tableClients.ts';
import type { AskTables } from '../../local/tables/tableRequests.ts';

/** AWS's client of tables of this process. */
export function connectOwnTables(ask: AskTables) {
  return connectTables({ ...LOCAL, endpoint: 'http://127.0.0.1', ...withoutNetwork(ask) });
}

/** The settings of a client whose requests go to `ask`. */
function withoutNetwork(ask: AskTables): DynamoDBClientConfig {
  const requestHandler = {
    handle: async ({ headers, body }: { headers: Record<string, string>; body?: string | Uint8Array }) => {
      const answer = await ask({ target: String(headers['x-amz-target']), body: textOf(body ?? '') });
      const response = { statusCode: answer.status, headers: {}, body: Buffer.from(answer.body) };
      return { response: response as never };
    },
  };
  return { requestHandler, signer: { sign: async (request) => request } };
}

function textOf(body: string | Uint8Array): string {
  return typeof body === 'string' ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
}
