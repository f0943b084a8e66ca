import type { EventView } from '../../../../src/live/messages.ts';

/** What a device was recognised as: model and firmware, as far as it told them; its profile where it has no model. */
export function identifiedAs(args: EventView['arguments']): string {
  const { model, profile, firmware } = args;
  const told = (value: unknown): value is string => typeof value === 'string' && value !== '';
  return [told(model) ? model : profile, firmware].filter(told).join(', ');
}
