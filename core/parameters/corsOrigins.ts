/** The origins that the parameter apiCorsOrigins names; `*` is any. */
export function corsOriginsIn(apiCorsOrigins: string): string[] {
  return apiCorsOrigins.split(',').filter((origin) => origin !== '');
}
