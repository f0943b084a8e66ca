import { join } from 'node:path';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { programRoutes } from './api/programs.ts';
import type { RouteGroup } from './api/routes.ts';
import { accessNow } from './auth/access-now.ts';
import type { ApiTokens } from './auth/api-tokens.ts';
import type { Authenticator } from './auth/authenticator.ts';
import type { Changes } from './database/collection/changes.ts';
import type { Database } from './database/tables.ts';
import { systemAccess } from './domain/access.ts';
import type { Clock } from './domain/clock.ts';
import { ArungError } from './domain/errors.ts';
import type { Sealer } from './provisioning/intent/intent-parts.ts';
import { Passphrases } from './provisioning/programs/passphrases.ts';
import { ProgramRuns } from './provisioning/programs/program-runs.ts';
import type { RunTokens } from './provisioning/programs/run-tokens.ts';
import { RunStore } from './provisioning/programs/run-store.ts';

/** What is set for programs that are run from here. */
export interface ProgramSettings {
  readonly dataDir: string;
  readonly pulumiDir: string | null;
  readonly pulumiBin: string | null;
  readonly pulumiPassphrase: string | null;
  readonly tlsCertFile: string | null;
}

export interface ProgramPartsOptions {
  readonly config: ProgramSettings;
  readonly db: Kysely<Database>;
  readonly changes: Changes;
  readonly vault: Sealer;
  readonly tokens: ApiTokens;
  readonly authenticator: Pick<Authenticator, 'onAccessRevoked'>;
  /** Where we are reached: on this machine, and by the name that a certificate of ours is for. */
  readonly reached: () => { readonly url: string; readonly localUrl: string };
  readonly clock: Clock;
  readonly logger: Logger;
}

export function makePrograms(options: ProgramPartsOptions): {
  readonly runs: ProgramRuns;
  readonly routes: RouteGroup;
} {
  const { config, db, changes, vault, reached, clock, logger } = options;
  const runs = new ProgramRuns({
    db,
    changes,
    store: new RunStore(db),
    passphrases: new Passphrases({ db, changes, sealer: vault, clock, usual: config.pulumiPassphrase }),
    tokens: runTokens(options),
    settings: { folder: config.pulumiDir, cliFolder: config.pulumiBin },
    home: join(config.dataDir, 'programs'),
    reach: () => {
      const { url, localUrl } = reached();
      const certificate = config.tlsCertFile;
      // A certificate is for the name that people type, and its authority may be one's own.
      if (certificate === null) return { ARUNG_URL: localUrl };
      return { ARUNG_URL: url, NODE_EXTRA_CA_CERTS: certificate };
    },
    clock,
    logger,
  });
  return { runs, routes: programRoutes(runs) };
}

function runTokens({ db, tokens, authenticator, clock }: ProgramPartsOptions): RunTokens {
  const maker = systemAccess('programs');
  return {
    // Less than an administrator may: a program of devices needs no more, whoever starts it.
    make: async (_access, { name, untilMs }) => {
      const made = await tokens.create(maker, {
        name,
        role: 'operator',
        regionCode: null,
        expiresAt: new Date(untilMs),
      });
      return { id: made.apiToken.id, token: made.token };
    },
    revoke: async (id) => {
      await tokens.revoke(maker, id).catch((error: unknown) => {
        // Somebody was faster.
        if (!(error instanceof ArungError) || error.kind !== 'not-found') throw error;
      });
    },
    accessNow: (access) => accessNow(db, access, clock.now()),
    onWithdrawn: (listener) => authenticator.onAccessRevoked(() => listener()),
  };
}
