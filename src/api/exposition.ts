/** The text format of Prometheus, version 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  /** Gauges. */
  readonly samples: { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

export function exposition(families: readonly MetricFamily[]): string {
  const lines: string[] = [];
  for (const { name, help, samples } of families) {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} gauge`);
    for (const { labels, value } of samples) {
      const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
      lines.push(`${name}{${pairs.join(',')}} ${value}`);
    }
  }
  lines.push('');
  return lines.join('\n');
}

function escaped(text: string): string {
  return text.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}
