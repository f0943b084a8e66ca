import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { user } from '../../../agents/simulator/routeros/testing/small-backbone.ts';
import { fragment } from '../../../tests/support/device-bench.ts';
import { ProvisioningStage, statesOf } from '../../../tests/support/provisioning-stage.ts';
import { systemAccess } from '../../domain/access.ts';
import type { IntentDocument } from '../../domain/intent.ts';

const system = systemAccess('test');

const own = (driver: string, subject: string, values: Record<string, string>, secret: string[]): IntentDocument => ({
  driver,
  fragments: [fragment('saya', subject, values, secret)],
});
const password = (text: string) => own('routeros', '/user', { name: user.name, group: 'full', password: text }, ['password']); // prettier-ignore
const line = (text: string) => own('cli', 'global', { [`username.${user.name}`]: `password ${text} privilege 15` }, []);
const commKey = (key: string) => own('zkteco', 'comm', { key }, ['key']);

describe('what devices are signed in at with', { timeout: 180_000 }, () => {
  let stage: ProvisioningStage;
  beforeAll(async () => {
    stage = await ProvisioningStage.open(130, { managesAll: true });
    await stage.runner.start();
  }, 120_000);
  afterAll(() => stage?.close());

  const rolled = async (device: string, document: IntentDocument): Promise<Record<string, string>> => {
    const versions = await stage.stage({ [device]: document });
    const { rollout } = await stage.rollouts.start(system, { versions, pauseS: 0, rollbackS: 60 });
    return statesOf(await stage.until(rollout.id));
  };
  const kept = (device: string) => stage.signIns.of(stage.id(device));

  it.each([
    ['rtr-c-01', password],
    ['sw-b-01', line],
    ['abs-c-01', commKey],
  ])('follows what a rollout has set on %s, also when that is set again, and back', async (device, said) => {
    const id = stage.id(device);
    expect(await rolled(device, said('135790'))).toEqual({ [device]: 'confirmed' });
    expect(await kept(device)).toMatchObject({ credential: { password: '135790' } });
    // The inventory still has the old one, which opens the device no more.
    expect(await stage.door.look(id, said('135790'), said('135790'))).toEqual([]);
    expect(await rolled(device, said('975310'))).toEqual({ [device]: 'confirmed' });
    expect(await stage.door.look(id, said('975310'), said('975310'))).toEqual([]);
    const rows = await stage.test.database.db.selectFrom('device_sign_ins').selectAll().execute();
    expect(rows.some(({ sealed }) => sealed.includes('975310'))).toBe(false);
    // Released, it stays as it is, and is still opened.
    await stage.intents.release(system, device);
    expect(await stage.door.look(id, said('975310'), said('975310'))).toEqual([]);
    const first = device === 'abs-c-01' ? '246810' : user.password;
    expect(await rolled(device, said(first))).toEqual({ [device]: 'confirmed' });
    expect(await kept(device)).toBeNull();
    expect(await stage.door.look(id, said(first), said(first))).toEqual([]);
  });

  it('is what a person says since, where that opens it', async () => {
    expect(await rolled('abs-d-01', commKey('112233'))).toEqual({ 'abs-d-01': 'confirmed' });
    const box = stage.backbone.simulator.terminalBoxes.box('abs-d-01');
    box?.set('ComKey', '445566');
    await expect(stage.door.look(stage.id('abs-d-01'), commKey('445566'), null)).rejects.toMatchObject({ code: 'device.sign-in' }); // prettier-ignore
    await stage.test.inventory.credentials.update(system, 'terminals', { secret: '445566' });
    expect(await stage.door.look(stage.id('abs-d-01'), commKey('445566'), null)).toEqual([]);
  });
});
