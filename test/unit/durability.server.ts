// The API over a durable store, in a process that the test may kill. Arguments: directory, port (0: any), file with the keys. Prints its port once it answers.
import { readFileSync } from 'node:fs';
import { createApiServer } from '../../src/apiserver/index.ts';
import type { Pki } from '../../src/apiserver/pki.ts';
import { realClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { durableStore } from '../../src/store/index.ts';

const [directory = '', port = '0', keys = ''] = process.argv.slice(2);

async function main(): Promise<void> {
  const store = await durableStore(directory);
  const pki = JSON.parse(readFileSync(keys, 'utf8')) as Pki;
  const server = await createApiServer({ store, clock: realClock(), random: systemRandom(), pki });
  process.stdout.write(`${(await server.listen({ host: '127.0.0.1', port: Number(port) })).port}\n`);
}

void main();
