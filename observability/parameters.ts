/** What of the service's parameters (serverless.yml, `params`) the panels and alarms depend on. */
export type ObservedParameters = {
  stage: string;
  modelName: string;
  /** Whose executions are counted. */
  stateMachineArn: string;
  driftThreshold: number;
  /** At least so many predictions make the window `recent`. */
  driftWindow: number;
  /** Share of blank chips above which the alarm tells; 1 switches it off. */
  blankShareLimit: number;
  /** Days without a new file after which the alarm tells; 0 switches it off. */
  quietDaysLimit: number;
  /** The functions' time-outs in seconds, as their function.yml say. */
  timeouts: Record<string, number>;
};
