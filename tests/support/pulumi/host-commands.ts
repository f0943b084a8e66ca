import * as pulumi from '@pulumi/pulumi';

export interface Command {
  readonly name: string;
  readonly create: string;
  readonly delete?: string;
  readonly stdin?: string;
}

/** What a host needs, as the resources that Pulumi's engine would be told of. */
export async function commandsOf(make: () => void): Promise<readonly Command[]> {
  const made: Command[] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs, id = '' }) => {
      if (type === 'command:remote:Command') made.push({ name, ...inputs });
      return { id: `${id}${name}`, state: inputs };
    },
    call: () => ({}),
  });
  make();
  await new Promise((resolve) => setTimeout(resolve, 200));
  return made;
}
