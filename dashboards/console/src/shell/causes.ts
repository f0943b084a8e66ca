import type { CauseView, StateView } from '../../../../src/live/messages.ts';

export interface OpenCause {
  readonly cause: CauseView;
  /** Ids of the sites that are dark by it, or broken themselves. */
  readonly siteIds: readonly string[];
}

/** Whether two views speak of the same cause. Outside the reader's regions there is no id: name and time must do. */
export function causeKey(cause: CauseView): string {
  return cause.id ?? `${cause.name} ${cause.since}`;
}

/** What is broken now, one entry a cause, the most sites first. */
export function openCauses(sites: Iterable<StateView>): readonly OpenCause[] {
  const found = new Map<string, { cause: CauseView; siteIds: string[] }>();
  for (const site of sites) {
    if (site.cause === null) continue;
    const key = causeKey(site.cause);
    const entry = found.get(key);
    if (entry) entry.siteIds.push(site.id);
    else found.set(key, { cause: site.cause, siteIds: [site.id] });
  }
  return [...found.values()].sort((a, b) => b.siteIds.length - a.siteIds.length || a.cause.since - b.cause.since);
}
