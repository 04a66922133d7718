// A SAML provider by somebody else (npm samlp), for the journey: node provider.mjs '{"port": …, …}'.
// Whoever types a name there is that person, with an address at `domain`; it says "ready" when it listens.
import express from 'express'
import samlp from 'samlp'

const { port, key, cert, acs, domain } = JSON.parse(process.argv[2])
const issuer = `http://127.0.0.1:${port}/metadata`
const known = new Set() // one browser, so one person at a time
const app = express()

const options = {
  issuer,
  key,
  cert,
  recipient: acs,
  destination: acs,
  nameIdentifierFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  authnContextClassRef: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
  getPostURL: (audience, request, req, done) => done(null, acs),
  getUserFromRequest: () => {
    const [name] = known
    return { id: `id-of-${name}`, displayName: name, emails: [{ value: `${name}@${domain}` }], name: {} }
  },
}

const paths = { redirectEndpointPath: '/sso', postEndpointPath: '/sso' }
app.get('/metadata', samlp.metadata({ issuer, cert, ...paths }))
app.get('/sso', (req, res, next) => {
  if (req.query.name) known.clear(), known.add(req.query.name)
  const refused = { code: 'urn:oasis:names:tc:SAML:2.0:status:Responder', description: 'No.' }
  const { RelayState } = req.query
  const getPostURL = (asked, done) => done(null, acs)
  if (req.query.refuse) return samlp.sendError({ ...options, getPostURL, RelayState, error: refused })(req, res, next)
  if (known.size) return samlp.auth({ ...options })(req, res, next)
  const kept = ['SAMLRequest', 'RelayState'].map((one) => `<input type="hidden" name="${one}" value="${req.query[one]}">`)
  res.send(`<form>${kept.join('')}<label>Name <input name="name"></label>
    <button>Sign in</button><button name="refuse" value="yes">Refuse</button></form>`)
})
app.get('/unasked', (req, res, next) => samlp.auth({ ...options })(req, res, next)) // without a request of ours
app.listen(port, '127.0.0.1', () => console.log('ready'))
