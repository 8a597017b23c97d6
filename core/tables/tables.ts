import { metricsTable } from './metricsTable.ts';
import { predictionsTable } from './predictionsTable.ts';
import { runsTable } from './runsTable.ts';
import type { Table } from './table.ts';
import { truthTable } from './truthTable.ts';

export const TABLES: readonly Table[] = [predictionsTable, runsTable, metricsTable, truthTable];
