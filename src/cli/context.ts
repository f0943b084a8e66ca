import { pino, type Logger } from 'pino';
import { readConfig, type Config } from '../config.ts';
import { withState, type State } from '../state.ts';

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
  return withState(config, commandLogger(), (state) => work(state, config));
}
