import { isDuplicate, type Database } from './database.ts';
import { Refusal, type Call, type Routes } from './router.ts';
import { hashPassword, passwordMatches } from './secrets.ts';
import { optionalText, part, text, type Sessions, type UserRow } from './session.ts';

/** Registering, logging in, and one's own user. */
export function users(database: Database, sessions: Sessions): Routes {
  const shown = (user: UserRow) => ({ user: { email: user.email, token: sessions.tokenFor(user), username: user.username, bio: user.bio, image: user.image } });

  async function register(call: Call) {
    const given = part(call, 'user');
    const values = [text(given, 'email'), text(given, 'username'), await hashPassword(text(given, 'password'))];
    const [user] = await unique(database.query<UserRow>('INSERT INTO users (email, username, password) VALUES ($1, $2, $3) RETURNING *', values));
    return { status: 201, body: shown(user!) };
  }

  async function login(call: Call) {
    const given = part(call, 'user');
    const password = text(given, 'password');
    const [user] = await database.query<UserRow>('SELECT * FROM users WHERE email = $1', [text(given, 'email')]);
    if (!user || !(await passwordMatches(password, user.password))) throw new Refusal(401, 'email or password is invalid');
    return { status: 200, body: shown(user) };
  }

  async function current(call: Call) {
    const [user] = await database.query<UserRow>('SELECT * FROM users WHERE id = $1', [sessions.member(call)]);
    if (!user) throw new Refusal(401, 'this user is gone');
    return { status: 200, body: shown(user) };
  }

  async function update(call: Call) {
    const id = sessions.member(call);
    const given = part(call, 'user');
    for (const field of ['email', 'username', 'password']) if (optionalText(given, field) === '') throw new Refusal(422, `${field} can't be blank`);
    const password = optionalText(given, 'password');
    const values = [id, optionalText(given, 'email'), optionalText(given, 'username'), password && (await hashPassword(password)), optionalText(given, 'bio'), optionalText(given, 'image')];
    const [user] = await unique(database.query<UserRow>(
      `UPDATE users SET email = coalesce($2, email), username = coalesce($3, username), password = coalesce($4, password), bio = coalesce($5, bio), image = coalesce($6, image)
       WHERE id = $1 RETURNING *`, values));
    if (!user) throw new Refusal(401, 'this user is gone');
    return { status: 200, body: shown(user) };
  }

  return { 'POST /users': register, 'POST /users/login': login, 'GET /user': current, 'PUT /user': update };
}

async function unique<T>(query: Promise<T>): Promise<T> {
  try {
    return await query;
  } catch (error) {
    if (isDuplicate(error)) throw new Refusal(422, `${error.constraint.includes('email') ? 'email' : 'username'} has already been taken`);
    throw error;
  }
}
