import type { SwitchDevice } from '../../agents/simulator/cli/switch-device.ts';
import { catalyst, user, type OtherMakes } from '../../agents/simulator/routeros/testing/small-backbone.ts';
import type { IntentDocument, IntentFragment } from '../../src/domain/intent.ts';
import { CliDriver } from '../../src/provisioning/drivers/cli/driver.ts';
import type { DeviceTarget, SessionOptions } from '../../src/provisioning/drivers/driver.ts';
import { DeviceBench, type BenchParts } from './device-bench.ts';
import { SwitchHands } from './switch-hands.ts';

/** One switch of each command line that is played. */
export const switches = { vrp: 'sw-a-01', business: 'sw-b-01', ios: 'sw-c-01', noName: 'sw-d-01' } as const;

/** What they are where the inventory of the small backbone says otherwise. */
const makes = { [switches.ios]: catalyst, [switches.noName]: { vendor: 'No name', model: 'GS-8' } } as const;

export const cliDocument = (...fragments: IntentFragment[]): IntentDocument => ({ driver: 'cli', fragments });

/** Simulated switches, and the driver that is tried against them. */
export class SwitchBench extends DeviceBench {
  readonly driver: CliDriver;
  readonly hands: SwitchHands;

  private constructor(parts: BenchParts) {
    super(parts);
    this.hands = new SwitchHands(parts.backbone);
    this.driver = new CliDriver(parts.clock);
  }

  static async start(net: number, { isDriven, as }: { readonly isDriven: boolean } & OtherMakes): Promise<SwitchBench> {
    return new SwitchBench(await DeviceBench.parts(net, { isDriven, as: { ...makes, ...as } }));
  }

  target(device: string, _transport = 'ssh', port?: number): DeviceTarget {
    return {
      address: port === undefined ? this.backbone.addressOf(device) : '127.0.0.1',
      port: port ?? this.backbone.sshPort,
      credential: { user: user.name, password: user.password },
    };
  }

  /** Reverts, and lets time pass for a device that can only go back after a minute. */
  async reverted(
    device: string,
    run: string,
    options: SessionOptions & { readonly target?: DeviceTarget } = {},
  ): Promise<void> {
    const end = this.with(options.target ?? this.target(device), (session) => session.revert(run), options).then(
      () => null,
      (error: unknown) => error,
    );
    const passing = setInterval(() => {
      if ((this.box(device).reloadInS() ?? Infinity) <= 60) this.pass(61);
    }, 20);
    const error = await end.finally(() => clearInterval(passing));
    if (error !== null) throw error;
  }

  answers(device: string): boolean {
    return this.isOn(device) && this.isReached(device);
  }

  stateOf(device: string): string {
    return this.box(device).running.asText();
  }

  savedOf(device: string): string {
    return this.box(device).startup.asText();
  }

  byHand(device: string, ...lines: readonly string[]): void {
    this.hands.byHand(device, ...lines);
  }

  shown(device: string): string {
    return this.hands.shown(device);
  }

  box(device: string): SwitchDevice {
    return this.hands.box(device);
  }
}
