import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fragment } from '../../../../tests/support/device-bench.ts';
import { CuttingProxy } from '../../../../tests/support/router-bench.ts';
import { cliDocument, SwitchBench, switches } from '../../../../tests/support/switch-bench.ts';
import { ArungError } from '../../../domain/errors.ts';

const comware = switches.ios;
/** Those that call it sysname. */
const callsSysname = (device: string): boolean => device === switches.vrp || device === comware;

/** Ports of the one of no name are named as TP-Link's are. */
const jetStream = switches.noName;

let others: SwitchBench;
let tpLink: SwitchBench;
beforeAll(async () => {
  others = await SwitchBench.start(128, {
    isDriven: true,
    as: { [comware]: { vendor: 'H3C', model: 'S5130S-28P-EI' } },
  });
  tpLink = await SwitchBench.start(137, {
    isDriven: true,
    as: { [jetStream]: { vendor: 'TP-Link', model: 'TL-SG2008' } },
  });
});
afterAll(async () => {
  await others.stop();
  await tpLink.stop();
});

/** Of what a client sends, so many pieces are left out between two cuts: a handshake is some ten of them. */
const every = Number(process.env['ARUNG_TEST_CUTS_EVERY'] ?? '9');

/** A mark without a timer, or half a mark, does no harm, and the next run takes it away. */
function withoutMark(state: string): string {
  const sections = JSON.parse(state) as [string, string[]][];
  const kept = sections.filter(([header]) => header !== 'acl number 3999');
  return JSON.stringify(
    kept.map(([header, lines]) => [
      header,
      lines.filter((line) => !/^(ip host|access-list create 999 name) "?arung/.test(line)),
    ]),
  );
}

describe('a session with a switch that is cut', () => {
  it.each([
    ['Cisco Business', () => others, switches.business],
    ['Huawei', () => others, switches.vrp],
    ['H3C', () => others, comware],
    ['one of no name', () => others, switches.noName],
    ['TP-Link', () => tpLink, jetStream],
  ] as const)(
    'anywhere, with us dead from then on: %s is as before, or as it should be',
    async (_, benchOf, device) => {
      const bench = benchOf();
      const name = (text: string) => (callsSysname(device) ? { sysname: text } : { hostname: text });
      const before = bench.stateOf(device);
      let last = 1;
      const ends = new Set<string>();
      for (let at = 1; at <= last; at += every) {
        const proxy = await CuttingProxy.start({
          host: bench.backbone.addressOf(device),
          port: bench.backbone.sshPort,
        });
        proxy.cut = (piece) => (piece === at ? 'dead' : 'pass');
        const run = `putus-${at}`;
        const document = cliDocument(fragment('nama', 'global', name(`n-${at}`)));
        const target = bench.target(device, 'ssh', proxy.port);
        const patience = { commandTimeoutMs: 3_000 };
        const end = await bench
          .with(
            target,
            async (session) => {
              const { until } = await session.arm(run, 60);
              // Who is dead waits for nobody.
              const death = new AbortController();
              const stop = setInterval(() => proxy.sent >= at && death.abort(), 20);
              await session.apply(document, { run, applied: null, until, signal: death.signal }).finally(() => clearInterval(stop)); // prettier-ignore
            },
            patience,
          )
          .then(() => bench.with(target, (session) => session.confirm(document, { run, applied: null }), patience))
          .then(
            () => 'confirmed',
            (error: unknown) => {
              if (error instanceof ArungError) return error.code;
              throw error;
            },
          );
        // As long as nothing was cut, there is more to be cut.
        last = Math.max(last, proxy.sent, end === 'confirmed' ? 0 : at + every);
        proxy.stop();
        bench.pass(200);
        await bench.untilReached(device);
        const is = bench.box(device).name === `n-${at}` ? 'after' : 'before';
        ends.add(is);
        if (is === 'before') expect(withoutMark(bench.stateOf(device))).toBe(before);
        else {
          // It would outlive a restart, and nothing waits.
          expect(bench.savedOf(device)).toBe(bench.stateOf(device));
          await bench.with(bench.target(device), async (session) => expect(await session.rollbacks()).toEqual([]));
          bench.byHand(device, callsSysname(device) ? `sysname ${device}` : `hostname ${device}`);
          bench.box(device).save();
          expect(bench.stateOf(device)).toBe(before);
        }
        if (end === 'confirmed') break;
        expect(at, 'a change ends sometime').toBeLessThan(500);
      }
      expect(ends).toEqual(new Set(['before', 'after']));
    },
    180_000,
  );
});
