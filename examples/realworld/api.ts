import { articles } from './articles.ts';
import { comments } from './comments.ts';
import type { Database } from './database.ts';
import { profiles } from './profiles.ts';
import type { Routes } from './router.ts';
import { sessions } from './session.ts';
import { users } from './users.ts';

/** All routes of the RealWorld API on a migrated database. */
export async function api(database: Database): Promise<Routes> {
  const session = await sessions(database);
  return { ...users(database, session), ...profiles(database, session), ...articles(database, session), ...comments(database, session) };
}
