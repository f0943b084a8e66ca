import type { Page, RestEvent } from '../../../../src/api/views.ts';
import { api } from '../lib/api.ts';

/**
 * When it was found that a device is another than it should be, and who changed it by the device's own word, the newest
 * first. Permission `status.read`, which all have who may read configuration.
 */
export function driftNews(
  of: { readonly region: string | null } | { readonly entity: string },
  signal: AbortSignal,
): Promise<Page<RestEvent>> {
  const limit = 'entity' in of ? 1 : 500;
  return api.get('/events', { query: { key: 'device.drifted,device.drifted-by', ...of, limit }, signal });
}
