import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AlreadyExistsException, type CreatePartitionCommandInput } from '@aws-sdk/client-glue';
import { TransientTrouble } from '../core/base/errors.ts';
import { predictionsTable } from '../core/tables/predictionsTable.ts';
import { runsTable } from '../core/tables/runsTable.ts';
import { registerPartitionIn } from './partitions.ts';

const VALUES = ['m', '1.0.0', '2026-05-03'];

/** A catalogue that answers each request so. */
function catalogue(...answers: (Error | undefined)[]) {
  const asked: CreatePartitionCommandInput[] = [];
  let clients = 0;
  const send = async ({ input }: { input: CreatePartitionCommandInput }) => {
    asked.push(input);
    const answer = answers.shift();
    if (answer !== undefined) throw answer;
  };
  const clientOf = () => {
    clients += 1;
    return { send };
  };
  return { asked, clients: () => clients, register: registerPartitionIn('swath_dev', 'results', clientOf) };
}

describe('a partition', () => {
  test('is registered with its folder and the columns of its table, once', async () => {
    const { asked, register } = catalogue();
    await Promise.all([register(predictionsTable, VALUES), register(predictionsTable, VALUES)]);
    await register(predictionsTable, VALUES);
    assert.equal(asked.length, 1);
    const [{ PartitionInput, ...of } = assert.fail()] = asked;
    assert.deepEqual(of, { DatabaseName: 'swath_dev', TableName: 'predictions' });
    assert.deepEqual(PartitionInput?.Values, VALUES);
    const { Location, Columns = [] } = PartitionInput?.StorageDescriptor ?? {};
    assert.equal(Location, 's3://results/predictions/model=m/version=1.0.0/date=2026-05-03/');
    assert.equal(Columns.length, predictionsTable.columns.length);
    assert.deepEqual(Columns[0], { Name: 'chip_id', Type: 'string' });
    await register(runsTable, ['2026-05-03']);
    assert.equal(asked.length, 2);
  });

  test('that is known already does no harm', async () => {
    const exists = new AlreadyExistsException({ message: 'Partition already exists.', $metadata: {} });
    const { asked, register } = catalogue(exists);
    await register(predictionsTable, VALUES);
    await register(predictionsTable, VALUES);
    assert.equal(asked.length, 1);
  });

  test('that could not be registered is tried again when it is asked for again', async () => {
    const { asked, register } = catalogue(new Error('no'));
    await assert.rejects(register(predictionsTable, VALUES), /^Error: no$/);
    await register(predictionsTable, VALUES);
    assert.equal(asked.length, 2);
  });

  for (const name of ['OperationTimeoutException', 'ConcurrentModificationException'])
    test(`is trouble of the moment where Glue says ${name}`, async () => {
      const { register } = catalogue(Object.assign(new Error('Later.'), { name }));
      await assert.rejects(register(predictionsTable, VALUES), (error) => error instanceof TransientTrouble);
    });

  test('is not registered without a database', async () => {
    const register = registerPartitionIn('', 'results', () => assert.fail('there is nobody to ask'));
    await register(predictionsTable, VALUES);
  });

  test('needs no client before it is asked for', async () => {
    const { clients, register } = catalogue();
    assert.equal(clients(), 0);
    await register(predictionsTable, VALUES);
    assert.equal(clients(), 1);
  });
});
