import { createRequire } from 'node:module';
import { delimiter } from 'node:path';
import type * as Automation from '@pulumi/pulumi/automation/index.js';
import { CliNotLoaded, cliFolderBehind } from './npm-cli.ts';
import type { FromRunner, RunOrder, ToRunner } from './messages.ts';

/**
 * A process of its own that runs one operation of one stack with Pulumi's Automation API, and ends. The Automation API
 * hands its whole environment on to the CLI, the program and the providers: so it is started with no more than these may
 * see. It leads a process group: who started it interrupts all of it at once, as Ctrl-C does in a terminal.
 */
const hardEndMs = 15_000;
/** Of what the CLI said when it failed; its end says why. */
const mostSaid = 20_000;

let go = (): void => undefined;
const told = new Promise<void>((resolve) => (go = resolve));

function tell(message: FromRunner): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, () => resolve());
  });
}

async function run(order: RunOrder): Promise<void> {
  const automation = createRequire(import.meta.url)(order.automation) as typeof Automation;
  // The CLI is the first `pulumi` on the PATH, and what belongs to it lies beside it.
  process.env['PATH'] = [await cliFolderBehind(order.cliFolder), process.env['PATH'] ?? ''].join(delimiter);
  const pulumiCommand = await automation.PulumiCommand.get({ skipVersionCheck: true });
  const stack = await select(order, automation.LocalWorkspace, pulumiCommand);
  if (order.breakLock) await stack.cancel().catch(() => undefined);
  void tell({ heard: 'selected', version: pulumiCommand.version?.toString() ?? '' });
  await told;
  const onEvent = (event: Automation.EngineEvent): void => void tell({ heard: 'event', event });
  const common = { onEvent, color: 'never' } as const;
  if (order.operation === 'preview') await stack.preview(common);
  else if (order.operation === 'up') await stack.up({ ...common, showSecrets: false });
  // What a run that was killed had begun to create is there or is not: the next `up` makes it, and finds it.
  else await stack.refresh({ ...common, showSecrets: false, clearPendingCreates: true });
}

/** A preview makes the stack where it is not there yet. */
function select(
  { folder, stack, operation, pulumiHome, secretEnv }: RunOrder,
  workspaces: typeof Automation.LocalWorkspace,
  pulumiCommand: Automation.PulumiCommand,
): Promise<Automation.Stack> {
  const args = { stackName: stack, workDir: folder };
  const options = { pulumiHome, pulumiCommand, envVars: { ...secretEnv } };
  return operation === 'preview'
    ? workspaces.createOrSelectStack(args, options)
    : workspaces.selectStack(args, options);
}

async function obey(order: RunOrder): Promise<void> {
  try {
    await run(order);
    await tell({ heard: 'done' });
  } catch (error) {
    if (error instanceof CliNotLoaded) {
      await tell({ heard: 'not-loaded', reason: error.message.slice(-mostSaid), archive: error.archive });
      process.exit(0);
    }
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    await tell({ heard: 'failed', name, message: message.slice(-mostSaid) });
  }
  process.exit(0);
}

/** Nobody is there any more who could tell of it: the CLI ends cleanly if it can, and surely. */
function endAll(): void {
  process.kill(0, 'SIGINT');
  setTimeout(() => process.kill(0, 'SIGKILL'), hardEndMs);
}

// The interrupt is for the CLI, whose end we tell.
process.on('SIGINT', () => undefined);
process.once('disconnect', endAll);
process.on('message', (message: ToRunner) => {
  if (message.tell === 'go') go();
  else void obey(message);
});
