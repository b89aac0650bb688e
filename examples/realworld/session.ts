import type { Database } from './database.ts';
import { Refusal, type Call } from './router.ts';
import { issueToken, readToken } from './secrets.ts';

export interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly username: string;
  readonly password: string;
  readonly bio: string;
  readonly image: string;
}

/** Who is asking. */
export interface Sessions {
  tokenFor(user: UserRow): string;
  /** The user's id, or null for a visitor. Refuses a token that is not valid. */
  visitor(call: Call): string | null;
  /** The user's id; refuses visitors. */
  member(call: Call): string;
}

export async function sessions(database: Database): Promise<Sessions> {
  const [row] = await database.query<{ value: string }>(`SELECT value FROM keys WHERE name = 'tokens'`);
  if (!row) throw new Error('the database has no key for tokens: it is not migrated');
  const visitor = (call: Call) => {
    const header = call.headers.authorization;
    if (!header) return null;
    const id = readToken(header.replace(/^(Token|Bearer) /i, ''), row.value, Date.now());
    if (id === undefined) throw new Refusal(401, 'the token is not valid');
    return id;
  };
  return {
    tokenFor: (user) => issueToken(user.id, row.value, Date.now()),
    visitor,
    member(call) {
      const id = visitor(call);
      if (id === null) throw new Refusal(401, 'this needs a token');
      return id;
    },
  };
}

/** The named object of a request's body: {"user": {...}} */
export function part(call: Call, name: string): Readonly<Record<string, unknown>> {
  const value = Object.hasOwn(call.body, name) ? call.body[name] : undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Refusal(422, `${name} can't be missing`);
  return { ...value };
}

/** A text that must be there. */
export function text(from: Readonly<Record<string, unknown>>, field: string): string {
  const value = optionalText(from, field);
  if (!value) throw new Refusal(422, `${field} can't be blank`);
  return value;
}

export function optionalText(from: Readonly<Record<string, unknown>>, field: string): string | undefined {
  const value = Object.hasOwn(from, field) ? from[field] : undefined;
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' || value.includes('\0')) throw new Refusal(422, `${field} must be a text`);
  return value;
}
