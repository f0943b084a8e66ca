/**
 * What a controller writes from here on is for its own account alone, in whatever folder it lies: measurements, locks and
 * notes as well as secrets.
 */
export function keepFilesToOurselves(): void {
  process.umask(0o077);
}
