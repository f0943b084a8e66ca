/** `GET /device-host-keys`. */
export interface HostKeyView {
  readonly deviceId: string;
  readonly device: string;
  readonly fingerprint: string;
  readonly pinned: boolean;
  readonly since: string;
  readonly offered: { readonly fingerprint: string; readonly at: string } | null;
}
