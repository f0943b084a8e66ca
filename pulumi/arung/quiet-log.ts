import { createRequire } from 'node:module';

/**
 * The SDK tells the engine in its debug log of every question that it puts to it and of every answer, secrets in clear, each
 * line a call of its own that waits for the one before: eight for a router, a fifth of the time of a program of 400. `pulumi up
 * --json` and `--debug` show that log to everybody who reads their output. Loaded with every class of Arung: such lines are
 * not sent; what a program says itself in the debug log is.
 */
interface Log {
  debug: (message: string, ...more: readonly unknown[]) => Promise<void>;
}

const log = createRequire(import.meta.url)('@pulumi/pulumi/log/index.js') as Log;
const { debug } = log;
const ofOneCall = /^(?:Registering|Reading) resource: |^\S+ (?:Invoke )?RPC (?:prepared|finished): /;
log.debug = (message, ...more) => (ofOneCall.test(message) ? Promise.resolve() : debug(message, ...more));
