import { fail } from './output.ts';
import { program } from './program.ts';
import { refuseUnknownCommand } from './unknown-command.ts';

// `arung … | head` closes our stdout early: that is an end, not a failure
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

// Of the launcher, for this process alone: PostgreSQL and others hold little, and each would take whole large pages.
if (process.env['GLIBC_TUNABLES'] === 'glibc.malloc.hugetlb=1') delete process.env['GLIBC_TUNABLES'];

refuseUnknownCommand(program, process.argv.slice(2));
await program.parseAsync().catch((error: unknown) => fail(error));
