import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import { makeFeatureTable } from '../../core/features/featureTable.ts';
import { connectTablesFor } from '../tables.ts';

export const featuresIn = (table: string) => makeFeatureTable(connectTablesFor({ BatchGetCommand }), table);
