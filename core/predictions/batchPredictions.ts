import { parquetReadObjects } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import * as z from 'zod';
import type { ChipPrediction } from './chipPrediction.ts';

/**
 * The predictions of a batch's files, as one Parquet file of the same columns as a run's. `wording` tells two writes of
 * the same predictions apart: an object is written over only as long as it still is what was read, and must not come to be
 * that again.
 */
export function encodePredictions(
  classes: readonly { value: number; name: string }[],
  chips: readonly ChipPrediction[],
  wording: string,
): Uint8Array {
  const ofWinner = <Value>(value: (winner: number, chip: ChipPrediction) => Value) =>
    chips.map((chip) => (chip.winner === null ? null : value(chip.winner, chip)));
  return new Uint8Array(
    parquetWriteBuffer({
      rowGroupSize: Math.max(1, chips.length),
      kvMetadata: [{ key: 'swath:write', value: wording }],
      columnData: [
        { name: 'chip_id', type: 'STRING', nullable: false, data: chips.map(({ chip_id }) => chip_id) },
        { name: 'index', type: 'INT32', nullable: false, data: chips.map(({ index }) => index) },
        { name: 'offset', type: 'INT64', nullable: false, data: chips.map(({ offset }) => offset) },
        { name: 'length', type: 'INT32', nullable: false, data: chips.map(({ length }) => length) },
        { name: 'label', type: 'INT32', data: ofWinner((winner) => classes[winner]!.value) },
        { name: 'class', type: 'STRING', data: ofWinner((winner) => classes[winner]!.name) },
        { name: 'probability', type: 'FLOAT', data: ofWinner((winner, chip) => chip.probabilities[winner]!) },
        ...classes.map(({ value }, column) => ({
          name: `p_${value}`,
          type: 'FLOAT' as const,
          data: chips.map(({ probabilities }) => probabilities[column]!),
        })),
        { name: 'truth', type: 'INT32', data: chips.map(({ truth }) => truth) },
        { name: 'digest', type: 'STRING', data: chips.map(({ digest }) => digest) },
      ],
    }),
  );
}

const rowSchema = z.looseObject({
  chip_id: z.string(),
  index: z.int(),
  offset: z.bigint(),
  length: z.int(),
  label: z.int().nullable(),
  truth: z.int().nullable(),
  digest: z.string().nullable().default(null),
});

/** Reads such a file back, so that what is in it can be written once more. */
export async function decodePredictions(
  classes: readonly { value: number; name: string }[],
  bytes: Uint8Array,
): Promise<ChipPrediction[]> {
  const file = new Uint8Array(bytes).buffer; // a copy: the bytes may lie in the middle of a pool
  const rows = z.array(rowSchema).parse(await parquetReadObjects({ file }));
  return rows.map(({ chip_id, index, offset, length, label, truth, digest, ...row }) => ({
    ...{ chip_id, index, offset, length, truth, digest },
    probabilities: classes.map(({ value }) => row[`p_${value}`] as number | null),
    winner: label === null ? null : classes.findIndex(({ value }) => value === label),
  }));
}
