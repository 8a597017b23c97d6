import { AthenaClient } from '@aws-sdk/client-athena';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { askAthena, type QueryProgress } from '../../aws/athena.ts';
import { askRedshift } from '../../aws/redshift.ts';
import { assertReads, SqlMistake } from '../../core/tables/sqlMistake.ts';
import type { LocalTables } from '../../local/tables/localTables.ts';
import { noteOperations } from '../terminal/explainAwsError.ts';
import { showProgress, WrongUse } from '../terminal/output.ts';
import { type Account, clientConfig, readOutputs } from './stack.ts';

/** A stage's tables, queried with Athena, or its table in a warehouse. */
export async function openStageTables(stage: string, account: Account, engine = 'athena'): Promise<LocalTables> {
  const config = clientConfig(account);
  using cloudFormation = noteOperations(new CloudFormationClient(config));
  const athena = noteOperations(new AthenaClient(config));
  const outputs = await readOutputs(stage, cloudFormation);
  const [database, workGroup] = [outputs('SqlDatabase', ''), outputs('SqlWorkGroup', '')];
  if (engine === 'redshift') {
    const warehouse = outputs('Redshift', '');
    if (warehouse === '')
      throw new WrongUse(
        `the stage ${stage} has no warehouse. Deploy it again with --param="redshift=workgroup:NAME".`,
      );
    const redshift = noteOperations(new RedshiftDataClient(config));
    const query = async (sql: string) => {
      assertReads(sql);
      if (/\bINTO\b/i.test(sql.replaceAll(/'[^']*'/g, '')))
        throw new SqlMistake('found INTO, which makes a table, allowed is a statement that reads.');
      using _line = showProgress(() => 'Redshift: started');
      return await askRedshift(redshift, warehouse, sql);
    };
    return { query, close: async () => redshift.destroy() };
  }
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
