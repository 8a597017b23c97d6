import type { Service } from '../../console/service.ts';

/** What one look has found, in a sentence, and what to do about it where something is to be done. */
export type Finding = {
  status: 'fine' | 'notice' | 'wrong' | 'not looked at';
  found: string;
  todo?: string;
  /** How long it took, where that is what was found out. */
  seconds?: number;
  /** How many alarms are on, where that is what was looked at. */
  alarmsOn?: number;
  /** Of what is wrong: that the checks which need this one are of use all the same. */
  letsOthersLook?: true;
};

/**
 * Something to look at. To add one, write its `look` with the ports that it needs, and name it in checks.ts.
 *
 * @typeParam Ports as much of a stage or of the embedded stack as it looks at
 */
export type Check<Ports> = {
  id: string;
  title: string;
  /** The ids of checks without which this one has nothing to look at. */
  needs?: readonly string[];
  look: (ports: Ports) => Promise<Finding>;
};

export type Looked = Finding & { id: string; title: string };

/** The service, of which a check names the parts that it looks at; where it cannot be opened, that is what is found. */
export type WithService<Part extends keyof Service> = { service: () => Promise<Pick<Service, Part>> };

export const fine = (found: string): Finding => ({ status: 'fine', found });
export const notice = (found: string, todo?: string): Finding => ({ status: 'notice', found, ...(todo && { todo }) });
export const wrong = (found: string, todo?: string): Finding => ({ status: 'wrong', found, ...(todo && { todo }) });
export const notLookedAt = (found: string): Finding => ({ status: 'not looked at', found });

/**
 * Looks at one thing after the other. A look that throws has found that; what needs something that is wrong is not
 * looked at.
 *
 * @param onLook hears what is looked at next
 * @param explain what a thrown error is told as
 */
export async function* lookAtAll<Ports>(
  checks: readonly Check<Ports>[],
  ports: Ports,
  { onLook, explain }: { onLook: (title: string) => void; explain: (error: unknown) => Finding },
): AsyncGenerator<Looked> {
  const blocking = new Map<string, string>();
  for (const { id, title, needs = [], look } of checks) {
    const obstacle = needs.find((need) => blocking.has(need));
    onLook(title);
    const finding =
      obstacle === undefined
        ? await look(ports).catch(explain)
        : notLookedAt(`It needs what is wrong above: ${blocking.get(obstacle)}.`);
    const { status, letsOthersLook } = finding;
    if (obstacle !== undefined || (status === 'wrong' && letsOthersLook !== true))
      blocking.set(id, obstacle === undefined ? title : blocking.get(obstacle)!);
    yield { id, title, ...finding };
  }
}
