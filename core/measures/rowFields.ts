import * as z from 'zod';

/** The fields of a run's row that hold its measures; the registry writes and reads them. */
export const measuredShape = {
  /** Chips in the file, including blank ones. */
  chips: z.int().min(0),
  blank: z.int().min(0),
  /** Chips that clouds hide; absent if there are none. */
  masked: z.int().min(0).optional(),
  /** The distribution of the source bands' values: bands/bandSumsText.ts. */
  bands: z.string().optional(),
};

export type MeasuredRow = z.infer<z.ZodObject<typeof measuredShape>>;
