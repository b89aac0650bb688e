import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string, Buffer, number, Buffer>(scrypt);
const LIFETIME_SECONDS = 60 * 24 * 3600;

/** A password as it is kept: salt and scrypt hash. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  return `${salt.toString('base64')}:${(await derive(password, salt, 32)).toString('base64')}`;
}

export async function passwordMatches(password: string, kept: string): Promise<boolean> {
  const [salt = '', hash = ''] = kept.split(':').map((part) => Buffer.from(part, 'base64'));
  const derived = await derive(password, Buffer.from(salt), 32);
  return derived.length === hash.length && timingSafeEqual(derived, Buffer.from(hash));
}

/** A JSON web token (HS256) for a user. */
export function issueToken(userId: string, key: string, nowMs: number): string {
  const issued = Math.floor(nowMs / 1000);
  const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub: userId, iat: issued, exp: issued + LIFETIME_SECONDS })}`;
  return `${content}.${sign(content, key)}`;
}

/** Whose token it is; undefined when it is not ours, changed or too old. */
export function readToken(token: string, key: string, nowMs: number): string | undefined {
  const [head = '', payload = '', signature = ''] = token.split('.');
  const expected = Buffer.from(sign(`${head}.${payload}`, key));
  const given = Buffer.from(signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const { sub, exp } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string; exp: number };
  return exp * 1000 > nowMs ? sub : undefined;
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const sign = (content: string, key: string) => createHmac('sha256', key).update(content).digest('base64url');
