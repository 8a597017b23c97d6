import * as z from 'zod';

/** What of the service's parameters (serverless.yml, `params`) the panels, the alarms and the command line depend on. */
export const observedParametersSchema = z.object({
  stage: z.string(),
  modelName: z.string(),
  /** Whose executions are counted. */
  stateMachineArn: z.string(),
  /** How often a run is tried before it stays FAILED. A stack of a release before this one does not say; that was the default. */
  attemptLimit: z.number().default(3),
  driftThreshold: z.number(),
  /** With fewer predictions there is no verdict. A stack of a release before this one knows of none. */
  driftMinimum: z.number().default(1),
  /** At least so many predictions make the window `recent`. */
  driftWindow: z.number(),
  /** Share of blank chips above which the alarm tells; 1 switches it off. */
  blankShareLimit: z.number(),
  /** Days without a new file after which the alarm tells; 0 switches it off. */
  quietDaysLimit: z.number(),
  /** The functions' time-outs in seconds, as their function.yml say. */
  timeouts: z.record(z.string(), z.number()),
});
export type ObservedParameters = z.infer<typeof observedParametersSchema>;
