import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * `npm run check`: everything about the code that needs no running part, side by side, in seconds. Each check prints
 * only when it fails; the last line says how long it took.
 */
const root = join(import.meta.dirname, '..');
const bin = (name: string) => join(root, 'node_modules', '.bin', name);

/** Several would each work out the types that they share: twice the CPU, and no sooner done on two cores beside the others. */
const oneChecker = ['--checkers', '1'];

interface Check {
  readonly name: string;
  readonly command: readonly string[];
  readonly when?: string;
}

const checks: readonly Check[] = [
  {
    name: 'types',
    command: [
      join(root, 'node_modules/ts7/bin/tsc'),
      '--noEmit',
      '-p',
      'tsconfig.json',
      ...oneChecker,
      '--incremental',
      '--tsBuildInfoFile',
      'node_modules/.cache/types.tsbuildinfo',
    ],
  },
  { name: 'lint', command: [bin('oxlint'), '--quiet'] },
  {
    name: 'format',
    command: [bin('oxfmt'), '--check', '.'],
  },
  {
    name: 'imports',
    command: [bin('depcruise'), '--config', '.dependency-cruiser.cjs', '--output-type', 'err', 'src', 'agents'],
  },
  {
    name: 'console types',
    command: [
      bin('svelte-check'),
      '--workspace',
      'dashboards/console',
      '--tsconfig',
      './tsconfig.json',
      '--output',
      'machine',
      '--threshold',
      'warning',
    ],
    when: 'dashboards/console/tsconfig.json',
  },
  {
    name: 'phone types',
    command: [
      join(root, 'node_modules/ts7/bin/tsc'),
      '--noEmit',
      '-p',
      'dashboards/phone/tsconfig.json',
      ...oneChecker,
    ],
    when: 'dashboards/phone/tsconfig.json',
  },
  {
    name: 'pulumi types',
    command: [join(root, 'node_modules/ts7/bin/tsc'), '--noEmit', '-p', 'pulumi/tsconfig.json', ...oneChecker],
  },
  {
    name: 'translations',
    command: [process.execPath, 'dashboards/console/check-texts.ts'],
    when: 'dashboards/console/check-texts.ts',
  },
];

async function run(check: Check): Promise<boolean> {
  const [command, ...rest] = check.command;
  if (command === undefined) return false;
  // the tools find the Node that npm installed, whatever the machine's own
  const env = { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}` };
  const child = spawn(command, rest, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number>((done) => {
    child.on('close', (status) => done(status ?? 1));
    child.on('error', (error) => {
      output += error.message;
      done(1);
    });
  });
  if (code === 0) return true;
  console.error(`\n── ${check.name} ──\n${output.trimEnd()}`);
  return false;
}

const started = performance.now();
const wanted = checks.filter((check) => check.when === undefined || existsSync(join(root, check.when)));
const results = await Promise.all(wanted.map(run));
const failed = wanted.filter((_, index) => results[index] !== true).map((check) => check.name);
const seconds = ((performance.now() - started) / 1000).toFixed(1);
if (failed.length > 0) {
  console.error(`\ncheck: ${failed.join(', ')} failed (${seconds} s)`);
  process.exitCode = 1;
} else {
  console.log(`check: ${wanted.map((check) => check.name).join(', ')} are fine (${seconds} s)`);
}
