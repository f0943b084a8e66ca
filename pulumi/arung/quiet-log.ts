import { createRequire } from 'node:module';

/**
 * The SDK writes what the engine answers into its debug log, secrets in clear; `pulumi up --json` and `--debug` show that log
 * to everybody who reads their output. Loaded with every class of Arung: such a line ends before the answer.
 */
interface Log {
  debug: (message: string, ...more: readonly unknown[]) => Promise<void>;
}

const log = createRequire(import.meta.url)('@pulumi/pulumi/log/index.js') as Log;
const { debug } = log;
log.debug = (message, ...more) => debug(message.replace(/, resp: [\s\S]*$/, ', resp: (it may hold secrets)'), ...more);
