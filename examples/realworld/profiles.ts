import type { Database } from './database.ts';
import { Refusal, type Call, type Routes } from './router.ts';
import type { Sessions } from './session.ts';

interface ProfileRow {
  readonly id: string;
  readonly username: string;
  readonly bio: string;
  readonly image: string;
  readonly following: boolean;
}

/** Looking at others, and following them. */
export function profiles(database: Database, sessions: Sessions): Routes {
  async function find(username: string, viewer: string | null): Promise<ProfileRow> {
    const [profile] = await database.query<ProfileRow>(
      'SELECT id, username, bio, image, EXISTS (SELECT FROM follows WHERE follower_id = $2 AND followed_id = users.id) AS following FROM users WHERE username = $1', [username, viewer]);
    if (!profile) throw new Refusal(404, 'there is no user of that name');
    return profile;
  }
  const shown = ({ username, bio, image, following }: ProfileRow) => ({ status: 200, body: { profile: { username, bio, image, following } } });

  const change = (sql: string, following: boolean) => async (call: Call) => {
    const viewer = sessions.member(call);
    const profile = await find(call.params['username']!, viewer);
    await database.query(sql, [viewer, profile.id]);
    return shown({ ...profile, following });
  };

  return {
    'GET /profiles/:username': async (call) => shown(await find(call.params['username']!, sessions.visitor(call))),
    'POST /profiles/:username/follow': change('INSERT INTO follows (follower_id, followed_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', true),
    'DELETE /profiles/:username/follow': change('DELETE FROM follows WHERE follower_id = $1 AND followed_id = $2', false),
  };
}
