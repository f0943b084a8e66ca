import type { EventEmitter } from 'node:events';
import { timingSafeEqual, createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { setImmediate } from 'node:timers/promises';
import { Aedes, type AuthenticateError, type Client, type PublishPacket } from 'aedes';
import type { Logger } from 'pino';
import type { Clock } from '../domain/clock.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import type { Counters } from './counters.ts';
import type { MqttCredentials } from './credentials.ts';
import { Listeners, openPort } from './listeners.ts';
import type { MqttLink } from './mqtt-link.ts';
import { BrokerLink } from './broker-link.ts';
import { secureContextOf, secured, type CertificateFiles } from './broker-tls.ts';
import { GuardedConnection } from './packet-guard.ts';
import { SignInPace } from './sign-in-pace.ts';
import { mayPublish, maySubscribe, type Principal } from './topics.ts';

/** Bytes of one packet, by who sends it. */
const packetLimits = { stranger: 4_096, terminal: 65_536, agent: 8 * 1_048_576, controller: 8 * 1_048_576 };
/** Messages that a terminal may send at once, and a second: far more than it has to say. */
const terminalBurst = 100;
const terminalPerSecond = 10;
const maxWaitingPerAddress = 64;
/** A terminal needs one; a second comes when it lost the first and the broker has not noticed yet. */
const maxConnectionsPerUser = 5;
/** Connections that are accepted in one turn of the event loop: see `listeners.ts`. */
const listeningSockets = 16;
const connectTimeoutMs = 10_000;

interface Guest {
  readonly address: string;
  readonly connection: GuardedConnection;
  principal: Principal | null;
  username: string;
  password: string;
  tokens: number;
  tokensAt: number;
}

export interface EmbeddedBrokerOptions {
  /** 0: a free one; see `port`. */
  readonly port: number;
  readonly host: string;
  /** A second place to listen, where everything travels by TLS. */
  readonly tls?: (CertificateFiles & { readonly host: string; readonly port: number }) | undefined;
  readonly credentials: MqttCredentials;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: Counters;
  readonly maxConnections?: number;
  /** Connections of one address; sites may share one, so it is not small. */
  readonly maxConnectionsPerAddress?: number;
}

/**
 * The MQTT 3.1.1 broker of a single machine, behind our own door: each terminal and agent signs in with a credential of
 * its own and may use its own topics alone. What is not MQTT, too large, too fast or not allowed ends its connection, is
 * counted, and disturbs nobody else.
 */
export class EmbeddedBroker implements LongLived {
  readonly name = 'MQTT broker (embedded)';
  readonly #options: EmbeddedBrokerOptions;
  readonly #pace: SignInPace;
  readonly #guests = new Map<Client, Guest>();
  /** Those that have not signed in, the longest there first. */
  readonly #strangers = new Map<Client, Guest>();
  readonly #perAddress = new Map<string, number>();
  readonly #waitingPerAddress = new Map<string, number>();
  readonly #link = new BrokerLink();
  #listeners: Listeners | null = null;
  #tlsListeners: Listeners | null = null;
  #connections = 0;
  #broker: Aedes | null = null;
  #stopWatching: () => void = () => undefined;

  constructor(options: EmbeddedBrokerOptions) {
    this.#options = options;
    this.#pace = new SignInPace(options.clock);
  }

  /** The port it listens on, once it runs. */
  get port(): number {
    return this.#listeners?.port ?? this.#options.port;
  }

  /** The port at which it speaks TLS; null where it does not. */
  get tlsPort(): number | null {
    return this.#tlsListeners?.port ?? null;
  }

  /** The controller's own way in: in process, above the rules for guests. */
  get link(): MqttLink {
    return this.#link;
  }

  get connectedClients(): number {
    return this.#broker?.connectedClients ?? 0;
  }

  async start(): Promise<void> {
    const { host, port, tls } = this.#options;
    const secure = tls === undefined ? null : secureContextOf(tls);
    const broker = await Aedes.createBroker({
      connectTimeout: connectTimeoutMs,
      drainTimeout: 20_000,
      maxTopicLevels: 8,
      maxInflightInbound: 32,
      preConnect: (_client, packet, done) => {
        // No session outlives its connection: requests to terminals are stale the next second, and memory is bounded.
        packet.clean = true;
        done(null, packet.clientId.length <= 200);
      },
      authenticate: (client, username, password, done) => {
        void this.#signIn(client, username ?? '', password ?? Buffer.alloc(0), done);
      },
      authorizePublish: (client, packet, done) => {
        void this.#receive(client, packet, done);
      },
      authorizeSubscribe: (client, subscription, done) => {
        const principal = this.#principal(client);
        const allowed = principal !== null && maySubscribe(principal, subscription.topic);
        if (!allowed) this.#options.counters.count('mqtt_messages', 'subscription-refused');
        // Null refuses this filter alone (return code 0x80).
        done(null, allowed ? subscription : null);
      },
      authorizeForward: (client, packet) => {
        const principal = this.#principal(client);
        return principal !== null && maySubscribe(principal, packet.topic) ? packet : null;
      },
    });
    broker.on('clientError', (client, error) => this.#gone(client, 'client-error', error));
    broker.on('connectionError', (client, error) => this.#gone(client, 'not-mqtt', error));
    broker.on('clientDisconnect', (client) => this.#forget(client));
    // A starved controller finds its own heartbeat late and tries to clear its clients' wills: no reason to end.
    const emitter: EventEmitter = broker; // aedes' own types leave this event out
    emitter.on('error', (error: unknown) => {
      this.#options.logger.warn(error, 'the embedded MQTT broker could not keep house');
    });
    this.#broker = broker;
    try {
      this.#listeners = new Listeners((socket) => this.#accept(broker, socket, null));
      await openPort(this.#listeners, { host, port, sockets: listeningSockets });
      if (tls !== undefined) {
        this.#tlsListeners = new Listeners((socket) => this.#accept(broker, socket, secure));
        await openPort(this.#tlsListeners, { ...tls, sockets: listeningSockets });
      }
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#stopWatching = this.#options.credentials.onChange(() => this.#showOut());
    this.#link.attach(broker);
    this.#options.logger.info({ host, port: this.port, tlsPort: this.tlsPort }, 'the MQTT broker listens');
  }

  async stop(): Promise<void> {
    this.#stopWatching();
    this.#link.detach();
    const broker = this.#broker;
    this.#broker = null;
    const closed = [this.#listeners?.close(), this.#tlsListeners?.close()];
    // What its rules let in goes first, so that no last will is sent of a terminal that is only losing its broker.
    for (const guest of this.#guests.values()) guest.principal = null;
    for (const guest of this.#guests.values()) guest.connection.destroy();
    await new Promise<void>((resolve) => {
      if (broker === null) resolve();
      else broker.close(() => resolve());
    });
    await Promise.all(closed);
  }

  #accept(broker: Aedes, socket: Socket, secure: SecureContext | null): void {
    const { counters } = this.#options;
    const address = socket.remoteAddress ?? '';
    const others = this.#perAddress.get(address) ?? 0;
    const full =
      others >= (this.#options.maxConnectionsPerAddress ?? 2_000)
        ? 'refused-address-full'
        : this.#connections >= (this.#options.maxConnections ?? 5_000)
          ? 'refused-full'
          : null;
    if (full !== null && !this.#makeRoom(full === 'refused-full' ? null : address)) {
      counters.count('mqtt_connections', full);
      socket.destroy();
      return;
    }
    this.#connections++;
    this.#perAddress.set(address, others + 1);
    socket.once('close', () => {
      this.#connections--;
      const left = (this.#perAddress.get(address) ?? 1) - 1;
      if (left > 0) this.#perAddress.set(address, left);
      else this.#perAddress.delete(address);
    });
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    const wire =
      secure === null ? socket : secured(socket, secure, () => counters.count('mqtt_connections', 'not-tls'));
    const connection = new GuardedConnection(wire, packetLimits.stranger, (reason) => {
      counters.count('mqtt_connections', reason === 'too-large' ? 'packet-too-large' : 'not-mqtt');
    });
    connection.on('error', () => undefined);
    const client = broker.handle(connection);
    const guest: Guest = {
      address,
      connection,
      principal: null,
      username: '',
      password: '',
      tokens: terminalBurst,
      tokensAt: this.#options.clock.monotonic(),
    };
    this.#guests.set(client, guest);
    this.#strangers.set(client, guest);
    connection.once('close', () => this.#forget(client));
  }

  /**
   * Shows out the stranger (of an address) who has been there longest: who holds connections and says nothing takes
   * nobody's place, and who signs in at once is long through. False when there is none.
   */
  #makeRoom(address: string | null): boolean {
    for (const [client, guest] of this.#strangers) {
      if (address !== null && guest.address !== address) continue;
      this.#options.counters.count('mqtt_connections', 'gave-way');
      this.#strangers.delete(client);
      guest.connection.destroy();
      return true;
    }
    return false;
  }

  #guest(client: Client | null): Guest | undefined {
    return client === null ? undefined : this.#guests.get(client);
  }

  /** Whom a connection signed in as; null before. */
  #principal(client: Client | null): Principal | null {
    return this.#guest(client)?.principal ?? null;
  }

  #forget(client: Client): void {
    this.#guests.delete(client);
    this.#strangers.delete(client);
  }

  async #signIn(
    client: Client,
    username: string,
    password: Buffer,
    done: (error: AuthenticateError | null, success: boolean) => void,
  ): Promise<void> {
    const error = await this.#authenticate(client, username, password);
    done(error, error === null);
  }

  async #authenticate(client: Client, username: string, password: Buffer): Promise<AuthenticateError | null> {
    const guest = this.#guest(client);
    const { counters, credentials, logger } = this.#options;
    if (guest === undefined) return refusal(3, 'connection closed');
    // Who waited too long to be let in has gone and tries again. His old words lie in the connection still: they must not
    // push his new connection out, nor have a last will.
    await setImmediate();
    if (guest.connection.peerLeft) {
      counters.count('mqtt_connections', 'left-before-sign-in');
      return refusal(3, 'connection closed');
    }
    if (!(await this.#wait(guest, username))) {
      counters.count('mqtt_connections', 'refused-too-many-wrong-passwords');
      return refusal(3, 'too many wrong passwords');
    }
    const found = credentials.find(username);
    // Compared also where there is no such user, so that the time tells nothing.
    const right = sameSecret(password, found?.password ?? '') && found !== null && found.password !== '';
    if (!right) {
      this.#pace.failed(guest.address, username);
      counters.count('mqtt_connections', 'wrong-password');
      logger.warn(
        { address: guest.address, user: username.slice(0, 60) },
        'wrong user name or password at the MQTT broker',
      );
      return refusal(4, 'bad user name or password');
    }
    this.#pace.succeeded(guest.address, username);
    // A client id belongs to who uses it: another user's connection is not pushed out by it (MQTT-3.1.4-2).
    let ofUser = 0;
    for (const [other, { username: owner, principal }] of this.#guests) {
      if (other === client || principal === null || other.closed) continue;
      if (owner === username) ofUser++;
      else if (other.id === client.id) {
        counters.count('mqtt_connections', 'foreign-client-id');
        return refusal(2, 'identifier rejected');
      }
    }
    if (ofUser >= maxConnectionsPerUser) {
      counters.count('mqtt_connections', 'refused-user-full');
      return refusal(3, 'too many connections of this user');
    }
    this.#strangers.delete(client);
    guest.principal = found.principal;
    guest.username = username;
    guest.password = found.password;
    guest.connection.limit = packetLimits[found.principal.kind];
    counters.count('mqtt_connections', 'accepted');
    return null;
  }

  /** Waits as long as wrong passwords from there ask for; false when too many wait already. */
  async #wait(guest: Guest, username: string): Promise<boolean> {
    const delayMs = this.#pace.delayMs(guest.address, username);
    if (delayMs === 0) return true;
    const waiting = this.#waitingPerAddress.get(guest.address) ?? 0;
    if (waiting >= maxWaitingPerAddress) return false;
    this.#waitingPerAddress.set(guest.address, waiting + 1);
    await new Promise<void>((resolve) => {
      setTimeout(resolve, delayMs).unref();
    });
    const left = (this.#waitingPerAddress.get(guest.address) ?? 1) - 1;
    if (left > 0) this.#waitingPerAddress.set(guest.address, left);
    else this.#waitingPerAddress.delete(guest.address);
    return !guest.connection.destroyed;
  }

  #authorizePublish(client: Client | null, packet: PublishPacket): Error | null {
    const { counters } = this.#options;
    const guest = this.#guest(client);
    if (guest === undefined || guest.principal === null) return new Error('not signed in');
    if (!mayPublish(guest.principal, packet.topic)) {
      counters.count('mqtt_messages', 'topic-refused');
      return new Error('the topic belongs to another');
    }
    // A terminal keeps its last status with the broker, and nothing else.
    if (packet.retain && guest.principal.kind === 'terminal' && !packet.topic.endsWith('/status'))
      packet.retain = false;
    if (guest.principal.kind === 'terminal' && !this.#withinRate(guest)) {
      counters.count('mqtt_messages', 'too-fast');
      return new Error('too many messages');
    }
    counters.count('mqtt_messages', 'accepted');
    return null;
  }

  /** The controller has a message before its sender hears that it arrived. */
  async #receive(client: Client | null, packet: PublishPacket, done: (error: Error | null) => void): Promise<void> {
    done(this.#authorizePublish(client, packet) ?? (await this.#taken(client, packet)));
  }

  /** Null when it was taken. */
  async #taken(client: Client | null, packet: PublishPacket): Promise<Error | null> {
    const { topic, qos } = packet;
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    try {
      await this.#link.take({ topic, payload, retained: false, qos });
      return null;
    } catch (error) {
      // Only the end of its connection makes a client of MQTT 3.1.1 send again. It is not silent for that: no last will.
      const guest = this.#guest(client);
      if (guest !== undefined) guest.principal = null;
      this.#options.counters.count('mqtt_messages', 'not-taken');
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** A token bucket. */
  #withinRate(guest: Guest): boolean {
    const now = this.#options.clock.monotonic();
    guest.tokens = Math.min(terminalBurst, guest.tokens + ((now - guest.tokensAt) / 1000) * terminalPerSecond);
    guest.tokensAt = now;
    if (guest.tokens < 1) return false;
    guest.tokens--;
    return true;
  }

  #gone(client: Client, result: string, error: Error): void {
    const guest = this.#guest(client);
    this.#options.counters.count('mqtt_connections', this.#principal(client) === null ? result : 'ended-by-error');
    this.#options.logger.debug(
      { address: guest?.address, reason: error.message },
      'an MQTT connection ended with an error',
    );
    if (result === 'not-mqtt') this.#forget(client);
  }

  /** Ends the connections whose credential was changed or withdrawn. */
  #showOut(): void {
    for (const guest of this.#guests.values()) {
      if (guest.principal === null) continue;
      const found = this.#options.credentials.find(guest.username);
      const same =
        found !== null && found.password === guest.password && samePrincipal(found.principal, guest.principal);
      if (same) continue;
      this.#options.counters.count('mqtt_connections', 'credential-withdrawn');
      guest.principal = null;
      guest.connection.destroy();
    }
  }
}

function samePrincipal(one: Principal, other: Principal): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function sameSecret(given: Buffer, wanted: string): boolean {
  const digest = (value: string | Buffer): Buffer => createHash('sha256').update(value).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

/** A refusal with the return code of CONNACK (MQTT 3.1.1, section 3.2.2.3). */
function refusal(returnCode: 2 | 3 | 4 | 5, message: string): AuthenticateError {
  return Object.assign(new Error(message), { returnCode }) as AuthenticateError;
}
