import type { IntentDocument } from '../../../domain/intent.ts';
import { mask, withoutSecrets } from '../masking.ts';
import { propertyOf } from './menu.ts';
import { menuAt } from './menus/menus.ts';

/** What a device says may repeat what it was sent. */
export function withoutSecretsOf(documents: readonly IntentDocument[], text: string): string {
  const secrets = documents
    .flatMap(({ fragments }) => fragments)
    .flatMap(({ subject, values, secret }) =>
      Object.entries(values).flatMap(([name, value]) =>
        value !== '' && (secret.includes(name) || propertyOf(menuAt(subject), name).secret) ? [value] : [],
      ),
    );
  return withoutSecrets(secrets, text);
}

/** Properties that hold a script. */
export const scripts: ReadonlySet<string> = new Set(['source', 'on-event']);

/** Scripts give secrets in words of their own; in an export their quotes are escaped. */
export function maskedScript(script: string): string {
  return script.replace(
    /((?:pass(?:word|phrase)?|secret|token|key|community)\s*=\s*)(\\"(?:[^\\"]|\\[^"])*\\"|"(?:[^\\"]|\\.)*"|[^\s;"\\]+)/gi,
    `$1${mask}`,
  );
}
