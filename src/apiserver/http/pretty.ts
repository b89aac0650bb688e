import type { Query } from './query.ts';
import type { ApiRequest, Reply } from './reply.ts';

/** Whether somebody reads the answer himself: he says so, or it is a tool of such people (apiserver pkg/endpoints/handlers/negotiation/negotiate.go isPrettyPrint). */
export function wantsPretty(request: ApiRequest, query: Query): boolean {
  const asked = query.get('pretty');
  if (asked) return /^(1|t|T|true|TRUE|True)$/.test(asked);
  const agent = request.headers['user-agent'];
  return typeof agent === 'string' && /^(curl|Wget|Mozilla\/5\.0)/.test(agent);
}

/** The same JSON, indented. Streams, and what is no JSON, stay as they are. */
export function pretty(reply: Reply): Reply {
  const { body, headers } = reply;
  if (typeof body === 'function' || headers['content-type'] !== 'application/json') return reply;
  const bytes = Buffer.isBuffer(body) ? body : Buffer.concat(body as Buffer[]);
  return bytes.length === 0 ? reply : { ...reply, body: Buffer.from(JSON.stringify(JSON.parse(bytes.toString()), undefined, 2)) };
}
