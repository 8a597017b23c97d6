import { AthenaClient } from '@aws-sdk/client-athena';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { askAthena, type QueryProgress } from '../../aws/athena.ts';
import { assertReads } from '../../core/tables/sqlMistake.ts';
import type { LocalTables } from '../../local/tables/localTables.ts';
import { noteOperations } from '../terminal/explainAwsError.ts';
import { WrongUse } from '../terminal/failure.ts';
import { showProgress } from '../terminal/progress.ts';
import { type Account, clientConfig, readOutputs } from './stack.ts';

/** A stage's tables, queried with Athena. */
export async function openStageTables(stage: string, account: Account): Promise<LocalTables> {
  const config = clientConfig(account);
  const cloudFormation = noteOperations(new CloudFormationClient(config));
  const athena = noteOperations(new AthenaClient(config));
  const outputs = await readOutputs(stage, cloudFormation);
  const [database, workGroup] = [outputs('SqlDatabase', ''), outputs('SqlWorkGroup', '')];
  cloudFormation.destroy();
  if (database === '' || workGroup === '')
    throw new WrongUse(
      `the stage ${stage} has no tables: it was deployed with sqlTables=false. Deploy it again with sqlTables=true.`,
    );

  return {
    query: async (sql) => {
      assertReads(sql);
      let last: QueryProgress = { state: 'QUEUED', scannedBytes: 0 };
      const read = () => (last.scannedBytes / 1e6).toLocaleString('en', { maximumFractionDigits: 1 });
      using _line = showProgress(() => `Athena: ${last.state.toLowerCase()}, ${read()} MB read`);
      return await askAthena(athena, { database, workGroup }, sql, { tell: (progress) => (last = progress) });
    },
    close: async () => athena.destroy(),
  };
}
