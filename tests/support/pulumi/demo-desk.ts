import { Demo, everyDevice } from '../demo.ts';
import { freePort } from '../free-port.ts';
import { Desk } from './desk.ts';

export interface DemoDesk {
  readonly demo: Demo;
  readonly desk: Desk;
}

/** A whole demo, all its devices up, and a desk at which somebody works against it. */
export async function demoDesk(pulumi: string, env: Readonly<Record<string, string>> = {}): Promise<DemoDesk> {
  const demo = new Demo({
    ARUNG_PORT: String(await freePort()),
    ARUNG_MQTT_PORT: String(await freePort()),
    ARUNG_LOG_LEVEL: 'warn',
  });
  try {
    await demo.start();
    await demo.until((status) => status.devices.up === everyDevice, 300_000);
  } catch (error) {
    await demo.remove();
    throw error;
  }
  const desk = new Desk(pulumi, {
    ARUNG_DATA_DIR: demo.dataDir,
    ARUNG_KEY_FILE: `${demo.dataDir}.key`,
    PULUMI_CONFIG_PASSPHRASE: 'frasa-sandi-uji',
    ARUNG_URL: demo.url,
    ...env,
  });
  return { demo, desk };
}
