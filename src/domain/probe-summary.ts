/** What the probes of a device gave in a minute: loss in percent, round trips in milliseconds; NaN where nothing was answered. */
export interface ProbeSummary {
  readonly lossPercent: number;
  readonly rttMs: number;
  readonly rttMaxMs: number;
}
