import type { Command } from 'commander';
import { nearest } from '../inventory/import/problems.ts';

/**
 * Ends with an error when a name is no command's, also where help is asked for: Commander would print the help of the
 * command above, as if the name were one.
 */
export function refuseUnknownCommand(program: Command, args: readonly string[]): void {
  let command = program;
  for (const arg of args) {
    if (arg.startsWith('-') || arg === 'help') continue;
    const names = command.commands.map((one) => one.name());
    if (names.length === 0) return;
    const below = command.commands.find((one) => one.name() === arg || one.aliases().includes(arg));
    if (below !== undefined) command = below;
    else {
      const meant = nearest(arg, names);
      const hint = meant === null ? `give one of: ${names.sort().join(', ')}` : `did you mean ${meant}?`;
      const where = command === program ? '' : ` of ${command.name()}`;
      command.error(`error: unknown command '${arg}'${where}: ${hint}`, { code: 'commander.unknownCommand' });
    }
  }
}
