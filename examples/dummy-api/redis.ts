import { connect } from 'node:net';

/** Asks redis for some keys over one short connection (RESP2, MGET). Rejects when redis does not answer within `timeoutMs`. */
export function readKeys(host: string, port: number, keys: readonly string[], timeoutMs = 1_000): Promise<(string | null)[]> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`redis at ${host}:${port} did not answer within ${timeoutMs} ms`)));
    let received = Buffer.alloc(0);
    socket.on('connect', () => socket.write(command(['MGET', ...keys])));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      try {
        const values = parseArray(received);
        if (!values) return;
        socket.end();
        resolve(values);
      } catch (error) {
        // An answer such as -LOADING, from a redis that is not ready yet.
        socket.destroy(error as Error);
      }
    });
    socket.on('error', reject);
  });
}

/** One command in RESP. */
export function command(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

/** An array of bulk strings, or undefined while it is incomplete. Throws on a redis error. */
function parseArray(bytes: Buffer): (string | null)[] | undefined {
  let at = 0;
  const line = (): string | undefined => {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) return undefined;
    const text = bytes.toString('utf8', at, end);
    at = end + 2;
    return text;
  };
  const head = line();
  if (head === undefined) return undefined;
  if (!head.startsWith('*')) throw new Error(`redis answered ${head}`);
  const values: (string | null)[] = [];
  for (let i = 0; i < Number(head.slice(1)); i++) {
    const size = line();
    if (size === undefined) return undefined;
    const length = Number(size.slice(1));
    if (length < 0) {
      values.push(null);
      continue;
    }
    if (at + length + 2 > bytes.length) return undefined;
    values.push(bytes.toString('utf8', at, at + length));
    at += length + 2;
  }
  return values;
}
