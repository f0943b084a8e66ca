import type { ConnectionOptions } from 'node:tls';
import type { ConfigurationStep } from '../../domain/configuration-step.ts';
import type { CredentialKind } from '../../domain/device.ts';
import type { ConfigurationFacts } from '../../domain/compliance.ts';
import type { IntentDocument, IntentFragment } from '../../domain/intent.ts';
import type { ChangePhase } from '../../domain/rollout.ts';

export type { ConfigurationStep, PropertyChange } from '../../domain/configuration-step.ts';

/** Where a device is configured, and as whom. */
export interface DeviceTarget {
  /** An IP address. */
  readonly address: string;
  /** The driver's usual port without it. */
  readonly port?: number;
  /** TLS with these options: the device's certificate pinned, or checked by an authority. Plain without. */
  readonly tls?: ConnectionOptions;
  readonly credential: DeviceCredential;
  /**
   * Which way the driver takes where it knows several, by its own name (`rest`); its first one without. What it
   * compares and how it changes things does not depend on it.
   */
  readonly transport?: string;
  /** What is known of the key that its SSH server shows; without it the driver remembers keys while it lives. */
  readonly hostKeys?: HostKeys;
  /** It knows only algorithms that are outdated: SHA-1, CBC. They are offered to no device without it. */
  readonly isLegacy?: boolean;
  /**
   * What else is tried where the first does not work, also when a session is lost: a document may move the device's
   * address, and set the password that it is configured with.
   */
  readonly alternative?: { readonly address?: string; readonly credential?: DeviceCredential };
}

/** The SSH host key of one device: trusted when it is met first, or pinned by a person, and compared from then on. */
export interface HostKeys {
  /** As OpenSSH shows it (`SHA256:…`); null when none is known. */
  known(): Promise<string | null>;
  /** The key that was met first, after the sign-in. */
  learned(fingerprint: string): Promise<void>;
  /** Another key than the known one was shown, and refused. Who keeps none of that leaves it out. */
  refused?(fingerprint: string): Promise<void>;
  /** The known one was shown, and the sign-in done. */
  met?(): Promise<void>;
}

export interface DeviceCredential {
  readonly user: string;
  readonly password: string;
}

/** Properties that people and programs have called secret on a device, by subject: no driver knows of them by itself. */
export type NamedSecrets = ReadonlyMap<string, ReadonlySet<string>>;

/** Each has a default of the driver. */
export interface SessionOptions {
  /** For a connection and for one command, milliseconds. */
  readonly commandTimeoutMs?: number;
  /** How long `revert` waits for a device that starts anew, milliseconds. */
  readonly restartTimeoutMs?: number;
}

/** What a device holds, as its driver read it. Opaque: it holds secrets, and neither JSON nor a log shows them. */
export interface DeviceConfiguration {
  readonly driver: string;
  /** Milliseconds since the epoch. */
  readonly readAt: number;
}

/** A rollback that waits on a device, or what one left there. */
export type DeviceRollback =
  | {
      readonly state: 'armed';
      readonly run: string;
      /** Milliseconds since the epoch, our clock: the device goes back by itself then. */
      readonly until: number;
    }
  /**
   * The copy of the configuration from before is still on the device, and nothing would load it: the rollback fired and
   * the device is as before the run, or arming ended before it was whole and nothing was applied. `revert` removes it.
   */
  | { readonly state: 'spent'; readonly run: string };

export interface ApplyOptions {
  /** The run whose rollback is armed. `apply` refuses to begin without it. */
  readonly run: string;
  /** The document that was confirmed on the device last: what it holds of secrets that a device never tells. */
  readonly applied: IntentDocument | null;
  /** Milliseconds since the epoch: no command is begun after it. At most the `until` of `arm`. */
  readonly until: number;
  /** The `until` of `arm`, where this one is earlier: a timer that must be set anew on the way is set for it. */
  readonly armedUntil?: number;
  /** Told after each step that the device took. */
  readonly onStep?: (step: ConfigurationStep) => void;
  /** Ends it where it stands, before the next command; the rollback stays armed. */
  readonly signal?: AbortSignal;
}

