/**
 * Rights that only functions of the release before need. An execution keeps the versions of the functions that it began with,
 * and they have the roles of now: what a function has stopped asking for stays in its role for one release. Each of these is in
 * resources/roles.yml, with a word that it goes; it must go, there and here, once that release is no longer the one before.
 */
export const FORMER_RIGHTS: FormerRight[] = [];

export type FormerRight = { release: string; role: string; action: string; resource: string; why: string };
