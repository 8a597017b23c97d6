import { AthenaClient } from '@aws-sdk/client-athena';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { type AthenaPlace, askAthena, type QueryProgress } from '../../aws/athena.ts';
import { assertReads } from '../../core/tables/sqlMistake.ts';
import { TABLES } from '../../core/tables/tables.ts';
import type { LocalTables } from '../../local/tables/localTables.ts';
import { noteOperations } from '../terminal/explainAwsError.ts';
import { WrongUse } from '../terminal/failure.ts';
import { showProgress } from '../terminal/progress.ts';
import { type Account, clientConfig, readOutputs } from './stack.ts';

type StageTables = LocalTables & {
  /** Registers partitions that the catalogue does not know; returns their number by table. */
  repair: () => Promise<{ table: string; added: number }[]>;
};

/** A stage's tables, queried with Athena. */
export async function openStageTables(stage: string, account: Account): Promise<StageTables> {
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
  const place: AthenaPlace = { database, workGroup };

  return {
    query: async (sql) => {
      assertReads(sql);
      let last: QueryProgress = { state: 'QUEUED', scannedBytes: 0 };
      const read = () => (last.scannedBytes / 1e6).toLocaleString('en', { maximumFractionDigits: 1 });
      using _line = showProgress(() => `Athena: ${last.state.toLowerCase()}, ${read()} MB read`);
      return await askAthena(athena, place, sql, { tell: (progress) => (last = progress) });
    },
    repair: async () => {
      const added: { table: string; added: number }[] = [];
      for (const { name } of TABLES) {
        const { rows } = await askAthena(athena, place, `MSCK REPAIR TABLE ${name}`);
        let count = 0;
        for await (const some of rows) for (const [text] of some) if (/^Repair: Added/.test(String(text))) count += 1;
        added.push({ table: name, added: count });
      }
      return added;
    },
    close: async () => athena.destroy(),
  };
}
