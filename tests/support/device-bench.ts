import { DrivenTimers } from '../../agents/simulator/routeros/testing/driven-timers.ts';
import {
  smallBackbone,
  type OtherMakes,
  type SmallBackbone,
} from '../../agents/simulator/routeros/testing/small-backbone.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { IntentFragment } from '../../src/domain/intent.ts';
import type {
  ConfigurationDriver,
  ConfigurationSession,
  DeviceTarget,
  SessionOptions,
} from '../../src/provisioning/drivers/driver.ts';

/** A fragment in one line; what names it as secret is a word after it. */
export function fragment(
  key: string,
  subject: string,
  values: Readonly<Record<string, string>> = {},
  secret: readonly string[] = [],
): IntentFragment {
  return { key, subject, values, secret };
}

/** What a bench of any driver is made of. */
export interface BenchParts {
  readonly backbone: SmallBackbone;
  readonly timers: DrivenTimers | null;
  readonly clock: Clock;
}

/** Simulated devices of one kind, and the driver that is tried against them; time of both is the test's where it is driven. */
export abstract class DeviceBench {
  abstract readonly driver: ConfigurationDriver;
  readonly backbone: SmallBackbone;
  readonly clock: Clock;
  readonly #timers: DrivenTimers | null;

  protected constructor({ backbone, timers, clock }: BenchParts) {
    this.backbone = backbone;
    this.clock = clock;
    this.#timers = timers;
  }

  protected static async parts(
    net: number,
    { isDriven, ...played }: { readonly isDriven: boolean } & OtherMakes,
  ): Promise<BenchParts> {
    const timers = isDriven ? new DrivenTimers() : null;
    const aheadMs = (): number => (timers?.aheadS() ?? 0) * 1_000;
    const clock = { now: () => Date.now() + aheadMs(), monotonic: () => performance.now() + aheadMs() };
    const backbone = await smallBackbone(net, {
      rebootMs: 150,
      ...(timers === null ? {} : { timers }),
      ...played,
    });
    return { backbone, timers, clock };
  }

  stop(): Promise<void> {
    return this.backbone.simulator.stop();
  }

  /** Everything that is set on a device, as one text: two that are equal are configured alike. */
  abstract stateOf(device: string): string;

  /** Whether somebody who wants to configure the device comes in. */
  abstract answers(device: string): boolean;

  abstract target(device: string, transport?: string): DeviceTarget;

  /** A session that the callback has to itself. */
  async with<T>(
    target: DeviceTarget,
    use: (session: ConfigurationSession) => Promise<T>,
    options: SessionOptions = {},
  ): Promise<T> {
    const session = await this.driver.open(target, { commandTimeoutMs: 5_000, ...options });
    try {
      return await use(session);
    } finally {
      session.close();
    }
  }

  /** Lets time pass for the devices and for the driver. */
  pass(seconds: number): void {
    this.#timers?.pass(seconds);
  }

  isOn(device: string): boolean {
    return this.backbone.simulator.network.devices.get(device)?.on ?? false;
  }

  isReached(device: string): boolean {
    return this.backbone.simulator.network.devices.get(device)?.reachable ?? false;
  }

  reboot(device: string): void {
    this.backbone.simulator.reboot(device);
  }

  /** Waits, in the machine's time, until a device is up and reached. */
  async untilReached(device: string): Promise<void> {
    const isBack = (): boolean => this.isReached(device) && this.isOn(device);
    for (let tries = 0; !isBack(); tries += 1) {
      if (tries > 500) throw new Error(`${device} is not reached again`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
