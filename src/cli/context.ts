import { pino, type Logger } from 'pino';
import { readConfig, type Config } from '../config.ts';
import { hasPlace } from '../database/postgres-place.ts';
import { ArungError } from '../domain/errors.ts';
import { withState, type State } from '../state.ts';
import { whenFree } from './when-free.ts';

/** Logs of a command go to stderr, warnings only: stdout is its result. */
export function commandLogger(): Logger {
  return pino({ level: 'error' }, pino.destination({ dest: 2, sync: true }));
}

export function commandConfig(): Config {
  return readConfig({ env: process.env }).config;
}

/** No controller has kept its state here, and no command that began one. */
export function isUnused({ dataDir, databaseUrl }: Config): boolean {
  return databaseUrl === null && !hasPlace(dataDir);
}

/**
 * Runs a command on the state of this machine. Where none is kept, a command that fills one may begin it (`begins`); any
 * other throws an ArungError: a token of a state that nobody serves is of no use, and looks like one that is.
 */
export async function onState<T>(
  work: (state: State, config: Config) => Promise<T>,
  { begins = false }: { readonly begins?: boolean } = {},
): Promise<T> {
  const config = commandConfig();
  if (!begins && isUnused(config)) {
    throw new ArungError(
      'conflict',
      `Arung keeps nothing in ${config.dataDir}: name the data folder of the one that runs with ARUNG_DATA_DIR (\`./var\` where it was started, when it was not set), or start one first with \`npm start\`.`,
      { code: 'database.unused', arguments: { folder: config.dataDir } },
    );
  }
  // a controller that is still starting can be joined in a moment
  return whenFree(config.dataDir, () => withState(config, commandLogger(), (state) => work(state, config)));
}
