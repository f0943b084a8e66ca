import type { Plan, Slot } from '../domain/plan.ts';
import { Shared } from './shared.ts';

const sharedSlots = new Shared<Slot>();

/**
 * The same plan, whose slots are one object for all devices that read the same variable alike: the plan of a switch holds
 * hundreds of them, those of ten thousand switches are mostly the same, and what lies in memory is looked through by every
 * major garbage collection.
 */
export function withSharedSlots(plan: Plan): Plan {
  const groups = plan.groups.map((group) => ({
    ...group,
    slots: group.slots.map((slot) => sharedSlots.get(JSON.stringify(slot), () => slot)),
  }));
  return { ...plan, groups };
}
