import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Box, ExecCommand, Maker, Terminal } from '../../../../agents/simulator/cli/maker.ts';
import { fragment } from '../../../../tests/support/device-bench.ts';
import { cliDocument, SwitchBench, switches } from '../../../../tests/support/switch-bench.ts';
import type { ArungError } from '../../../domain/errors.ts';

/** A switch of D-Link's, whose help shows no restart after minutes. */
const dLink = switches.ios;
const device = switches.noName;

let bench: SwitchBench;
beforeAll(async () => {
  bench = await SwitchBench.start(134, {
    isDriven: true,
    as: { [dLink]: { vendor: 'D-Link', model: 'DGS-1510-28X' } },
  });
});
afterAll(() => bench.stop());

const restore: (() => void)[] = [];
afterEach(() => {
  for (const back of restore.splice(0).toReversed()) back();
  for (const one of [device, dLink]) {
    bench.box(one).cancelReload();
    bench.box(one).running.unset('', 'ip host arung-rollback-bukti');
    bench.byHand(one, `hostname ${one}`);
    bench.box(one).save();
  }
});

function alter(one: string, changes: Partial<Maker>): void {
  const { maker } = bench.box(one);
  const was = { ...maker };
  Object.assign(maker, changes);
  restore.push(() => Object.assign(maker, was));
}

type Run = (found: RegExpExecArray, box: Box, terminal: Terminal) => void;
/** A command that the device takes in another way than before. */
function takes(one: string, pattern: RegExp, run: Run): void {
  alter(one, { exec: [{ pattern, run }, ...bench.box(one).maker.exec] });
}

/** Every line that is entered from now on. */
function heardBy(one: string): readonly string[] {
  const heard: string[] = [];
  const listens = Object.assign(/$^/, { exec: (line: string) => (heard.push(line), null) });
  takes(one, listens, () => undefined);
  return heard;
}

function helps(after: string, ...words: readonly (readonly [string, string])[]): void {
  const { help = [] } = bench.box(device).maker;
  alter(device, { help: [{ after, words }, ...help.filter((page) => page.after !== after)] });
}

const armed = (one: string, withinS = 120): Promise<unknown> =>
  bench.with(bench.target(one), async (session) => session.arm('bukti', withinS)).catch((error: unknown) => error);

/** It was not armed; nothing waits, and nothing of the run is left, neither in what runs nor in what a restart loads. */
async function expectRefusal(one: string, code: string, said: RegExp = /./): Promise<void> {
  const before = bench.stateOf(one);
  const error = await armed(one);
  expect(error).toMatchObject({ code });
  expect((error as ArungError).message).toMatch(said);
  expect(bench.box(one).reloadInS()).toBeNull();
  expect(bench.stateOf(one)).toBe(before);
  expect(bench.savedOf(one)).not.toContain('arung-rollback');
}

describe('a switch that nobody knows a timer of', () => {
  it('is asked by its help, told nothing that could restart it, and not changed, but backed up', async () => {
    const heard = heardBy(dLink);
    await bench.with(bench.target(dLink), async (session) => {
      await expect(session.arm('x', 60)).rejects.toMatchObject({ code: 'rollback.unsupported', kind: 'invalid' });
      expect((await session.backup()).text).toContain(`hostname ${dLink}`);
    });
    expect(heard).toContain('show running-config');
    expect(heard.filter((line) => /reload|reboot|restart/.test(line))).toEqual(['show reload']);
  });

  it('may take a question mark as text: the line is erased, and the session goes on', async () => {
    alter(dLink, {});
    delete (bench.box(dLink).maker as { help?: unknown }).help;
    const heard = heardBy(dLink);
    await bench.with(bench.target(dLink), async (session) => {
      await expect(session.arm('x', 60)).rejects.toMatchObject({ code: 'rollback.unsupported' });
      expect((await session.backup()).text).toContain('hostname');
    });
    expect(heard.filter((line) => /\?|reboot|^reload/.test(line))).toEqual([]);
  });

  it('has a D-Link changed whose help shows one', async () => {
    const { maker } = bench.box(device);
    const version = bench.box(dLink).maker.exec.find(({ pattern }) => pattern.test('show version')) as ExecCommand;
    takes(device, version.pattern, version.run);
    const document = cliDocument(fragment('nama', 'global', { hostname: 'ganti' }));
    await bench.with(bench.target(device), async (session) => {
      const { until } = await session.arm('dgs', 60);
      await session.apply(document, { run: 'dgs', applied: null, until });
      expect(await session.confirm(document, { run: 'dgs', applied: null })).toEqual({ confirmed: true });
    });
    expect(maker.nameIn(bench.box(device).startup)).toBe('ganti');
  });

  it.each([
    [
      'its status is not there',
      'show',
      [
        ['version', 'Software'],
        ['clock', 'reload or not'],
      ],
    ],
    [
      '`in` stands in a description only',
      'reload',
      [
        ['at', 'Restart at a time, or in minutes'],
        ['cancel', 'in case'],
      ],
    ],
    [
      'it cannot be cancelled',
      'reload',
      [
        ['in', 'Restart after minutes'],
        ['at', 'Restart at a time'],
      ],
    ],
    ['it counts seconds', 'reload in', [['<1-1000>', 'Seconds until the restart']]],
    ['it counts nothing that is told', 'reload in', [['WORD', 'Reason']]],
  ] as const)('is refused where %s', async (_, after, words) => {
    helps(after, ...words);
    const heard = heardBy(device);
    await expectRefusal(device, 'rollback.unsupported', /its own help shows none/);
    expect(heard.filter((line) => /^(reload|copy|configure)/.test(line))).toEqual([]);
  });
});

