import { randomBytes } from 'node:crypto';
import pg from 'pg';

export interface DatabaseSettings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export interface Database {
  /** Runs one statement and returns its rows. */
  query<Row>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

/** Any number that all pods agree on. */
const MIGRATION_LOCK = 7_140_001;

/** Each runs once, in order; what has run stays as it is. */
const MIGRATIONS = [
  `CREATE TABLE users (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     email text NOT NULL UNIQUE, username text NOT NULL UNIQUE, password text NOT NULL,
     bio text NOT NULL DEFAULT '', image text NOT NULL DEFAULT '')`,
  `CREATE TABLE follows (
     follower_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
     followed_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
     PRIMARY KEY (follower_id, followed_id))`,
  `CREATE TABLE articles (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     slug text NOT NULL UNIQUE, title text NOT NULL, description text NOT NULL, body text NOT NULL, tags text[] NOT NULL DEFAULT '{}',
     author_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
     created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now())`,
  `CREATE INDEX articles_tags ON articles USING gin (tags)`,
  `CREATE INDEX articles_newest ON articles (created_at DESC, id DESC)`,
  `CREATE TABLE favorites (
     user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
     article_id bigint NOT NULL REFERENCES articles ON DELETE CASCADE,
     PRIMARY KEY (article_id, user_id))`,
  `CREATE TABLE comments (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     body text NOT NULL,
     article_id bigint NOT NULL REFERENCES articles ON DELETE CASCADE,
     author_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
     created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now())`,
  `CREATE TABLE keys (name text PRIMARY KEY, value text NOT NULL)`,
];

export function openDatabase(settings: DatabaseSettings, connections = 10): Database {
  const pool = new pg.Pool({ ...settings, max: connections, connectionTimeoutMillis: 10_000 });
  // A broken idle connection is replaced by the next query.
  pool.on('error', () => {});
  return {
    query: async <Row>(sql: string, values: readonly unknown[] = []) => (await pool.query(sql, [...values])).rows as Row[],
    close: () => pool.end(),
  };
}

/** Why the server does not take connections yet, or undefined when it does; a missing database is the server's answer too. */
export async function unreachable(settings: DatabaseSettings): Promise<string | undefined> {
  const client = new pg.Client({ ...settings, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    return undefined;
  } catch (error) {
    const code = codeOf(error);
    if (code === '3D000') return undefined;
    // Wrong name or password: waiting would not help.
    if (code.startsWith('28')) throw error;
    return error instanceof Error ? error.message : String(error);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Makes the database where there is none. Returns whether it did. */
export async function createDatabase(settings: DatabaseSettings): Promise<boolean> {
  const client = new pg.Client({ ...settings, database: 'postgres' });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [settings.database]);
    if (rowCount) return false;
    await client.query(`CREATE DATABASE ${pg.escapeIdentifier(settings.database)}`);
    return true;
  } catch (error) {
    // Another pod was quicker.
    if (['42P04', '23505'].includes(codeOf(error))) return false;
    throw error;
  } finally {
    await client.end();
  }
}

/** Brings the tables up to date; of several pods that start at once, one does it and the others wait. Returns how many steps ran. */
export async function migrate(settings: DatabaseSettings): Promise<number> {
  const client = new pg.Client(settings);
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await client.query('CREATE TABLE IF NOT EXISTS migrations (number integer PRIMARY KEY)');
    const { rows } = await client.query<{ done: number }>('SELECT count(*)::int AS done FROM migrations');
    const done = rows[0]?.done ?? 0;
    for (const [number, sql] of MIGRATIONS.entries()) {
      if (number < done) continue;
      await client.query(sql);
      await client.query('INSERT INTO migrations (number) VALUES ($1)', [number]);
    }
    // All pods sign tokens with the same key.
    await client.query(`INSERT INTO keys (name, value) VALUES ('tokens', $1) ON CONFLICT DO NOTHING`, [randomBytes(32).toString('base64')]);
    await client.query('COMMIT');
    return MIGRATIONS.length - done;
  } finally {
    await client.end();
  }
}

/** A value that is already there where it must be unique. */
export function isDuplicate(error: unknown): error is { readonly constraint: string } {
  return codeOf(error) === '23505';
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
