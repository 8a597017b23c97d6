/** What an alarm says now: CloudWatch's own in an account, the embedded stack's on a laptop. */
export type AlarmState = {
  /** As in observability/alarms.ts. */
  id: string;
  /** As CloudWatch has it: swath-<stage>-<id>. */
  name: string;
  state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** Since when it is in this state. */
  since: string;
  /** Why it came into it, in a sentence. */
  reason: string;
};

/** An e-mail that lies in the outbox of the embedded stack. */
export type Email = { id: string; time: string; to: string; subject: string; text: string };
