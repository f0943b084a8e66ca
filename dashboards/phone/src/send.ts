import { dequeue, queued, requeue, type Queued } from './store.ts';

/** Who waits longer than this is told to wait: over 3G a photo of 300 kB takes half a minute. */
const answerWithinMs = 60_000;

/** A signal that ends a question after so many milliseconds; older browsers have none ready. */
export function within(ms: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), ms);
  return controller.signal;
}

/**
 * Sends what waits, in the order it was pressed, by one sender at a time: the page and the service worker share a lock.
 * Each has its request id, so that one whose answer was lost does nothing when it is sent again.
 */
export async function sendWaiting(): Promise<{ readonly sent: number; readonly left: boolean }> {
  const result = { sent: 0, left: false };
  const work = async (): Promise<void> => {
    for (const press of await queued()) {
      if (press.refused !== undefined || press.seq === undefined) continue;
      const answer = await sendOne(press).catch(() => null);
      if (answer === null || answer.status === 429 || answer.status >= 500) {
        result.left = true;
        return;
      }
      if (answer.ok) await dequeue(press.seq);
      else await requeue({ ...press, refused: await codeOf(answer) });
      result.sent += 1;
    }
  };
  const { locks } = navigator as { readonly locks?: LockManager };
  if (locks === undefined) await work();
  else await locks.request('arung-send', work);
  return result;
}

function sendOne(press: Queued): Promise<Response> {
  const { token, requestId, at, action, text, minutes, photo } = press;
  const base = `/api/v1/phone/${encodeURIComponent(token)}`;
  const signal = within(answerWithinMs);
  if (photo !== undefined) {
    const query = new URLSearchParams({ requestId, at });
    return fetch(`${base}/photos?${query}`, {
      method: 'POST',
      headers: { 'content-type': photo.type },
      body: photo,
      signal,
    });
  }
  return fetch(`${base}/actions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ requestId, action, at, text, minutes }),
    signal,
  });
}

async function codeOf(answer: Response): Promise<string> {
  try {
    const problem = (await answer.json()) as { readonly code?: unknown };
    return typeof problem.code === 'string' ? problem.code : `http.${answer.status}`;
  } catch {
    return `http.${answer.status}`;
  }
}
