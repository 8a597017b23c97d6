/** The present state of an alarm: CloudWatch's in an account, the embedded stack's on a laptop. */
export type AlarmState = {
  /** As in observability/alarms.ts. */
  id: string;
  /** The name in CloudWatch: swath-<stage>-<id>. */
  name: string;
  state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  since: string;
  reason: string;
};

/** An e-mail in the outbox of the embedded stack. */
export type Email = { id: string; time: string; to: string; subject: string; text: string };
