// oidc-provider, a certified issuer, over HTTPS on a free port of 127.0.0.1.

import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Provider } from 'oidc-provider';

const CLIENT_ID = 'registry-console';

/** A certificate authority and a certificate for 127.0.0.1, in files of a new folder. */
function certificates() {
  const folder = mkdtempSync(join(tmpdir(), 'issuer-'));
  const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', '/CN=Issuer CA');
  openssl('req', ...key, '-keyout', 'tls.key', '-out', 'tls.csr', '-subj', '/CN=127.0.0.1');
  writeFileSync(join(folder, 'extensions'), 'subjectAltName = IP:127.0.0.1\nextendedKeyUsage = serverAuth\n');
  openssl('x509', '-req', '-in', 'tls.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-days', '2', '-extfile', 'extensions', '-out', 'tls.crt');
  return folder;
}

/** As issuers are usually set up for a cluster: claims in the ID token, refresh tokens without `offline_access`, PKCE required. */
function configuration(secret, key, client) {
  return {
    clients: [{ client_id: CLIENT_ID, client_secret: secret, grant_types: ['authorization_code', 'refresh_token'], ...client }],
    claims: { openid: ['sub', 'sid'], profile: ['name', 'preferred_username', 'groups'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: id, preferred_username: id, email: `${id}@example.com`, email_verified: true, groups: ['shop-team'] }),
    }),
    // Signs in whoever gives a name.
    features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    pkce: { required: () => true },
    // Within a minute of its end, the console renews an ID token.
    ttl: { IdToken: 50, AccessToken: 50, AuthorizationCode: 60, Grant: 3600, Interaction: 600, RefreshToken: 3600, Session: 3600 },
    jwks: { keys: [key] },
    cookies: { keys: [secret] },
  };
}

/**
 * Starts the issuer. Without a client until `register` is called with the URL of the console.
 *
 * @returns {Promise<{url: string, flags: string[], register: (console: string) => void, stop: () => void}>}
 */
export async function startIssuer() {
  const folder = certificates();
  const file = name => join(folder, name);
  const server = https.createServer({ key: readFileSync(file('tls.key')), cert: readFileSync(file('tls.crt')) });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://127.0.0.1:${server.address().port}`;
  const secret = randomBytes(24).toString('base64url');
  writeFileSync(file('client-secret'), secret);
  // RS256, which issuers use unless they are told otherwise.
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'first' };
  let answer;
  const register = (...consoles) => {
    const client = {
      redirect_uris: consoles.map(console_ => `${console_}/oauth/callback`),
      post_logout_redirect_uris: consoles.map(console_ => `${console_}/oauth/callback/signed-out`),
      ...(consoles.length === 0 && { response_types: [], grant_types: [] }),
    };
    answer = new Provider(url, configuration(secret, key, client)).callback();
  };
  register();
  server.on('request', (request, response) => answer(request, response));
  const flags = [
    '--oidc-issuer', url, '--oidc-client-id', CLIENT_ID, '--oidc-client-secret-file', file('client-secret'), '--oidc-ca-file', file('ca.crt'),
    '--oidc-scopes', 'openid profile email offline_access',
  ];
  const stop = () => {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
  };
  return { url, flags, register, stop };
}
