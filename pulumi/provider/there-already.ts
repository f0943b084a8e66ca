import type { Context } from './resource.ts';

interface Found {
  /** Of the resource: `MonitoredSite`. */
  readonly type: string;
  /** By which it is imported. */
  readonly key: string;
  /** Who has made it; empty where Arung does not say. */
  readonly managedBy: string;
}

/** Of something that was not made by this resource: nothing is taken over that nobody has asked for. */
export function thereAlready({ type, key, managedBy }: Found, { program, name }: Context): string {
  const prefix = `${program} `;
  if (managedBy.startsWith(prefix)) {
    const twin = managedBy.slice(prefix.length);
    return `${key} is there already, made by ${twin} of this program: where that one has another name now, it needs \`aliases: [{ name: '${twin}' }]\`.`;
  }
  const by = managedBy === '' ? '' : ` (${managedBy})`;
  return `${key} is there already${by}: \`pulumi import arung:index:${type} ${name} '${key}'\` takes it over, or give this one another name.`;
}

/** No more than said in a preview: what the program changes before it is not done yet. */
export function foretell(refusal: string, context: Context): void {
  context.log(`As things are, Arung would refuse this: ${refusal}`, 'warning');
}
