import type { Service } from '../../console/service.ts';

/** What a check has found, in a sentence, and what to do about it, if anything. */
export type Finding = {
  status: 'fine' | 'notice' | 'wrong' | 'not looked at';
  found: string;
  todo?: string;
  seconds?: number;
  /** Set on a wrong finding if the checks that need this one are still useful. */
  letsOthersLook?: true;
};

/** One check; `Ports` is the part of a stage or of the embedded stack that it reads. A new one is listed in doctor.ts. */
export type Check<Ports> = {
  id: string;
  /** By default, its id. */
  title?: string;
  /** The ids of checks that must pass before this one makes sense. */
  needs?: readonly string[];
  look: (ports: Ports) => Promise<Finding>;
};

export type Looked = Finding & { id: string; title: string };

/** The service; a check picks the parts that it needs. If the service cannot be opened, that is the finding. */
export type WithService<Part extends keyof Service> = { service: () => Promise<Pick<Service, Part>> };

export const fine = (found: string): Finding => ({ status: 'fine', found });
export const notice = (found: string, todo?: string): Finding => ({ status: 'notice', found, ...(todo && { todo }) });
export const wrong = (found: string, todo?: string): Finding => ({ status: 'wrong', found, ...(todo && { todo }) });
export const notLookedAt = (found: string): Finding => ({ status: 'not looked at', found });

/** Runs the checks in order; those that need one that failed are skipped. `explain` makes a finding of a check's error. */
export async function* lookAtAll<Ports>(
  checks: readonly Check<Ports>[],
  ports: Ports,
  { onLook, explain }: { onLook: (title: string) => void; explain: (error: unknown) => Finding },
): AsyncGenerator<Looked> {
  const blocking = new Map<string, string>();
  for (const { id, title = id, needs = [], look } of checks) {
    const cause = needs.map((need) => blocking.get(need)).find((wrongOne) => wrongOne !== undefined);
    onLook(title);
    const finding =
      cause === undefined ? await look(ports).catch(explain) : notLookedAt(`It needs what is wrong above: ${cause}.`);
    const isBlocking = finding.status === 'wrong' && finding.letsOthersLook !== true;
    if (cause !== undefined || isBlocking) blocking.set(id, cause ?? title);
    yield { id, title, ...finding };
  }
}
