import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { ArungError } from '../domain/errors.ts';

/** Of the container itself; a reader refuses a later one. */
export const formatVersion = 1;
export const headName = 'arung-backup.json';
export const manifestName = 'manifest.json';
export const manifestSumName = 'manifest.sha256';

const Member = Type.Object({
  name: Type.String(),
  /** Names of its parts are `NAME.gz.0000`, `NAME.gz.0001`, …; together they are one gzip stream. */
  parts: Type.Integer({ minimum: 1 }),
  /** Bytes before compression. */
  bytes: Type.Integer({ minimum: 0 }),
});
export type Member = Static<typeof Member>;

const Head = Type.Object({
  format: Type.Literal('arung-backup'),
  formatVersion: Type.Integer({ minimum: 1 }),
  /** Release that made it. */
  arung: Type.String(),
  madeAt: Type.String(),
});
export type Head = Static<typeof Head>;

const Manifest = Type.Object({
  ...Head.properties,
  database: Type.Object({
    /** `server_version` of the PostgreSQL it was read from. */
    server: Type.String(),
    /** Names of the migrations that had run, in order. */
    migrations: Type.Array(Type.String(), { minItems: 1 }),
    /** In the order in which they can be filled: what is pointed at comes first. */
    tables: Type.Array(
      Type.Object({
        name: Type.String(),
        columns: Type.Array(Type.String(), { minItems: 1 }),
        rows: Type.Integer({ minimum: 0 }),
        member: Member,
      }),
    ),
    sequences: Type.Array(
      Type.Object({ name: Type.String(), value: Type.String({ pattern: '^-?[0-9]+$' }), called: Type.Boolean() }),
    ),
  }),
  /** Id of the key that sealed the secrets; null when none was made yet. The key itself is kept apart. */
  keyId: Type.Union([Type.String(), Type.Null()]),
  /** The file of the embedded metric store; null when there was none or it was left out. */
  metrics: Type.Union([Type.Object({ kind: Type.Literal('embedded'), member: Member }), Type.Null()]),
  /** Small files of the data folder. */
  files: Type.Array(Type.Object({ name: Type.String(), member: Member })),
  /** Settings that were not their defaults, as TOML, secrets left out. */
  settings: Member,
  parts: Type.Array(
    Type.Object({
      name: Type.String(),
      bytes: Type.Integer({ minimum: 0 }),
      sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    }),
  ),
});
export type Manifest = Static<typeof Manifest>;

export function parseHead(file: string, data: Buffer): Head {
  const head = parse(data);
  if (!Value.Check(Head, head)) throw broken(file, 'it is no backup of Arung');
  if (head.formatVersion > formatVersion) {
    throw new ArungError(
      'conflict',
      `The backup ${file} was made by a newer Arung (${head.arung}, format ${head.formatVersion}; this one reads ${formatVersion}): restore it with that release or a later one.`,
      { code: 'backup.newer', arguments: { file, release: head.arung } },
    );
  }
  return head;
}

export function parseManifest(file: string, data: Buffer): Manifest {
  const manifest = parse(data);
  if (!Value.Check(Manifest, manifest)) throw broken(file, 'its manifest is not understood');
  return manifest;
}

export function broken(file: string, why: string, cause?: unknown): ArungError {
  return new ArungError(
    'invalid',
    `The backup ${file} cannot be used: ${why}. Take another copy of it, or an earlier backup.`,
    {
      code: 'backup.broken',
      arguments: { file },
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

function parse(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString('utf8'));
  } catch {
    return null;
  }
}
