import type { CommanderError } from 'commander';
import { describe, expect, it, vi } from 'vitest';
import { program } from './program.ts';
import { refuseUnknownCommand } from './unknown-command.ts';

/** The first line that a person reads; null where the names are commands. */
function refused(...args: string[]): string | null {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const ended = vi.spyOn(process, 'exit').mockImplementation((code) => {
    throw new Error(`exit ${code}`);
  });
  try {
    refuseUnknownCommand(program, args);
    return null;
  } catch (error) {
    expect((error as CommanderError).message).toBe('exit 1');
    return String(written.mock.calls[0]?.[0]).trimEnd();
  } finally {
    written.mockRestore();
    ended.mockRestore();
  }
}

describe('a name that is no command', () => {
  it.each([
    [['rollout'], "error: unknown command 'rollout': did you mean rollouts?"],
    [['help', 'rollout'], "error: unknown command 'rollout': did you mean rollouts?"],
    [['--help', 'invntory'], "error: unknown command 'invntory': did you mean inventory?"],
    [['inventory', 'exprt', '--help'], "error: unknown command 'exprt' of inventory: did you mean export?"],
  ])('%j names the nearest', (args, line) => {
    expect(refused(...args)).toBe(line);
  });

  it('names all where none is near', () => {
    expect(refused('programs', '--help')).toMatch(
      /^error: unknown command 'programs': give one of: audit, backup, .*, watch$/,
    );
  });
});

it.each([
  [[]],
  [['--help']],
  [['help']],
  [['help', 'inventory']],
  [['inventory']],
  [['inventory', 'export', '--list', 'sites']],
  [['rollouts', 'plan', '--help']],
  [['restore', 'a-file-of-any-name']],
])('%j is left to the command', (args) => {
  expect(refused(...args)).toBeNull();
});
