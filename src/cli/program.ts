import { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { auditCommand } from './audit.ts';
import { backupCommand } from './backup.ts';
import { brokerCommand } from './broker.ts';
import { configCommand } from './config.ts';
import { demoCommand } from './demo.ts';
import { inventoryCommand } from './inventory.ts';
import { keyCommand } from './key.ts';
import { metricsCommand } from './metrics.ts';
import { regionsCommand } from './regions.ts';
import { restoreCommand } from './restore.ts';
import { rolloutsCommand } from './rollouts.ts';
import { rulesCommand } from './rules.ts';
import { serveCommand } from './serve.ts';
import { simulateCommand } from './simulate.ts';
import { simulatorCommand } from './simulator.ts';
import { statusCommand } from './status.ts';
import { tokenCommand } from './token.ts';
import { userCommand } from './user.ts';
import { watchCommand } from './watch.ts';

/** The whole command line; `arung.ts` runs it. */
export const program = new Command('arung')
  .description('The control plane of a government network backbone.')
  .version(packageJson.version)
  .configureHelp({ sortSubcommands: true })
  .showHelpAfterError('(`--help` says more)');

for (const command of [
  serveCommand,
  demoCommand,
  configCommand,
  statusCommand,
  tokenCommand,
  userCommand,
  regionsCommand,
  inventoryCommand,
  auditCommand,
  backupCommand,
  brokerCommand,
  restoreCommand,
  rolloutsCommand,
  rulesCommand,
  keyCommand,
  metricsCommand,
  simulateCommand,
  simulatorCommand,
  watchCommand,
]) {
  command(program);
}
