/** Returns the origins in the parameter apiCorsOrigins; `*` means any. */
export function corsOriginsIn(apiCorsOrigins: string): string[] {
  return apiCorsOrigins.split(',').filter((origin) => origin !== '');
}