describe('a switch whose help shows a timer', () => {
  it('is asked nothing that it could take for a restart before it has answered a question that does nothing', async () => {
    const heard = heardBy(device);
    expect(await armed(device)).toMatchObject({ until: expect.any(Number) as number });
    expect(heard.filter((line) => /reload/.test(line))).toEqual(['show reload', 'show reload', 'reload in 2', 'show reload']); // prettier-ignore
    expect(bench.savedOf(device)).not.toContain('arung-rollback');
  });

  it('is left alone where it says of what waits what is not understood', async () => {
    const heard = heardBy(device);
    takes(device, /^show reload$/, (_, __, terminal) => terminal.write('Boot plan: 05:00'));
    bench.box(device).reloadIn(600);
    expect(await armed(device)).toMatchObject({ code: 'rollback.unproven' });
    expect(bench.box(device).reloadInS()).toBeGreaterThan(500);
    expect(heard.filter((line) => /^(reload|copy|configure)/.test(line))).toEqual([]);
  });

  it('is not armed when it then shows no time, and its timer is taken back', async () => {
    takes(device, /^show reload$/, (_, __, terminal) => terminal.write('No reload is scheduled.'));
    await expectRefusal(device, 'rollback.unproven', /time that remains/);
  });

  it('is not armed when it shows another time than was asked for', async () => {
    takes(device, /^reload in (\d+)$/, ([, hours], box) => box.reloadIn(Number(hours) * 3_600));
    await expectRefusal(device, 'rollback.unproven', /7200 s that remain|\d+ s that remain/);
  });

  it('is not armed when it refuses its own command', async () => {
    takes(device, /^reload in \d+$/, (_, __, terminal) => terminal.write('% Not allowed at this level'));
    await expectRefusal(device, 'rollback.unproven', /Not allowed/);
  });

  it('is not armed when it saves by itself what is set', async () => {
    const ipHost = bench.box(device).maker.lines.find(({ pattern }) => pattern.test('ip host a 192.0.2.1'));
    if (ipHost === undefined) throw new Error('no ip host');
    const saves = { ...ipHost, change: ([line]: RegExpExecArray) => {
      bench.box(device).running.set('', line, { text: line });
      bench.box(device).save();
    }, undo: ([line]: RegExpExecArray) => {
      bench.box(device).running.unset('', line);
    } }; // prettier-ignore
    alter(device, { lines: [saves, ...bench.box(device).maker.lines.filter((one) => one !== ipHost)] });
    await expectRefusal(device, 'rollback.unproven', /saves what is set/);
  });

  it('is not armed when its question about saving could not be told from another', async () => {
    takes(device, /^reload in (\d+)$/, ([, minutes], box, terminal) => {
      terminal.write('The configuration has been modified. Save it first');
      terminal.ask('or lose it? (Y/N) ', (answer) => {
        if (/^y/i.test(answer)) box.save();
        box.reloadIn(Number(minutes) * 60);
      });
    });
    await expectRefusal(device, 'rollback.unproven', /saves what is set/);
  });

  it('is not armed when it says that it saved, and did not', async () => {
    bench.byHand(device, 'hostname belum-disimpan');
    takes(device, /^copy running-config startup-config$/, (_, __, terminal) => terminal.write('[OK]'));
    await expectRefusal(device, 'rollback.unproven', /saved configuration is another/);
  });

  it('is not armed when it does not say that it saved', async () => {
    takes(device, /^copy running-config startup-config$/, (_, box) => box.save());
    await expectRefusal(device, 'rollback.not-kept');
  });

  it('is not armed when it does not know the mark, or does not show it', async () => {
    const { lines } = bench.box(device).maker;
    alter(device, { lines: lines.filter(({ pattern }) => !pattern.test('ip host a 192.0.2.1')) });
    await expectRefusal(device, 'rollback.unproven', /Invalid input/);
    const hidden = { in: 'global', pattern: /^ip host (\S+) \S+$/, key: () => 'ip host', entry: () => null };
    alter(device, { lines: [hidden, ...bench.box(device).maker.lines] });
    await expectRefusal(device, 'rollback.unproven', /does not show what was set/);
  });

  it('is not given a line that steps its clock, and is as before', async () => {
    const before = bench.stateOf(device);
    const document = cliDocument(fragment('jam', 'global', { 'ntp.server': '10.73.0.1', hostname: 'tanpa-jam' }));
    const end = bench.with(bench.target(device), async (session) => {
      const { until } = await session.arm('jam', 60);
      await session.apply(document, { run: 'jam', applied: null, until });
    });
    await expect(end).rejects.toMatchObject({ code: 'apply.undone', arguments: { said: expect.stringContaining('planned restart') as string } }); // prettier-ignore
    expect(bench.stateOf(device)).toBe(before);
  });

  it('goes back by itself when it said that it saved the change, and did not', async () => {
    const before = bench.stateOf(device);
    const document = cliDocument(fragment('nama', 'global', { hostname: 'tidak-tersimpan' }));
    await bench.with(bench.target(device), async (session) => {
      const { until } = await session.arm('bohong', 60);
      await session.apply(document, { run: 'bohong', applied: null, until });
    });
    takes(device, /^copy running-config startup-config$/, (_, __, terminal) => terminal.write('[OK]'));
    await bench.with(bench.target(device), async (session) => {
      await expect(session.confirm(document, { run: 'bohong', applied: null })).rejects.toMatchObject({ code: 'rollback.not-saved' }); // prettier-ignore
    });
    bench.pass(150);
    await bench.untilReached(device);
    expect(bench.stateOf(device)).toBe(before);
  });
});
