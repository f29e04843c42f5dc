// An identity provider on loopback, for tests/it/oidc: the npm package oidc-provider as it is, with
// its built-in sign-in pages. Prints its address, then answers one request a line on standard input:
//
//   login SUBJECT      goes through sign-in, consent and the code exchange as a browser and an
//                      application would, and prints the access token
//   rotate             signs with a fresh key from now on; the old one is published no more
import { createServer } from 'node:http';
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import Provider from 'oidc-provider';

const AUDIENCE = 'https://bank.test';
const CALLBACK = 'http://127.0.0.1:1/callback';

let made = 0;
function jwks() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  made += 1;
  return { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: `rsa-${made}` }] };
}

function provider(issuer) {
  const made = new Provider(issuer, {
    jwks: jwks(),
    clients: [{
      client_id: 'portal', token_endpoint_auth_method: 'none', redirect_uris: [CALLBACK],
      application_type: 'native', grant_types: ['authorization_code'], response_types: ['code'],
    }],
    cookies: { keys: ['a test has no secrets'] },
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'bank', audience: AUDIENCE, accessTokenFormat: 'jwt', accessTokenTTL: 600,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  });
  made.silent = true;
  return made;
}

const server = createServer((request, response) => serving.callback()(request, response));
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const issuer = `http://127.0.0.1:${server.address().port}`;
let serving = provider(issuer);

// One browser: follows redirects by hand and keeps its cookies.
async function signIn(subject) {
  const cookies = new Map();
  const visit = async (address, form) => {
    const answer = await fetch(new URL(address, issuer), {
      redirect: 'manual',
      method: form ? 'POST' : 'GET',
      headers: {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      body: form && new URLSearchParams(form),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [name, value] = line.split(';')[0].split('=');
      cookies.set(name, value);
    }
    return answer;
  };
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: 'portal', response_type: 'code', redirect_uri: CALLBACK, scope: 'openid bank',
    resource: AUDIENCE, code_challenge_method: 'S256',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  });
  let answer = await visit(`/auth?${query}`);
  for (let step = 0; step < 12; step += 1) {
    const next = answer.headers.get('location');
    if (next?.startsWith(CALLBACK)) {
      const code = new URL(next).searchParams.get('code');
      const tokens = await visit('/token', {
        grant_type: 'authorization_code', client_id: 'portal', redirect_uri: CALLBACK, code,
        code_verifier: verifier, resource: AUDIENCE,
      });
      return tokens.json();
    }
    if (next) {
      answer = await visit(next);
    } else {
      const page = await answer.text();
      const action = page.match(/action="([^"]+)"/)?.[1];
      const prompt = page.match(/name="prompt" value="([^"]+)"/)?.[1];
      if (!action) throw new Error(`a page without a form: ${answer.status}`);
      answer = await visit(action, prompt === 'login'
        ? { prompt, login: subject, password: 'any' } : { prompt });
    }
  }
  throw new Error('sign-in went round in circles');
}

console.log(issuer);
for await (const line of createInterface({ input: process.stdin })) {
  const [word, subject] = line.split(' ');
  if (word === 'login') {
    const tokens = await signIn(subject);
    console.log(`${tokens.access_token} ${tokens.id_token}`);
  } else if (word === 'rotate') {
    serving = provider(issuer);
    console.log('rotated');
  }
}
server.close();
process.exit(0);
