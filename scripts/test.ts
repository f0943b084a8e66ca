import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { join } from 'node:path';

/**
 * `npm test`: checks the code (`npm run check`) while it builds the console and the technician's page, runs unit, integration,
 * fault and browser tests by vitest and closes with a line `N passed, N failed` alone. What a missing peer forbids is skipped by name and listed here, with what to
 * install. `--soak` runs the long ones in tests/soak instead; further arguments go to vitest.
 */
const root = join(import.meta.dirname, '..');
const bin = (name: string) => join(root, 'node_modules', '.bin', name);
const given = process.argv.slice(2);
const soak = given.includes('--soak');
const rest = given.filter((argument) => argument !== '--soak');

/**
 * Where the tests keep their files: in memory where there is room for them. They make and drop some hundred databases, and
 * waiting for a disk is most of what those take. The long ones are about disks, too: they stay on one.
 */
const memory = soak ? null : folderInMemory();

function folderInMemory(): string | null {
  const gigabyte = 2 ** 30;
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    if (bavail * bsize < 4 * gigabyte || freemem() < 8 * gigabyte) return null;
    const folder = mkdtempSync('/dev/shm/arung-tests-');
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    // Some systems run no program from there, and some tests have programs of their own.
    const program = join(folder, 'program');
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 });
    const { status } = spawnSync(program);
    rmSync(program);
    // As the usual folder is: a database of root's runs as somebody else.
    chmodSync(folder, 0o1777);
    return status === 0 ? folder : null;
  } catch {
    return null;
  }
}

function run(command: string, args: readonly string[]): Promise<number> {
  const env = memory === null ? process.env : { ...process.env, TMPDIR: memory };
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', env });
    child.on('close', (status) => done(status ?? 1));
    child.on('error', () => done(1));
  });
}

/** The last line, whatever happened. */
function close(passed: number, failed: number): never {
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

// types, lint, format, import rules, translations; beside the tests, which have to wait for much, and behind them
const isWhole = !soak && rest.length === 0;
const checked = isWhole ? run('nice', ['-n', '10', process.execPath, 'scripts/check.ts']) : Promise.resolve(0);

const built = await run(process.execPath, ['scripts/build-console.ts', '--force']);
if (built !== 0) {
  await checked;
  console.error('test: the console or the page for phones does not build: see above');
  close(0, 1);
}

const folder = join(root, 'node_modules', '.cache');
mkdirSync(folder, { recursive: true });
const reportFile = join(folder, `test-report-${process.pid}.json`);
const config = soak ? ['--config', 'tests/soak/vitest.config.ts'] : [];
const status = await run(bin('vitest'), [
  'run',
  ...config,
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${reportFile}`,
  ...rest,
]);

let report: VitestReport;
try {
  report = JSON.parse(readFileSync(reportFile, 'utf8')) as VitestReport;
} catch {
  console.error('test: vitest ended without a report');
  close(0, 1);
}
rmSync(reportFile, { force: true });

const skipped = report.testResults.flatMap((file) =>
  file.assertionResults
    .filter((test) => test.status === 'pending' || test.status === 'skipped')
    .map((test) => test.fullName),
);
if (skipped.length > 0) {
  console.log(`\n${skipped.length} skipped:`);
  for (const name of skipped) console.log(`  ${name.trim()}`);
}
// a file that could not be loaded has no test that failed: count it as one
const broken = report.testResults.filter(
  (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
).length;
const isChecked = (await checked) === 0;
if (!isChecked) console.error('test: the checks of the code fail: see above');
const failed = report.numFailedTests + broken + (isChecked ? 0 : 1);
const isGreen = status === 0 && failed === 0;
close(report.numPassedTests, isGreen ? 0 : Math.max(1, failed));
