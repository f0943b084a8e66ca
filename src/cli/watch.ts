import { pino } from 'pino';
import { readWatchFile } from '../alerting/watching/watch-file.ts';
import { WatchMemory } from '../alerting/watching/watch-memory.ts';
import { Watcher } from '../alerting/watching/watcher.ts';
import { systemClock } from '../domain/clock.ts';
import { action, type CommandFile } from './command.ts';
import { print, table, type OutputOptions } from './output.ts';
import { untilStopped } from './until-stopped.ts';

interface WatchOptions extends OutputOptions {
  readonly file: string;
  readonly state?: string;
  readonly once?: boolean;
  readonly test?: boolean;
}

const nameWidth = 40;

export const watchCommand: CommandFile = (program) => {
  program
    .command('watch')
    .description('watch other Arungs, and tell when one is dead; needs no database (docs/watch.md)')
    .requiredOption('--file <file>', 'whom to watch and whom to tell, JSON, chmod 600')
    .option('--state <file>', 'what was told already (default: beside the file, with .state behind its name)')
    .option('--once', 'look once, tell nobody, and end with 1 when one is not alive')
    .option('--test', 'send a test message to everyone, and end')
    .option('--json', 'print JSON')
    .action(action(run));
};

async function run(options: WatchOptions): Promise<void> {
  const file = readWatchFile(options.file);
  const isShort = options.once === true || options.test === true;
  const memory = new WatchMemory(isShort ? null : (options.state ?? `${options.file}.state`));
  const logger = pino({ level: isShort ? 'silent' : 'info', base: null });
  if (options.test === true) {
    const watcher = new Watcher({ file, memory, clock: systemClock, logger });
    const items = await watcher.test();
    await watcher.stop();
    const rows = items.map(({ kind, address, problem }) => [kind, address, problem ?? 'sent']);
    print(options, { items }, () => table(['KIND', 'ADDRESS', 'RESULT'], rows));
    if (items.some(({ problem }) => problem !== null)) process.exitCode = 1;
    return;
  }
  if (options.once === true) {
    const watcher = new Watcher({ file: { ...file, tell: [] }, memory, clock: systemClock, logger });
    const items = [...(await watcher.look())].map(([name, health]) => ({ name, ...health }));
    const rows = items.map((one) => [
      one.name.slice(0, nameWidth),
      one.state,
      'parts' in one ? one.parts.join(', ') : 'reason' in one ? one.reason : '',
    ]);
    print(options, { items }, () => table(['NAME', 'STATE', 'WHY'], rows));
    if (items.some(({ state }) => state !== 'alive')) process.exitCode = 1;
    return;
  }
  const watcher = new Watcher({ file, memory, clock: systemClock, logger });
  await watcher.start();
  logger.info({ watched: file.watch.map(({ name }) => name), told: file.tell.length }, 'watching');
  await untilStopped(() => watcher.stop());
}
