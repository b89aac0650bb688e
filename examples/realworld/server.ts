import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { api } from './api.ts';
import { createDatabase, migrate, openDatabase, unreachable, type DatabaseSettings } from './database.ts';
import { serve } from './router.ts';

/** The RealWorld API ("Conduit") on PostgreSQL. It waits for its database, makes it and its tables when they are missing, then listens. */
const say = (line: string) => process.stdout.write(`${line}\n`);
const env = (name: string, otherwise: string) => process.env[name] ?? otherwise;
const settings: DatabaseSettings = {
  host: env('DB_HOST', 'localhost'),
  port: Number(env('DB_SERVICE_PORT', '5432')),
  user: env('DB_USER', 'postgres'),
  password: env('DB_PASSWORD', ''),
  database: env('DB_NAME', 'conduit'),
};
const port = Number(env('PORT', '4000'));

// As process 1 of its container it gets no default handling of signals.
let stopping = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => { stopping = true; });

for (let tries = 0; (await unreachable(settings)) !== undefined; tries++) {
  if (stopping) process.exit(0);
  if (tries % 6 === 0) say(`${date()} - waiting for database to start`);
  await sleep(500);
}
say(`You selected ${env('MIX_ENV', 'dev')} as environment`);
say(`You selected ${port} as environment port`);
if (await createDatabase(settings)) say(`Database ${settings.database} did not exist and has been created.`);
const steps = await migrate(settings);
say(steps > 0 ? `Database ${settings.database} has been migrated.` : '[info] Already up');

say('Running application server ...');
const database = openDatabase(settings);
const server = serve(await api(database), say);
server.listen(port, '0.0.0.0');
await once(server, 'listening');
say(`[info] Running Conduit at http://0.0.0.0:${port}`);

// Requests that are open are answered; then the process ends by itself.
const end = () => {
  server.close(() => void database.close());
  server.closeIdleConnections();
};
if (stopping) end();
else for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, end);

/** As `date` prints it: Thu May 17 02:44:32 UTC 2018 */
function date(): string {
  const [weekday = '', day, month, year, time] = new Date().toUTCString().split(' ');
  return `${weekday.replace(',', '')} ${month} ${day} ${time} UTC ${year}`;
}