export interface AppliedSteps {
  /** What the device took, in order. */
  readonly steps: readonly ConfigurationStep[];
  /** How many times the session was lost and opened again. */
  readonly reconnects: number;
}

export type Confirmation =
  /** Read back over this session and equal; the rollback is disarmed. */
  | { readonly confirmed: true }
  /** The device is not what the document says: the rollback stays armed. */
  | { readonly confirmed: false; readonly differences: readonly ConfigurationStep[] };

export interface ConfigurationBackup {
  /** The whole configuration as the device exports it, with secrets, without noise (times, counters): to be sealed. */
  readonly text: string;
  /** The same with every secret masked. */
  readonly masked: string;
}

/** A document on the way to the one wanted, and what it is for. */
export interface PhaseDocument {
  readonly phase: ChangePhase;
  readonly document: IntentDocument;
}

/** A change in phases, and how to know who has its other end. */
export interface PhasedChange {
  /** Only those that change something, the last one to the document wanted. */
  readonly phases: readonly PhaseDocument[];
  /** The IP networks, in the form that the driver compares them in, that it comes into or leaves: who else does so is its other end. */
  readonly networks: readonly string[];
  /** VLANs that it joins or leaves: the other end is on the other side of a link. */
  readonly vlans: readonly string[];
}

/**
 * One session with one device; calls are made one after the other. Every method throws ArungErrors: `unavailable` when
 * the device does not answer in time, `invalid` when it refuses something, `conflict` when a rollback of another run
 * is armed. No error holds a secret.
 */
export interface ConfigurationSession {
  /**
   * What the device holds of the subjects that documents are about, and everything that bears Arung's mark.
   * @param documents those that `plan` will be asked about: the one wanted, and the one confirmed last.
   */
  read(documents: readonly IntentDocument[]): Promise<DeviceConfiguration>;
  /**
   * Keeps a copy of the configuration on the device and sets a timer there that brings it back, unless confirmed in
   * time: it outlives this session, this program and a restart of the device (which brings the copy back at once).
   * Armed by the same run already, the copy stays and the time begins anew. Throws `rollback.other-run` when another
   * run's is armed; a spent one is cleared away.
   * @param run 1 to 40 of a-z, 0-9 and dash.
   * @param withinS seconds until its timer fires, 20 to 3,600.
   */
  arm(run: string, withinS: number): Promise<{ readonly until: number }>;
  /**
   * Brings the device to what the document says: reads, plans, changes; opens a new session when this one is lost, and
   * goes on from what is there, until it is done or `until` passes. When the device refuses a step, what was done is
   * undone, the rollback is disarmed and `apply.undone` is thrown; where that cannot be, `apply.left-armed` is thrown and
   * the device goes back by itself (`apply.left-changed` where it cannot: `revert` does). Only the first `apply` after an
   * `arm` that made its copy can undo: a later one, of a run that goes on after a crash, does not know what was there
   * before. An error of the kind `invalid` leaves nothing armed; with every other one the device goes back by itself.
   */
  apply(document: IntentDocument, options: ApplyOptions): Promise<AppliedSteps>;
  /**
   * Reads back and disarms when the device is what the document says. To be called on a session opened after `apply`,
   * over the way that shall work from now on. Throws `rollback.fired` when nothing of this run is armed and the
   * device is not what the document says.
   */
  confirm(
    document: IntentDocument,
    options: { readonly run: string; readonly applied: IntentDocument | null },
  ): Promise<Confirmation>;
  /**
   * Brings back the copy that `arm` kept, now, and clears it away; waits until the device is there again. Of a spent
   * rollback only the copy is removed. Does nothing when there is none.
   */
  revert(run: string): Promise<void>;
  /**
   * Of a driver that remembers itself what `arm` found, since its devices keep no copy: in a program that was started since it
   * remembers it again, by what the run was about to change. Does nothing where it still does. Others leave it out.
   */
  recall?(run: string, kept: { readonly steps: readonly ConfigurationStep[]; readonly until: number }): Promise<void>;
  /** Rollbacks on the device, of any run. */
  rollbacks(): Promise<readonly DeviceRollback[]>;
  /** @param named what is masked beside what the driver itself knows to be secret. */
  backup(named?: NamedSecrets): Promise<ConfigurationBackup>;
  /** Ends the session. Never throws. */
  close(): void;
}

