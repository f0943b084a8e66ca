import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';

/** Gives the path of a file in the test's folder, and writes it when there is a text for it. */
export type FileIn = (name: string, text?: string) => string;

/** An authority of its own (`ca.crt`) and a certificate for 127.0.0.1 that it signed (`server.crt`, `server.key`). */
export function makeCertificate(openssl: string, file: FileIn): void {
  const run = (...parts: readonly string[]): void => void execFileSync(openssl, parts, { stdio: 'ignore' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  run('req', '-x509', ...newKey, '-keyout', file('ca.key'), '-out', file('ca.crt'), '-days', '2', '-subj', '/CN=test');
  run('req', ...newKey, '-keyout', file('server.key'), '-out', file('server.csr'), '-subj', '/CN=127.0.0.1');
  const names = file('names', 'subjectAltName=IP:127.0.0.1\n');
  const signing = ['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-CAcreateserial', '-extfile', names];
  run('x509', '-req', '-in', file('server.csr'), ...signing, '-out', file('server.crt'), '-days', '2');
  chmodSync(file('server.key'), 0o644);
}
