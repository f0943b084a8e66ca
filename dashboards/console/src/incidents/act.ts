import type { IncidentView } from '../../../../src/domain/incident-view.ts';
import { api } from '../lib/api.ts';
import { t } from '../lib/i18n.svelte.ts';
import { sentenceOf } from '../lib/problem.ts';
import { toasts } from '../lib/toasts.svelte.ts';

type Deed = 'take' | 'stage' | 'hand-over' | 'comments' | 'mute';

/** Does something about an incident, each press once however often the network repeats it; true when it was done. */
export async function act(incident: Pick<IncidentView, 'id' | 'name'>, deed: Deed, body: object): Promise<boolean> {
  try {
    await api.post(`/incidents/${incident.id}/${deed}`, { ...body, requestId: crypto.randomUUID() });
    if (deed === 'take' || deed === 'mute' || deed === 'hand-over') {
      toasts.show(t(`incident.did.${deed}`, { name: incident.name }));
    }
    return true;
  } catch (error) {
    toasts.show(sentenceOf(error), 'warning');
    return false;
  }
}
