/** SQLSTATE classes 22 (data) and 23 (constraint): what was refused for itself, which no later try will be taken. */
export function isRefused(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^2[23]/.test(code);
}
