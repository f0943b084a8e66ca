import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ownUplinkId, type UplinkSign } from '../domain/own-uplink.ts';
import { seriesOf } from '../domain/point.ts';
import { backbone, TestNetwork } from './test-network.ts';
import { epoch, Stage } from './test-stage.ts';

const noCarrier: UplinkSign = { kind: 'no-carrier', interface: 'eth0' };
const firstHopSilent: UplinkSign = { kind: 'first-hop-silent', interface: 'eth0', address: '10.73.0.1' };
const works: UplinkSign = { kind: 'works', by: '10.73.0.254' };
const unclear: UplinkSign = { kind: 'unclear' };

describe('the board whose own machine may be cut off', () => {
  let stage: Stage;
  let sign: UplinkSign;
  const stand = async (network: TestNetwork, loss = 0): Promise<Stage> => {
    stage = new Stage(network, { uplink: () => sign, loss });
    await stage.board.start();
    stage.run(8);
    return stage;
  };
  /** Nothing reaches our machine; `core` is all that it is plugged into. */
  const cutOff = (): void => stage.poller.kill('core');
  const counts = () => stage.board.counts('everywhere').devices;
  const red = () =>
    stage.changes.flatMap(({ transitions }) =>
      transitions.filter(({ transition: { to } }) => to === 'down' || to === 'unreachable').map(({ name }) => name),
    );

  beforeEach(() => {
    sign = noCarrier;
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] });
  });
  afterEach(async () => {
    await stage.board.stop();
    vi.useRealTimers();
  });

  it.each([noCarrier, firstHopSilent, unclear])(
    'calls nothing down when nothing answers and it shows $kind',
    async (shown) => {
      sign = shown;
      await stand(backbone(5, 5));
      const all = stage.network.devices.size;
      cutOff();
      const from = stage.poller.now;
      expect(stage.until(() => counts().unknown === all, 10)).toBeLessThan(8);
      stage.run(60);
      expect(red()).toEqual([]);
      expect(counts().unknown).toBe(all);
      expect(stage.board.counts('everywhere').sites.unknown).toBe(stage.network.sites.size);
      expect(stage.board.idsNotUp('link')).toEqual([]);
      expect(stage.board.blindness).toMatchObject({ devices: all, sign: shown });
      const village = stage.board.stateOf('site', stage.network.siteId('v2-1'));
      expect(village?.cause).toMatchObject({ kind: 'controller', id: ownUplinkId });
      // It began with the first miss, not when it was understood.
      expect((village?.since ?? 0) - epoch - from).toBeLessThan(5_000);
      // It comes back, and so does every state, without a word that anything had failed.
      stage.poller.revive('core');
      expect(stage.until(() => counts().up === all, 20)).toBeLessThan(10);
      expect(stage.board.blindness).toBeNull();
      expect(red()).toEqual([]);
    },
  );

  it('tells a dead core router where its own way is fine, as fast as ever', async () => {
    sign = works;
    await stand(backbone(5, 5));
    cutOff();
    expect(
      stage.until(() => stage.state('core') === 'down' && stage.state('r-v3-2') === 'unreachable', 10),
    ).toBeLessThan(8);
    expect(stage.cause('r-v3-2')).toBe('core');
    expect(stage.board.blindness).toBeNull();
  });

  it('tells it, too, once its own way is seen to be fine, by asking everything anew', async () => {
    sign = firstHopSilent;
    await stand(backbone(5, 5));
    cutOff();
    stage.run(30);
    expect(counts().unknown).toBe(stage.network.devices.size);
    sign = works;
    expect(stage.until(() => stage.state('core') === 'down', 30)).toBeLessThan(20);
    stage.run(20);
    expect(stage.state('r-v3-2')).toBe('unreachable');
    expect(counts().unknown).toBe(0);
  });

  it('says what really failed meanwhile when it sees again, and only that', async () => {
    await stand(backbone(5, 5));
    cutOff();
    stage.run(20);
    stage.poller.cut('h2--r-v2-0');
    stage.run(20);
    stage.poller.revive('core');
    stage.until(() => counts().up > 0, 20);
    stage.run(30);
    expect(new Set(red())).toEqual(
      new Set(['h2--r-v2-0', 'r-v2-0', 's-v2-0', 't-v2-0', 'v2-0', 'r-v2-0--s-v2-0', 's-v2-0--t-v2-0']),
    );
    expect(stage.cause('r-v2-0')).toBe('h2--r-v2-0');
  });

  it('knows nothing of what was down before while it sees nothing, and says so again when it sees it', async () => {
    await stand(backbone(5, 5));
    stage.poller.cut('h2--r-v2-0');
    stage.run(15);
    expect(stage.state('r-v2-0')).toBe('unreachable');
    cutOff();
    stage.run(20);
    expect(stage.state('r-v2-0')).toBe('unknown');
    stage.poller.revive('core');
    stage.run(30);
    expect(stage.state('r-v2-0')).toBe('unreachable');
    expect(counts().unknown).toBe(0);
  });

  it('asks the other router that it is plugged into before it says anything, and tells the one that failed', async () => {
    const network = new TestNetwork()
      .site('dc')
      .device('core', 'dc', { gateway: true })
      .device('other', 'dc', { gateway: true });
    network.attach('core', 'other').link('core', 'other');
    for (const village of ['a', 'b', 'c'])
      network.village(village).link('core', `r-${village}`).link('other', `r-${village}`);
    await stand(network);
    cutOff();
    expect(stage.until(() => stage.state('core') === 'down', 10)).toBeLessThan(8);
    expect(stage.board.blindness).toBeNull();
    // Now the second one: nothing answers any more.
    stage.poller.kill('other');
    stage.until(() => stage.board.blindness !== null, 15);
    stage.run(5);
    expect(stage.state('other')).toBe('unknown');
    expect(stage.state('r-a')).toBe('unknown');
  });

  it('takes up a device whose last question went lost as the way came back, though nothing else happens', async () => {
    await stand(new TestNetwork().village('a').attach('r-a'));
    const { agentId } = stage.network;
    stage.board.agentSilent(agentId);
    stage.board.agentBack(agentId);
    vi.advanceTimersByTime(100);
    expect(stage.state('r-a')).toBe('unknown');
    const series = [seriesOf('probe', { device: stage.network.id('r-a') })];
    const times = Float64Array.of(Math.floor((epoch + stage.poller.now) / 1000));
    for (const values of [Float64Array.of(0, Number.NaN, Number.NaN), Float64Array.of(1, 8, 60)]) {
      stage.board.accept({ agent: agentId, measurement: 'probe', series, times, values });
      vi.advanceTimersByTime(100);
    }
    expect(stage.state('r-a')).toBe('up');
  });

  it('is not blind for a lost packet in bad weather', async () => {
    await stand(backbone(5, 5), 0.1);
    stage.run(1_800);
    expect(
      stage.changes.flatMap(({ transitions }) => transitions).filter(({ transition }) => transition.from === 'up'),
    ).toEqual([]);
  });
});
