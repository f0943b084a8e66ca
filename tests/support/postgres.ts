import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompiledQuery } from 'kysely';
import { pino } from 'pino';
import type { TestProject } from 'vitest/node';
import { connect } from '../../src/database/connection.ts';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.ts';
import { migrate } from '../../src/database/migrate.ts';

/**
 * One PostgreSQL for a whole run of vitest, started by the first test file that asks for a database (a run without one
 * pays nothing). Workers ask over a unix socket, whose path they are given, and get the server's URL.
 */
declare module 'vitest' {
  interface ProvidedContext {
    postgresSocket: string;
  }
}

export const templateDatabase = 'arung_template';

export default function setup(project: TestProject): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'arung-test-'));
  const logger = pino({ level: 'silent' });
  const postgres = new EmbeddedPostgres({ dataDir: folder, logger, durable: false });
  let started: Promise<string> | null = null;

  async function start(): Promise<string> {
    await postgres.start();
    const admin = connect(() => postgres.url, logger, 1);
    await admin.executeQuery(CompiledQuery.raw(`create database ${templateDatabase}`));
    await admin.destroy();
    const template = connect(() => postgres.urlOf(templateDatabase), logger, 2);
    await migrate(template);
    await template.destroy();
    return postgres.url;
  }

  const doorkeeper = createServer((socket) => {
    started ??= start();
    started.then(
      (url) => socket.end(JSON.stringify({ url })),
      (error: unknown) => socket.end(JSON.stringify({ error: String(error) })),
    );
  });
  const path = join(folder, 'ask.sock');
  doorkeeper.listen(path);
  project.provide('postgresSocket', path);

  return async () => {
    doorkeeper.close();
    await started?.catch(() => undefined);
    if (started !== null) await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
