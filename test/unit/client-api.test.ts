import { createApiServer } from '../../src/apiserver/index.ts';
import { createPki, issueCertificate } from '../../src/apiserver/pki.ts';
import { realClock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { clientSuite } from '../../src/client/client.suite.ts';
import { httpClient } from '../../src/client/http.ts';
import { memoryStore } from '../../src/store/index.ts';

// Both clients, against the API itself instead of the tiny one that the client's own tests stand on.
const clock = realClock();
const pki = createPki({ clock, hosts: ['127.0.0.1'] });
const open = async () => createApiServer({ store: memoryStore(), clock, random: seededRandom(1), pki: await pki });

clientSuite('in process', async () => {
  const server = await open();
  return { client: server.client(), close: () => server.close() };
});

clientSuite('over HTTPS', async () => {
  const server = await open();
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 });
  const { ca } = await pki;
  const admin = await issueCertificate(ca, { commonName: 'admin', organizations: ['system:masters'], usage: 'client' }, clock);
  const client = httpClient({ server: url, ca: ca.cert, credentials: async () => ({ certificate: admin.cert, key: admin.key }) });
  return {
    client,
    close: async () => {
      await client.close();
      await server.close();
    },
  };
});
