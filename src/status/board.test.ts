import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AgentId } from '../domain/ids.ts';
import type { EntityState } from '../domain/reachability.ts';
import { backbone, TestNetwork } from './test-network.ts';
import { epoch, Stage } from './test-stage.ts';

describe('the status board', () => {
  let stage: Stage;
  const stand = async (network: TestNetwork, options: ConstructorParameters<typeof Stage>[1] = {}): Promise<Stage> => {
    stage = new Stage(network, options);
    await stage.board.start();
    return stage;
  };
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] });
  });
  afterEach(async () => {
    await stage.board.stop();
    vi.useRealTimers();
  });

  it('knows everything within one interval of its start, without telling it as news', async () => {
    await stand(backbone(5, 5));
    expect(stage.board.counts('everywhere').devices.unknown).toBe(stage.network.devices.size);
    stage.run(6);
    expect(stage.board.counts('everywhere').devices.up).toBe(stage.network.devices.size);
    expect(stage.board.counts('everywhere').sites.up).toBe(stage.network.sites.size);
    expect(stage.board.idsNotUp('link')).toEqual([]);
    expect(stage.events).toEqual([]);
  });

  it('shows a cut within seconds, names the cause, and is up again soon after it is mended', async () => {
    await stand(backbone(9, 17));
    stage.run(8);
    const dark: number[] = [];
    const back: number[] = [];
    for (const [name, village] of [
      ['h3--r-v3-0', 'v3-0'],
      ['h5--r-v5-1', 'v5-1'],
      ['h2--r-v2-2', 'v2-2'],
      ['h7--r-v7-7', 'v7-7'],
      ['h1--r-v1-8', 'v1-8'],
    ] as const) {
      stage.run(1.37);
      const devices = [`r-${village}`, `s-${village}`, `t-${village}`];
      stage.poller.cut(name);
      dark.push(stage.until(() => devices.every((d) => stage.state(d) === 'unreachable'), 20));
      expect(devices.map((device) => stage.cause(device))).toEqual([name, name, name]);
      expect(stage.board.stateOf('link', stage.network.linkId(name))?.state).toBe('down');
      expect(stage.board.stateOf('site', stage.network.siteId(village))?.state).toBe('unreachable');
      stage.run(7);
      expect(stage.bad()).toEqual([]);
      stage.poller.restore(name);
      back.push(stage.until(() => stage.board.idsNotUp('device').length === 0, 20));
      expect(stage.until(() => stage.board.idsNotUp('link').length === 0, 6)).toBeLessThan(6);
      expect(stage.bad()).toEqual([]);
    }
    expect(Math.max(...dark)).toBeLessThan(5.5);
    expect(Math.max(...back)).toBeLessThan(6);
    const told = stage.events.filter((event) => event.key === 'link.down').map((event) => event.entityName);
    expect(told).toEqual(['h3--r-v3-0', 'h5--r-v5-1', 'h2--r-v2-2', 'h7--r-v7-7', 'h1--r-v1-8']);
    const outages = stage.events
      .filter((event) => event.key === 'device.up')
      .map((event) => event.arguments['outageS']);
    // The village v1-9 hangs on v1-8.
    expect(outages).toHaveLength(18);
    expect(outages.every((outage) => typeof outage === 'number' && outage >= 4 && outage < 20)).toBe(true);
  });

  it('darkens a whole valley with one cause when two cuts isolate it', async () => {
    await stand(backbone(9, 6));
    stage.run(8);
    stage.poller.cut('h2--h3');
    stage.run(20);
    expect(stage.board.idsNotUp('device')).toEqual([]);
    expect(stage.board.stateOf('link', stage.network.linkId('h2--h3'))?.state).toBe('down');
    stage.poller.cut('h5--h6');
    const behind = [...stage.network.devices.values()].filter((d) => /^(h|[rst]-v)[345](-|$)/.test(d.name));
    expect(behind.length).toBe(3 + 3 * 6 * 3);
    const took = stage.until(() => behind.every((d) => stage.state(d.name) === 'unreachable'), 20);
    expect(took).toBeLessThan(6);
    stage.run(5);
    expect(new Set(behind.map((device) => stage.cause(device.name)))).toEqual(new Set(['h5--h6']));
    expect(stage.board.counts('everywhere').devices.down).toBe(0);
    stage.poller.restore('h5--h6');
    expect(stage.until(() => stage.board.idsNotUp('device').length === 0, 20)).toBeLessThan(8);
    expect(stage.bad()).toEqual([]);
    // Whoever comes back first, what lies between is not told to be dead, nor anything dark for another cause.
    const told = stage.events.filter((event) => event.key === 'device.unreachable');
    expect(told).toHaveLength(behind.length);
  });

  it('does not call a hub dead when something behind it is the first to come back', async () => {
    await stand(backbone(2, 17));
    stage.run(8);
    for (const first of ['t-v1-3', 's-v1-7', 'r-v1-0', 's-v1-4']) {
      stage.poller.cut('h0--h1');
      stage.until(() => stage.state('t-v1-9') === 'unreachable' && stage.state('h1') === 'unreachable', 20);
      stage.run(8);
      const before = stage.events.length;
      stage.poller.restore('h0--h1');
      stage.poller.publish('probe', { device: stage.network.id(first) }, [1, 3, Number.NaN]);
      expect(stage.until(() => stage.board.idsNotUp('device').length === 0, 20)).toBeLessThan(8);
      const told = stage.events.slice(before).filter((event) => !event.key.endsWith('.up'));
      expect(told.map((event) => `${event.key} ${event.entityName}`)).toEqual([]);
      stage.run(600);
    }
  });

  it('tells a dead hub from cut links, and counts only its own region’s sites for a reader', async () => {
    await stand(backbone(9, 6));
    stage.run(8);
    stage.poller.kill('h4');
    stage.run(9);
    expect(stage.state('h4')).toBe('down');
    expect(stage.cause('t-v4-0')).toBe('h4');
    expect(stage.state('t-v4-0')).toBe('unreachable');
    expect(stage.state('h5')).toBe('up');
    const there = stage.board.counts({ regionCodes: ['73.08.04'] });
    expect(there.sites).toEqual({ up: 0, down: 1, unreachable: 6, unknown: 0, maintenance: 0 });
    expect(stage.board.counts({ regionCodes: ['73.08.05'] }).sites.up).toBe(7);
    expect(stage.board.counts({ regionCodes: [] }).devices.up).toBe(0);
    stage.poller.revive('h4');
    stage.run(8);
    const restart = stage.events.find((event) => event.key === 'device.restarted');
    expect(restart?.entityName).toBe('h4');
    expect(restart?.arguments['explainsSilence']).toBe(true);
  });

  it('says nothing is down while a tenth of all probes is lost, and still sees a cut', async () => {
    await stand(backbone(27, 17), { loss: 0.1 });
    stage.run(45);
    expect(stage.events.filter((event) => event.key !== 'device.restarted')).toEqual([]);
    expect(stage.board.counts('everywhere').devices.up).toBe(stage.network.devices.size);
    stage.poller.cut('h3--r-v3-0');
    const took = stage.until(() => stage.state('t-v3-0') === 'unreachable', 20);
    expect(took).toBeLessThan(8);
  }, 60_000);

  it('knows nothing of what a silent agent watches, nor of terminals without a broker', async () => {
    await stand(backbone(3, 3));
    stage.run(6);
    stage.board.setChannel('mqtt', false);
    stage.run(1);
    expect(stage.state('t-v1-1')).toBe('unknown');
    expect(stage.state('s-v1-1')).toBe('up');
    expect(stage.board.counts('everywhere').devices.down).toBe(0);
    stage.board.setChannel('mqtt', true);
    stage.run(6);
    expect(stage.state('t-v1-1')).toBe('up');
    stage.board.agentSilent(stage.network.agentId);
    stage.run(1);
    expect(stage.board.counts('everywhere').devices.unknown).toBe(stage.network.devices.size);
    expect(stage.board.stateOf('device', stage.network.id('core'))?.cause).toMatchObject({
      kind: 'agent',
      name: 'local',
    });
    stage.board.agentBack(stage.network.agentId);
    stage.run(6);
    expect(stage.board.counts('everywhere').devices.up).toBe(stage.network.devices.size);
    expect(stage.events.map((event) => event.key)).toContain('agent.silent');
  });

  it('forgets nothing of agents that it turns away itself, and does when they say nothing', async () => {
    await stand(backbone(3, 3));
    stage.run(12);
    stage.unheard = true;
    for (let second = 0; second < 120; second += 10) {
      stage.board.othersTurnedAway('ours' as AgentId);
      stage.run(10);
    }
    expect(stage.board.counts('everywhere').devices.up).toBe(stage.network.devices.size);
    // Of its own agent's devices this says nothing.
    for (let second = 0; second < 80; second += 10) {
      stage.board.othersTurnedAway(stage.network.agentId);
      stage.run(10);
    }
    expect(stage.board.counts('everywhere').devices.unknown).toBe(stage.network.devices.size);
    stage.unheard = false;
    stage.run(12);
    expect(stage.board.counts('everywhere').devices.up).toBe(stage.network.devices.size);
  });

  it('blames nobody for what it was too busy to read, and sees a real silence afterwards', async () => {
    await stand(backbone(3, 3));
    stage.run(12);
    stage.bad();
    // We are held up: the clock goes on, no timer of ours runs, and then come the misses, before the tick.
    stage.poller.kill('t-v1-1');
    stage.poller.advanceTo(stage.poller.now + 20_000);
    stage.poller.revive('t-v1-1');
    stage.run(10);
    expect(stage.bad()).toEqual([]);
    expect(stage.state('t-v1-1')).toBe('up');
    stage.poller.kill('r-v1-1');
    expect(stage.until(() => stage.state('r-v1-1') !== 'up', 20)).toBeLessThan(15);
  });

  it('gives terminals time to connect before their silence says anything', async () => {
    const network = backbone(3, 3);
    stage = new Stage(network);
    stage.poller.kill('t-v1-1');
    stage.poller.kill('s-v2-2');
    await stage.board.start();
    stage.run(30);
    expect(stage.state('t-v1-1')).toBe('unknown');
    expect(stage.state('s-v2-2')).not.toBe('unknown');
    stage.run(30);
    // Its switch says that its port is down.
    expect(stage.state('t-v1-1')).toBe('unreachable');
  });

  it('lays maintenance over what is measured, and shows it again afterwards', async () => {
    const network = backbone(3, 3);
    await stand(network);
    stage.run(6);
    const id = network.id('r-v1-1');
    const device = network.devices.get(id);
    if (device === undefined) throw new Error('no device');
    network.devices.set(id, { ...device, maintenance: true });
    stage.changed();
    stage.run(1);
    expect(stage.state('r-v1-1')).toBe('maintenance');
    expect(stage.board.stateOf('site', network.siteId('v1-1'))?.state).toBe('maintenance');
    stage.poller.kill('r-v1-1');
    stage.run(12);
    expect(stage.state('r-v1-1')).toBe('maintenance');
    expect(stage.state('s-v1-1')).toBe('unreachable');
    network.devices.set(id, device);
    stage.changed();
    stage.run(1);
    expect(['down', 'unreachable']).toContain(stage.state('r-v1-1'));
  });

  it('tells nothing of what is as it was before planned work, and of what came back meanwhile that it did', async () => {
    const network = backbone(3, 3);
    await stand(network);
    stage.run(6);
    const names = ['r-v1-1', 'r-v2-2'];
    stage.poller.kill('r-v2-2');
    stage.run(30);
    expect(stage.state('r-v2-2')).toBe('unreachable');
    stage.events.length = 0;
    const devices = names.map((name) => network.devices.get(network.id(name))).filter((one) => one !== undefined);
    expect(devices).toHaveLength(2);
    for (const device of devices) network.devices.set(device.id, { ...device, maintenance: true });
    stage.changed();
    stage.run(1);
    stage.poller.kill('r-v1-1');
    stage.run(20);
    for (const name of names) stage.poller.revive(name);
    stage.run(10);
    for (const device of devices) network.devices.set(device.id, device);
    stage.changed();
    stage.run(3);
    expect(names.map((name) => stage.state(name))).toEqual(['up', 'up']);
    const told = stage.events.filter(
      ({ key, entityName }) =>
        /\.(up|down|unreachable|unknown)$/.test(key) && [...names, 'v1-1', 'v2-2'].includes(entityName),
    );
    expect(told.map(({ key, entityName }) => `${key} ${entityName}`).sort()).toEqual([
      'device.up r-v2-2',
      'site.up v2-2',
    ]);
    for (const event of told) expect(event.arguments['outageS']).toBeGreaterThan(25);
  });

  it('goes on where it was after a restart: an old outage is as old as it was, and no news', async () => {
    const network = backbone(3, 3);
    const since = epoch - 3_600_000;
    const before = new Map<string, EntityState>([
      [`device:${network.id('r-v1-1')}`, { state: 'unreachable', since, cause: null }],
      [`device:${network.id('r-v2-2')}`, { state: 'down', since, cause: null }],
    ]);
    stage = new Stage(network, { before });
    stage.poller.cut('h1--r-v1-1');
    await stage.board.start();
    expect(stage.state('r-v1-1')).toBe('unknown');
    stage.run(20);
    expect(stage.board.stateOf('device', network.id('r-v1-1'))).toMatchObject({ state: 'unreachable', since });
    const told = stage.events.map((event) => `${event.key} ${event.entityName}`);
    expect(told).not.toContain('device.unreachable r-v1-1');
    expect(told).toContain('device.up r-v2-2');
    expect(told).not.toContain('device.up r-v2-1');
  });

  it('believes a device that flaps only when it was steady', async () => {
    await stand(backbone(3, 3));
    stage.run(6);
    const backAfter: number[] = [];
    for (let i = 0; i < 7; i++) {
      stage.poller.kill('t-v1-1');
      stage.until(() => stage.state('t-v1-1') !== 'up', 20);
      stage.run(1);
      stage.poller.revive('t-v1-1');
      backAfter.push(stage.until(() => stage.state('t-v1-1') === 'up', 90));
    }
    expect(Math.max(...backAfter.slice(0, 3))).toBeLessThan(6);
    expect(backAfter[6]).toBeGreaterThan(20);
    expect(backAfter[6]).toBeLessThan(40);
  });

  it('sees a device come back even when a late miss follows its first answer at once', async () => {
    await stand(backbone(3, 3));
    stage.run(6);
    stage.poller.cut('h1--r-v1-1');
    stage.until(() => stage.state('r-v1-1') === 'unreachable', 20);
    stage.poller.restore('h1--r-v1-1');
    const say = (answered: number) =>
      stage.poller.publish('probe', { device: stage.network.id('r-v1-1') }, [answered, 1, 1e6]);
    say(1);
    say(0);
    stage.run(0.2);
    say(1);
    stage.run(0.2);
    expect(stage.state('r-v1-1')).toBe('up');
  });

  it('gives a terminal whose way came back time to connect before it is called dead', async () => {
    await stand(backbone(3, 3));
    stage.run(6);
    stage.poller.cut('h1--r-v1-1');
    stage.until(() => stage.state('t-v1-1') === 'unreachable', 20);
    // Its cable shows light all the time: it is on, and not connected yet.
    stage.poller.connecting('t-v1-1', true);
    stage.poller.restore('h1--r-v1-1');
    stage.run(18);
    expect(stage.state('r-v1-1')).toBe('up');
    expect(stage.state('t-v1-1')).toBe('unreachable');
    // One that does not come is told, later.
    expect(stage.until(() => stage.state('t-v1-1') === 'down', 40)).toBeLessThan(20);
    stage.poller.connecting('t-v1-1', false);
    stage.run(6);
    expect(stage.state('t-v1-1')).toBe('up');
  });

  it('keeps the dead hub as the cause of its links while one neighbour after the other sees it again', async () => {
    const network = new TestNetwork().site('dc').device('core', 'dc', { gateway: true }).attach('core');
    for (const name of ['a', 'b', 'c', 'hub']) network.site(name).device(name, name, { gateway: true });
    network.link('core', 'a').link('core', 'b').link('core', 'c');
    network.link('a', 'hub').link('b', 'hub').link('c', 'hub', 'radio');
    await stand(network);
    stage.run(8);
    stage.poller.kill('hub');
    stage.run(15);
    const link = network.links.get(network.linkId('a--hub'));
    if (link === undefined) throw new Error('no link');
    const causeOf = (name: string) => stage.board.stateOf('link', network.linkId(name))?.cause?.name;
    expect([causeOf('a--hub'), causeOf('b--hub')]).toEqual(['hub', 'hub']);
    stage.poller.publish('port', { device: link.a.deviceId, interface: link.a.interfaceId }, [1]);
    stage.run(0.1);
    expect(stage.board.stateOf('link', link.id)?.state).not.toBe('down');
    expect(causeOf('b--hub')).toBe('hub');
    stage.poller.revive('hub');
    stage.run(15);
    expect(stage.board.idsNotUp('link')).toEqual([]);
  });

  it('tells the load of a link from either end, and nothing once it is old', async () => {
    const network = backbone(3, 3);
    await stand(network);
    stage.run(6);
    const link = network.links.get(network.linkId('core--h0'));
    if (link === undefined) throw new Error('no link');
    stage.poller.publish('interface', { device: link.b.deviceId, interface: link.b.interfaceId }, [4e8, 1e8]);
    stage.run(3);
    expect(stage.board.linkLoad(link.id)).toMatchObject({ abBps: 4e8, baBps: 1e8 });
    expect(stage.changes.some((change) => change.loads.includes(link.id))).toBe(true);
    stage.poller.publish('interface', { device: link.a.deviceId, interface: link.a.interfaceId }, [1.1e8, 4.1e8]);
    stage.run(3);
    expect(stage.board.linkLoad(link.id)).toMatchObject({ abBps: 4.1e8, baBps: 1.1e8 });
    stage.run(200);
    expect(stage.board.linkLoad(link.id)).toBeNull();
  });

  it('forgets what the inventory no longer has and takes up what is new', async () => {
    const network = backbone(3, 3);
    await stand(network);
    stage.run(6);
    network.village('new', '73.08.01.2999').link('h1', 'r-new');
    const gone = network.id('t-v2-2');
    network.devices.delete(gone);
    stage.changed();
    stage.run(1);
    expect(stage.board.stateOf('device', gone)).toBeNull();
    expect(stage.state('r-new')).toBe('unknown');
    expect(stage.state('r-v1-1')).toBe('up');
  });
});
