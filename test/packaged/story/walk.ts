import type { Definition } from '../../../local/stack/service.ts';

/** As much of a definition as says where an execution can go. */
type State = {
  Next?: string;
  Choices?: { Next: string }[];
  Default?: string;
  Catch?: { ErrorEquals: string[]; Next: string }[];
  ItemProcessor?: { States: States };
};
type States = Record<string, State>;

/**
 * A definition in which each branch shows: behind each rule of a Choice, its default and each Catch comes a Pass that does
 * nothing, and is called by where it comes from and where it leads. An execution that enters it has taken that branch.
 */
export function withBranches(definition: Definition): { definition: Definition; branches: string[] } {
  const branches: string[] = [];

  function marked(states: States): States {
    const passes: Record<string, { Type: 'Pass'; Next: string }> = {};
    const passTo = (from: string, Next: string) => {
      const name = `${from} → ${Next}`;
      passes[name] = { Type: 'Pass', Next };
      return name;
    };
    const own = Object.entries(states).map(([name, state]): [string, State] => [
      name,
      {
        ...state,
        ...(state.Choices && {
          Choices: state.Choices.map((rule, i) => ({ ...rule, Next: passTo(`${name} ${i + 1}`, rule.Next) })),
        }),
        ...(state.Default !== undefined && { Default: passTo(`${name} else`, state.Default) }),
        ...(state.Catch && {
          Catch: state.Catch.map((one) => ({ ...one, Next: passTo(`${name} ${one.ErrorEquals.join()}`, one.Next) })),
        }),
        ...(state.ItemProcessor && {
          ItemProcessor: { ...state.ItemProcessor, States: marked(state.ItemProcessor.States) },
        }),
      },
    ]);
    branches.push(...Object.keys(states), ...Object.keys(passes));
    return { ...Object.fromEntries(own), ...passes };
  }

  const copy = structuredClone(definition) as unknown as { States: States };
  return { definition: { ...copy, States: marked(copy.States) } as unknown as Definition, branches };
}

/** Branches that no execution can take here, each with the reason. */
export type OffTheWay = Record<string, string>;

/** What is wrong with a walk: a branch that it has left out, a reason for one that it has taken, or that there is none of. */
export function walkProblems(
  branches: readonly string[],
  entered: ReadonlySet<string>,
  offTheWay: OffTheWay,
): string[] {
  return [
    ...branches
      .filter((branch) => !entered.has(branch) && !(branch in offTheWay))
      .map((branch) => `${branch}: no execution of the story comes here; tell of one that does`),
    ...Object.keys(offTheWay).flatMap((branch) => {
      if (!branches.includes(branch)) return [`${branch}: a reason for what the definition does not have`];
      return entered.has(branch) ? [`${branch}: said to be out of reach, and the story comes here`] : [];
    }),
  ];
}
