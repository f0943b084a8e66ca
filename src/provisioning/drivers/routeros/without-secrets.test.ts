import { describe, expect, it } from 'vitest';
import { RouterOsDriver } from './driver.ts';
import { backupOf } from './export.ts';
import { menuAt } from './menus/menus.ts';
import { holdsSecret, isSecret, withoutSecretsOf } from './without-secrets.ts';

const driver = new RouterOsDriver();

/** As an export has it, and as an intent would say it. */
const secrets: readonly (readonly [path: string, name: string, value: string])[] = [
  ['/interface/wireless/security-profiles', 'wpa-pre-shared-key', 'KENARI'],
  ['/interface/wireless/security-profiles', 'wpa2-pre-shared-key', 'KENARI'],
  ['/interface/wireless/security-profiles', 'static-key-0', 'KENARI'],
  ['/interface/wireless/security-profiles', 'static-sta-private-key', 'KENARI'],
  ['/interface/wireless/security-profiles', 'management-protection-key', 'KENARI'],
  ['/interface/wireless/access-list', 'private-pre-shared-key', 'KENARI'],
  ['/interface/wifi/security', 'passphrase', 'KENARI'],
  ['/interface/wifi', 'security.passphrase', 'KENARI'],
  ['/caps-man/access-list', 'private-passphrase', 'KENARI'],
  ['/ip/ipsec/key/psk', 'key', 'KENARI'],
  ['/ip/ipsec/identity', 'secret', 'KENARI'],
  ['/ip/ipsec/manual-sa', 'esp-enc-key', 'KENARI'],
  ['/routing/bgp/connection', 'tcp-md5-key', 'KENARI'],
  ['/routing/ospf/interface-template', 'auth-key', 'KENARI'],
  ['/routing/rip/keys', 'key', 'KENARI'],
  ['/interface/lte', 'pin', 'KENARI'],
  ['/tool/sms', 'sim-pin', 'KENARI'],
  ['/interface/macsec', 'cak', 'KENARI'],
  ['/disk', 'encryption-key', 'KENARI'],
  ['/container/envs', 'value', 'KENARI'],
  ['/container', 'cmd', 'serve --token KENARI'],
  ['/zerotier', 'identity', 'KENARI'],
  ['/iot/lora/devices', 'app-key', 'KENARI'],
  ['/user-manager/user', 'otp-secret', 'KENARI'],
  ['/user-manager/user', 'attributes', 'Cleartext-Password:KENARI'],
  ['/ppp/secret', 'PassWord', 'KENARI'],
  ['/tool/romon', 'secrets', 'KENARI'],
  ['/system/script', 'source', '/tool fetch password="KENARI" url="x"'],
  ['/system/script', 'source', ':local password "KENARI"'],
  ['/system/script', 'source', ':global pw "KENARI"; :log info $pw'],
  ['/system/script', 'source', ':set password "KENARI"'],
  ['/system/script', 'source', '/user set a password KENARI'],
  ['/system/script', 'source', ':local x secret=("KEN"."ARI")'],
  ['/system/script', 'source', '/x password="a \\"KENARI\\" KENARI"'],
  ['/system/script', 'source', '/tool fetch url="https://api.telegram.org/bot123:KENARI/sendMessage"'],
  ['/system/script', 'source', '/tool fetch http-header-field="Authorization: Bearer KENARI"'],
  ['/system/script', 'source', '/tool fetch url="ftp://ops:KENARI@10.0.0.1/x"'],
  ['/system/script', 'source', '/x PassWord=KENARI'],
  ['/system/scheduler', 'on-event', '/x password=KENARI'],
  ['/tool/netwatch', 'down-script', '/x password=KENARI'],
  ['/tool/netwatch', 'up-script', '/x password=KENARI'],
  ['/tool/netwatch', 'test-script', '/x password=KENARI'],
  ['/ip/dhcp-server', 'lease-script', '/x password=KENARI'],
  ['/ip/dhcp-client', 'script', '/x password=KENARI'],
  ['/ppp/profile', 'on-up', '/x password=KENARI'],
  ['/ppp/profile', 'on-down', '/x password=KENARI'],
  ['/ip/hotspot/user/profile', 'on-login', '/x password=KENARI'],
  ['/ip/hotspot/user/profile', 'on-logout', '/x password=KENARI'],
  ['/interface/vrrp', 'on-master', '/x password=KENARI'],
  ['/interface/vrrp', 'on-backup', '/x password=KENARI'],
  ['/container/config', 'registry-url', 'https://ops:KENARI@registry'],
  ['/ip/address', 'comment', 'wifi kantor, password: KENARI'],
  ['/ip/address', 'comment', 'sandi=KENARI'],
  ['/ip/address', 'comment', 'Password KENARI'],
  ['/system/note', 'note', 'user ops, password KENARI'],
];

