import type { Access } from '../../domain/access.ts';
import { ArungError } from '../../domain/errors.ts';
import type { IntentDocument } from '../../domain/intent.ts';
import type { TextDifference } from '../../domain/text-difference.ts';
import { differenceOf, type MaskedText } from '../history/difference.ts';
import type { IntentReader } from './intent-reader.ts';
import type { IntentStore } from './intent-store.ts';

const mask = '•••';

/**
 * What one version of a device's intent has otherwise than another. Throws `device.not-found`, `intent.no-version`, and
 * `intent.no-other` where there is none before it.
 * @param from null: the version that was staged before it.
 */
export async function versionDifference(
  parts: {
    readonly reader: Pick<IntentReader, 'device' | 'before'>;
    readonly intents: Pick<IntentStore, 'open' | 'withSecrets'>;
  },
  access: Access,
  { key, version, from }: { readonly key: string; readonly version: string; readonly from: string | null },
): Promise<{ readonly from: string; readonly difference: TextDifference }> {
  const device = await parts.reader.device(access, key);
  const { intents } = parts;
  const after = intents.withSecrets(await intents.open(device.id, version));
  const before = from ?? (await parts.reader.before(access, key, version));
  if (before === null) {
    throw new ArungError('not-found', `No version of the intent of ${device.name} was staged before this one.`, {
      code: 'intent.no-other',
      arguments: { name: device.name },
    });
  }
  const one = intents.withSecrets(await intents.open(device.id, before));
  return { from: before, difference: differenceOf(textOf(one), textOf(after)) };
}

/** A version as lines, its secrets masked. Throws `device.not-found`, `intent.no-version`. */
export async function versionText(
  parts: { readonly reader: Pick<IntentReader, 'device'>; readonly intents: Pick<IntentStore, 'open' | 'withSecrets'> },
  access: Access,
  { key, version }: { readonly key: string; readonly version: string },
): Promise<string> {
  const device = await parts.reader.device(access, key);
  return textOf(parts.intents.withSecrets(await parts.intents.open(device.id, version))).masked;
}

/** A document as lines: each fragment under its subject and key, its properties indented. */
export function textOf({ fragments }: IntentDocument): MaskedText {
  const lines = fragments.flatMap(({ key, subject, values, secret }) => {
    const head = { clear: `${subject} ${key}`, masked: `${subject} ${key}` };
    const properties = Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
    return [
      head,
      ...properties.map(([name, value]) => ({
        clear: `    ${name}=${shown(value)}`,
        masked: `    ${name}=${secret.includes(name) ? mask : shown(value)}`,
      })),
    ];
  });
  const whole = (of: (line: (typeof lines)[number]) => string): string => lines.map((line) => `${of(line)}\n`).join('');
  return { clear: whole(({ clear }) => clear), masked: whole(({ masked }) => masked) };
}

/** In quotes where it would not be one word. */
function shown(value: string): string {
  return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}
