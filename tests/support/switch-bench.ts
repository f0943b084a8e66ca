import type { SwitchDevice } from '../../agents/simulator/cli/switch-device.ts';
import { configure } from '../../agents/simulator/cli/configure.ts';
import type { SectionFound } from '../../agents/simulator/cli/maker.ts';
import { user } from '../../agents/simulator/routeros/testing/small-backbone.ts';
import type { IntentDocument, IntentFragment } from '../../src/domain/intent.ts';
import { CliDriver } from '../../src/provisioning/drivers/cli/driver.ts';
import type { DeviceTarget } from '../../src/provisioning/drivers/driver.ts';
import { DeviceBench, type BenchParts } from './device-bench.ts';

/** One switch of each command line that is played. */
export const switches = { vrp: 'sw-a-01', business: 'sw-b-01', ios: 'sw-c-01' } as const;

export const cliDocument = (...fragments: IntentFragment[]): IntentDocument => ({ driver: 'cli', fragments });

/** Simulated switches, and the driver that is tried against them. */
export class SwitchBench extends DeviceBench {
  readonly driver: CliDriver;

  private constructor(parts: BenchParts) {
    super(parts);
    this.driver = new CliDriver(parts.clock);
  }

  static async start(net: number, options: { readonly isDriven: boolean }): Promise<SwitchBench> {
    return new SwitchBench(await DeviceBench.parts(net, { ...options, asIos: [switches.ios] }));
  }

  target(device: string, _transport = 'ssh', port?: number): DeviceTarget {
    return {
      address: port === undefined ? this.backbone.addressOf(device) : '127.0.0.1',
      port: port ?? this.backbone.sshPort,
      credential: { user: user.name, password: user.password },
    };
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

  /** Lines that somebody types who sits at the device, in configuration mode; indented ones in the section before. */
  byHand(device: string, ...lines: readonly string[]): void {
    const box = this.box(device);
    let section: SectionFound | null = null;
    for (const line of lines) {
      if (!line.startsWith(' ')) section = null;
      const done = configure(box.maker, box, line.trim(), section);
      if (done.kind === 'refused') throw new Error(`${device} refuses ${line}: ${done.lines.join(' ')}`);
      if (done.kind === 'section') section = done.section;
    }
    box.host.changed();
  }

  /** The running configuration as the device shows it. */
  shown(device: string): string {
    const box = this.box(device);
    return box.maker.show(box.running, box).join('\n');
  }

  box(device: string): SwitchDevice {
    const box = this.backbone.simulator.switches.device(device);
    if (box === undefined) throw new Error(`there is no switch ${device}`);
    return box;
  }
}
