import { pino, type Logger } from 'pino';
import { readConfig, type Config } from '../config.ts';
import { withState, type State } from '../state.ts';
import { whenFree } from './when-free.ts';

/** Logs of a command go to stderr, warnings only: stdout is its result. */
export function commandLogger(): Logger {
  return pino({ level: 'error' }, pino.destination({ dest: 2, sync: true }));
}

export function commandConfig(): Config {
  return readConfig({ env: process.env }).config;
}

/** Runs a command on the state of this machine. */
export function onState<T>(work: (state: State, config: Config) => Promise<T>): Promise<T> {
  const config = commandConfig();
  // a controller that is still starting can be joined in a moment
  return whenFree(config.dataDir, () => withState(config, commandLogger(), (state) => work(state, config)));
}
