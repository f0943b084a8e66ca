/**
 * The MQTT topics of Arung, and who may use which. Everything lies under `arung/v1`; a name is one level of a topic, so
 * it has no slash, no wildcard and no control character.
 */
export type Principal =
  | { readonly kind: 'controller' }
  | { readonly kind: 'terminal'; readonly serial: string }
  | { readonly kind: 'agent'; readonly agent: string };

const root = 'arung/v1';

export const terminalTopic = (serial: string, leaf: 'status' | 'request' | 'response'): string =>
  `${root}/terminals/${serial}/${leaf}`;
export const agentTopic = (agent: string, leaf: 'state' | 'points' | 'events' | 'plan'): string =>
  `${root}/agents/${agent}/${leaf}`;

/** Filters of the controller: every terminal, every agent. */
export const allTerminals = (leaf: 'status' | 'response'): string => terminalTopic('+', leaf);
export const allAgents = (leaf: 'state' | 'points' | 'events' | 'plan'): string => agentTopic('+', leaf);

/**
 * Where a Telegraf publishes: its default topic `telegraf/HOST/MEASUREMENT`, if it signs in as the agent that is called
 * like its host.
 */
const telegraf = 'telegraf';
export const telegrafTopics = `${telegraf}/#`;
export const telegrafTopicsOf = (agent: string): string => `${telegraf}/${agent}/#`;

/** The agent of a topic of Telegraf; null for any other. */
export function readTelegrafTopic(topic: string): string | null {
  const [first, name, ...rest] = topic.split('/');
  return first === telegraf && name !== undefined && isTopicName(name) && rest.length > 0 ? name : null;
}

/** The name and leaf of a topic of ours; null for any other. */
export function readTopic(
  topic: string,
): { readonly kind: 'terminals' | 'agents'; readonly name: string; readonly leaf: string } | null {
  const [arung, version, kind, name, leaf, ...rest] = topic.split('/');
  if (`${arung}/${version}` !== root || rest.length > 0) return null;
  if ((kind !== 'terminals' && kind !== 'agents') || name === undefined || leaf === undefined) return null;
  return isTopicName(name) ? { kind, name, leaf } : null;
}

/** Whether a serial number or an agent's name can be a level of a topic. */
export function isTopicName(name: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return name.length > 0 && name.length <= 120 && !/[/+#\u0000-\u001f\u007f]/.test(name) && !name.startsWith('$');
}

export function mayPublish(principal: Principal, topic: string): boolean {
  switch (principal.kind) {
    case 'controller':
      return topic.startsWith(`${root}/`);
    case 'terminal':
      return (
        topic === terminalTopic(principal.serial, 'status') || topic === terminalTopic(principal.serial, 'response')
      );
    case 'agent':
      return (
        topic === agentTopic(principal.agent, 'state') ||
        topic === agentTopic(principal.agent, 'points') ||
        topic === agentTopic(principal.agent, 'events') ||
        readTelegrafTopic(topic) === principal.agent
      );
  }
}

/** Whether a filter of a subscription is allowed. A terminal or agent names its topic exactly: no wildcards. */
export function maySubscribe(principal: Principal, filter: string): boolean {
  switch (principal.kind) {
    case 'controller':
      return filter.startsWith(`${root}/`) || filter === telegrafTopics;
    case 'terminal':
      return filter === terminalTopic(principal.serial, 'request');
    case 'agent':
      return filter === agentTopic(principal.agent, 'plan');
  }
}
