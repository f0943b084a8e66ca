import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { opensStack } from './passphrase-check.ts';

/** Written by Pulumi 3.265 for the passphrase `frasa-sandi-uji`. */
const salt = 'v1:UQC+WlRg8Xk=:v1:thdc6Yyv04b8A4K2:i7C6zQcYAf7mpiQ95EbP6cPd3gMV+w==';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'arung-stack-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it.each(['yaml', 'yml'])('says whether a passphrase opens a stack: Pulumi.kahu.%s', async (ending) => {
  writeFileSync(join(folder, `Pulumi.kahu.${ending}`), `encryptionsalt: ${salt}\nconfig: {}\n`);
  expect(await opensStack(folder, 'kahu', 'frasa-sandi-uji')).toBe(true);
  expect(await opensStack(folder, 'kahu', 'frasa-sandi-ujo')).toBe(false);
});

it.each([
  ['that was never made', 'config: {}\n'],
  ['whose secrets a cloud keeps', 'secretsprovider: awskms://alias/arung\nencryptedkey: AQ==\n'],
  ['of a salt that we do not know', `encryptionsalt: ${salt.replace('v1:', 'v2:')}\n`],
  ['whose configuration is no YAML', 'encryptionsalt: [\n'],
  ['that is empty', ''],
])('leaves to Pulumi what it cannot say of a stack %s', async (_, text) => {
  writeFileSync(join(folder, 'Pulumi.kahu.yaml'), text);
  expect(await opensStack(folder, 'kahu', 'frasa-sandi-uji')).toBeNull();
});
