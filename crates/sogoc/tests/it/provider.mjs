// A provider of OpenID Connect for tests: oidc-provider on a free port of this machine. Its own pages take every name
// with every password. Arguments: the folder of oidc-provider, the address to which it sends people back.
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, back] = process.argv.slice(2);
const { main } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const { default: Provider } = await import(pathToFileURL(join(folder, main)).href);
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = { ...privateKey.export({ format: 'jwk' }), kid: 'made-up', use: 'sig', alg: 'RS256' };
const server = createServer();
server.listen(0, '127.0.0.1', () => {
    const issuer = `http://localhost:${server.address().port}`;
    const provider = new Provider(issuer, {
        clients: [{ client_id: 'sogoc', client_secret: 'made-up', redirect_uris: [back] }],
        cookies: { keys: ['made-up'] },
        jwks: { keys: [key] },
        pkce: { required: () => true },
        findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    });
    server.on('request', provider.callback());
    console.log(issuer);
});
