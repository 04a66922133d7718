// An OpenID provider by somebody else (npm oidc-provider), for the journey: node provider.mjs '{"port": …, …}'.
// Whoever types a name there is that person, with an address at `domain`; it says "ready" when it listens.
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import Provider from 'oidc-provider'

const { port, client, secret, callback, domain } = JSON.parse(process.argv[2])

const pair = (kid, type, options, alg) => {
  const { privateKey } = generateKeyPairSync(type, options)
  return { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg }
}

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: client, client_secret: secret, redirect_uris: [callback], id_token_signed_response_alg: 'ES256' }],
  jwks: { keys: [pair('rsa', 'rsa', { modulusLength: 2048 }, 'RS256'), pair('ec', 'ec', { namedCurve: 'P-256' }, 'ES256')] },
  cookies: { keys: ['for a test'] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  conformIdTokenClaims: false,
  enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256'] },
  pkce: { required: () => true },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: id, email: `${id}@${domain}`, email_verified: true }),
  }),
})

createServer(provider.callback()).listen(port, '127.0.0.1', () => console.log('ready'))
