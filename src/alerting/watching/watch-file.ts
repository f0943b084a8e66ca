import { readFileSync, statSync } from 'node:fs';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { ArungError } from '../../domain/errors.ts';
import { isTimeZone } from '../../domain/time-zone.ts';
import { requireAddress } from '../channels/addresses.ts';
import { kindOf } from '../channels/channels.ts';

const seconds = (minimum: number, maximum: number) => Type.Optional(Type.Integer({ minimum, maximum }));

export const WatchFile = Type.Object(
  {
    /** Which Arungs are watched. */
    watch: Type.Array(
      Type.Object(
        {
          name: Type.String({ minLength: 1, maxLength: 80 }),
          url: Type.String({ pattern: '^https?://', maxLength: 300 }),
          token: Type.Optional(Type.String({ maxLength: 400 })),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 50 },
    ),
    /** Who is told, and how: a kind of channel with its own settings and secrets. */
    tell: Type.Array(
      Type.Object(
        {
          kind: Type.String(),
          settings: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
          secrets: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
          address: Type.String({ maxLength: 2_000 }),
          name: Type.Optional(Type.String({ maxLength: 120 })),
          language: Type.Optional(Type.Unsafe<'id' | 'en'>(Type.Enum(['id', 'en']))),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 50 },
    ),
    everyS: seconds(1, 3_600),
    deadAfterS: seconds(0, 3_600),
    impairedAfterS: seconds(0, 3_600),
    aliveAfterS: seconds(0, 3_600),
    timeZone: Type.Optional(Type.String({ maxLength: 60 })),
  },
  { additionalProperties: false },
);
export type WatchFile = Static<typeof WatchFile>;

/** Reads and checks the file of a watcher; an error says what is wrong where, and never a secret. */
export function readWatchFile(file: string): WatchFile {
  const text = readOwn(file);
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw wrong(file, 'it is no JSON');
  }
  if (!Value.Check(WatchFile, given)) {
    const [first] = Value.Errors(WatchFile, given);
    throw wrong(file, `${first?.instancePath ?? ''} ${first?.message ?? ''}`.trim());
  }
  given.tell.forEach((one, index) => checkWay(file, one, `/tell/${index}`));
  const names = given.watch.map(({ name }) => name);
  if (new Set(names).size < names.length) throw wrong(file, '/watch has two of one name');
  if (given.timeZone !== undefined && !isTimeZone(given.timeZone)) throw wrong(file, '/timeZone is no IANA time zone');
  return given;
}

/** It holds secrets: not everybody may read it. systemd hands it on readable by group. */
function readOwn(file: string): string {
  try {
    if ((statSync(file).mode & 0o007) !== 0) {
      throw new ArungError('invalid', `${file} holds secrets and may be read by everybody: chmod 600 it.`, {
        code: 'watch.open-file',
        arguments: { file },
      });
    }
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof ArungError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw new ArungError('invalid', `Cannot read ${file} (${code}): check the path.`, {
      cause,
      code: 'watch.unreadable',
      arguments: { file },
    });
  }
}

function checkWay(file: string, { kind, settings = {}, secrets = {}, address }: WatchFile['tell'][number], at: string) {
  const known = kindOf(kind);
  if (known === null) throw wrong(file, `${at}/kind: there is no channel ${kind}`);
  if (known.isInside === true) throw wrong(file, `${at}/kind: ${kind} is read in the console that may be dead`);
  for (const [name, schema, value] of [
    ['settings', known.settings, settings],
    ['secrets', known.secrets, secrets],
  ] as const) {
    if (Value.Check(schema, value)) continue;
    const [first] = Value.Errors(schema, value);
    throw wrong(file, `${at}/${name}${first?.instancePath ?? ''}: ${first?.message ?? 'wrong'}`);
  }
  requireAddress(kind, address);
}

function wrong(file: string, what: string): ArungError {
  return new ArungError('invalid', `${file}: ${what}; docs/watch.md shows how it is written.`, {
    code: 'watch.wrong-file',
    arguments: { file, what },
  });
}
