import type { PlannedService } from '../domain/agent-plan.ts';
import { checkKeys, checksOf, type ServiceCheck } from '../domain/service-check.ts';
import type { CheckedService } from './service-points.ts';
import type { CheckOutcome } from './service-watch.ts';

/** Looks at all of these; outcomes in their order, never rejecting for what the other side does. */
export type ProbeChecks = (
  checks: readonly { readonly check: ServiceCheck; readonly url: string }[],
  budget: { readonly timeoutMs: number; readonly concurrency: number; readonly signal: AbortSignal },
) => Promise<readonly CheckOutcome[]>;

/** One look at one service. */
export interface ServiceLook<Service> {
  readonly service: Service;
  /** Of its checks, in their order. */
  readonly outcomes: readonly CheckOutcome[];
  /** The same, each with the key of its check. */
  readonly checked: readonly CheckedService[];
}

const timeoutMs = 10_000;
const concurrency = 16;

/** Looks at all services once, side by side, in at most some ten seconds for every sixteen checks. */
export async function lookAt<Service extends PlannedService>(
  services: readonly Service[],
  probe: ProbeChecks,
  signal: AbortSignal,
): Promise<readonly ServiceLook<Service>[]> {
  const asked = services.map((service) => ({ service, checks: checksOf(service) }));
  const all = asked.flatMap(({ service, checks }) => checks.map((check) => ({ check, url: service.url })));
  const found = await probe(all, { timeoutMs, concurrency, signal });
  let at = 0;
  return asked.map(({ service, checks }) => {
    const outcomes = found.slice(at, (at += checks.length));
    const keys = checkKeys(checks);
    const checked = outcomes.map((outcome, index) => ({ serviceId: service.id, check: keys[index] ?? '', outcome }));
    return { service, outcomes, checked };
  });
}
