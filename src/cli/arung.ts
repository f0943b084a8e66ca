import { program } from './program.ts';

// `arung … | head` closes our stdout early: that is an end, not a failure
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

await program.parseAsync();