/**
 * A way to configure one kind of device. Members register in `drivers.ts`, in one line each; docs/drivers.md says how one
 * is written.
 */
export interface ConfigurationDriver {
  /** `routeros`. */
  readonly kind: string;
  /** Kinds of credentials with which it signs in; one of a kind that it takes first is backed up by it. */
  readonly credentials: readonly CredentialKind[];
  /**
   * Seconds that a device of this kind takes to be there again once its rollback fires, as a rule: it loads its copy and starts
   * anew. 0 where it does not start anew.
   */
  readonly restartS: number;
  /** The ports it uses without one in the target, by transport; the first is the usual one. */
  readonly transports: Readonly<Record<string, { readonly port: number; readonly tlsPort: number }>>;
  /**
   * Whether this driver can apply the document: subjects, properties and what must be there. Throws `intent.invalid` with
   * every fault. Touches no network.
   */
  check(document: IntentDocument): void;
  /**
   * What would be done to bring a device to the document, in the order in which it would be done; empty when it is
   * there already. Pure. This is drift, too: the same steps, seen from the device.
   * @param configuration of `read` with the same document.
   * @param applied the document confirmed last, or null.
   */
  plan(
    document: IntentDocument,
    configuration: DeviceConfiguration,
    applied: IntentDocument | null,
  ): readonly ConfigurationStep[];
  /**
   * What a device has of a subject, as the fragments that would make it: to adopt what was set up by hand. They hold its
   * secrets in clear, each called one; what a device never tells is missing. Empty where the subject is unknown.
   */
  fragments(configuration: DeviceConfiguration, subject: string): readonly IntentFragment[];
  /**
   * Names of those of a subject's properties that are secret, whether a document calls them so or not. A driver that has
   * no table of them leaves it out: then the names alone tell (`soundsSecret`).
   */
  secretsAmong?(subject: string, properties: readonly string[]): readonly string[];
  /**
   * Names of those of a fragment's values that hold a secret by what they say, whatever they are called: a script with a password
   * in it. A driver without it goes by names alone.
   */
  secretsWithin?(fragment: Pick<IntentFragment, 'subject' | 'values'>): readonly string[];
  /**
   * The change in phases, for where the other end of a way is changed, too: what can stand beside what is there, then what
   * chooses, then what goes. Pure. A driver without it changes devices in one.
   * @param applied the document confirmed last, or null.
   */
  inPhases?(applied: IntentDocument | null, wanted: IntentDocument): PhasedChange;
  /**
   * IP addresses that a document gives the device, by the key of the fragment: tells when the one at which it is managed
   * moves. A driver without it never tells. Pure.
   */
  addressesOf?(document: IntentDocument): ReadonlyMap<string, string>;
  /**
   * The document that brings a device back to a configuration that `backup` gave whole: with `whole` set, applied as any
   * other. A driver that cannot leaves it out.
   * @param named what is secret of it, beside what the driver itself knows.
   */
  restoring?(text: string, named?: NamedSecrets): IntentDocument;
  /**
   * A configuration that `backup` gave with all masked that is known to be secret now: it may have been masked when less was known.
   * A driver that leaves it out has nothing to add.
   */
  masked?(text: string): string;
  /**
   * Menus or sections in which two configurations differ and that `restoring` does not bring back, by their names.
   * @param now the configuration that the device has now.
   */
  leftOut?(backup: string, now: string): readonly string[];
  /**
   * What rules of compliance ask of a configuration that `backup` gave whole. A driver that reads none leaves it out: then
   * only rules about lines are judged. Touches no network.
   */
  facts?(text: string): ConfigurationFacts;
  /** With what to sign in once the document stands: it may set the password of the user that we come as. */
  credentialAfter(document: IntentDocument, credential: DeviceCredential): DeviceCredential;
  /** One session for a device at a time in this program: a second one waits until the first is closed, within its deadline. */
  open(target: DeviceTarget, options?: SessionOptions): Promise<ConfigurationSession>;
}