const shown: readonly (readonly [path: string, name: string, value: string])[] = [
  ['/interface/wireguard/peers', 'public-key', 'AAAA/BBBB+CC='],
  ['/user/ssh-keys', 'key', 'ssh-ed25519 AAAA'],
  ['/ip/ipsec/identity', 'key', 'kunci-kab'],
  ['/ip/ipsec/identity', 'remote-key', 'kunci-kab'],
  ['/container/envs', 'key', 'TZ'],
  ['/interface/wireless/security-profiles', 'static-transmit-key', 'key-0'],
  ['/interface/wireless/security-profiles', 'authentication-types', 'wpa2-psk'],
  ['/interface/macsec', 'ckn', '0a1b'],
  ['/certificate', 'key-usage', 'digital-signature,key-encipherment'],
  ['/certificate', 'key-size', '2048'],
  ['/ip/ssh', 'host-key-type', 'ed25519'],
  ['/user/group', 'policy', 'read,write,policy,test,password,sensitive'],
  ['/system/scheduler', 'policy', 'password,policy'],
  ['/system/scheduler', 'on-event', 'kirim-laporan'],
  ['/system/script', 'source', ':log info "halo"; :delay 5s; /ip dns cache flush'],
  ['/tool/netwatch', 'down-script', '/log warning "hulu mati"'],
  ['/routing/filter/rule', 'rule', 'if (bgp-communities includes 65000:1) {accept}'],
  ['/ip/address', 'comment', 'ke kantor kecamatan arung:lan'],
  ['/ip/hotspot/walled-garden', 'dst-host', '*.go.id'],
  ['/ip/dns', 'use-doh-server', 'https://10.0.0.1/dns-query'],
  ['/ip/service', 'port', '8729'],
];

const quoted = (value: string): string => `"${value.replace(/["\\$]/g, (sign) => `\\${sign}`)}"`;
const exported = (path: string, name: string, value: string): string =>
  `# 2026-11-30 08:15:00 by RouterOS 7.18.2\n${path.replaceAll('/', ' ').replace(' ', '/')}\nadd comment=x ${name}=${quoted(value)} disabled=no\n`; // prettier-ignore

/** What the driver calls secret of a fragment. */
const secretOf = (subject: string, values: Readonly<Record<string, string>>): readonly string[] => [
  ...driver.secretsAmong(subject, Object.keys(values)),
  ...driver.secretsWithin({ values }),
];

describe('what nobody may see of a router', () => {
  it.each(secrets)('is masked in a backup and secret in an intent: %s %s=%s', (path, name, value) => {
    const { text, masked } = backupOf('r', exported(path, name, value));
    expect(text).toMatch(/KENARI|KEN.*ARI/);
    expect(masked).not.toMatch(/KEN|ARI/);
    expect(masked).toContain(`${name}=••• disabled=no\n`);
    expect(driver.masked(text)).toBe(masked);
    expect(driver.masked(masked)).toBe(masked);
    if (name === name.toLowerCase()) expect(secretOf(path, { name: 'x', [name]: value })).toContain(name);
    // What the view masks no document of a restore may tell.
    for (const { values, secret } of driver.restoring(exported(path, name, value)).fragments) {
      if (JSON.stringify(values).includes('KEN')) expect(secret).toContain(name);
    }
  });

  it.each(shown)('is not: %s %s=%s', (path, name, value) => {
    const { text, masked } = backupOf('r', exported(path, name, value));
    expect(masked).toBe(text);
    expect(secretOf(path, { [name]: value })).toEqual([]);
    expect(isSecret(menuAt(path), name, value)).toBe(false);
  });

  it('is not told where a backup is brought back', () => {
    const text = `/system script\nadd name=a source=${quoted(':local password "KENARI"')}\n/system scheduler\nadd name=b on-event=${quoted('/x password=KENARI')}\n`; // prettier-ignore
    const { fragments } = driver.restoring(text);
    expect(fragments.map(({ secret }) => secret)).toEqual([['source'], ['on-event']]);
  });

  it('is not told by what a device says of a script either', () => {
    const script = '/user set a password="KENARI"; /x secret=BURUNG; :local password "a \\"KUTILANG\\""';
    const document = { driver: 'routeros', fragments: [{ key: 'a', subject: '/system/script', values: { source: script }, secret: [] }] }; // prettier-ignore
    const said = withoutSecretsOf([document], 'syntax error near "KENARI" BURUNG in a \\"KUTILANG\\"');
    expect(said).toBe('syntax error near "•••" ••• in •••');
  });

  it('is found in no time, whatever a device writes', () => {
    const begun = performance.now();
    for (const part of ['//a:', 'password ', 'key', 'key ', ' ', 'pass', '"a']) {
      for (const name of ['comment', 'source', 'x']) holdsSecret(name, part.repeat(16_000));
    }
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});
