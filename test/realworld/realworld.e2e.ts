import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../walkthroughs/cluster.ts';
import { realWorldCases } from './cases.ts';
import { postgresPrograms, startPostgres } from './postgres.ts';

const programs = postgresPrograms();

describe.skipIf(programs === undefined)('examples/realworld on a real PostgreSQL (skipped where /usr/lib/postgresql is not)', () => {
  let database: { stop(): Promise<void> } | undefined;
  const apps: { process: ChildProcess; url: string; output: () => string }[] = [];

  beforeAll(async () => {
    const databasePort = await freePort();
    const started = await Promise.all([1, 2, 3].map(async () => start(databasePort)));
    apps.push(...started);
    await until(() => apps.every((app) => app.output().includes('waiting for database to start')));
    database = await startPostgres(programs!, databasePort, 'sailor', 'secret');
    await until(() => apps.every((app) => app.output().includes('[info] Running Conduit')));
  });
  afterAll(async () => {
    for (const { process } of apps) process.kill('SIGKILL');
    await database?.stop();
  });

  it('waits for its database; of three that start at once, one migrates', () => {
    const all = apps.map((app) => app.output()).join('');
    expect(all.match(/Database conduit has been migrated/g)).toHaveLength(1);
    expect(all.match(/Already up/g)).toHaveLength(2);
  });
  it('answers as the API says, at / and at /api', async () => {
    await realWorldCases(apps[0]!.url, 'one');
    await realWorldCases(`${apps[1]!.url}/api`, 'two');
  });
  it('takes its own token on another instance', async () => {
    const login = await fetch(`${apps[0]!.url}/users/login`, { method: 'POST', body: JSON.stringify({ user: { email: 'bob-one@example.org', password: 'pencil sharp' } }) });
    const { user } = (await login.json()) as { user: { token: string } };
    expect((await fetch(`${apps[2]!.url}/user`, { headers: { authorization: `Bearer ${user.token}` } })).status).toBe(200);
  });
  it('ends at SIGTERM with exit code 0', async () => {
    const { process } = apps[2]!;
    process.kill('SIGTERM');
    expect(await once(process, 'exit')).toEqual([0, null]);
  });

  async function start(databasePort: number) {
    const port = await freePort();
    const env = { ...process.env, DB_HOST: '127.0.0.1', DB_SERVICE_PORT: String(databasePort), DB_USER: 'sailor', DB_PASSWORD: 'secret', DB_NAME: 'conduit', PORT: String(port) };
    const child = spawn(process.execPath, ['examples/realworld/dist/server.mjs'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => { output += chunk.toString(); });
    return { process: child, url: `http://127.0.0.1:${port}`, output: () => output };
  }
});

async function until(done: () => boolean): Promise<void> {
  while (!done()) await sleep(20);
}
