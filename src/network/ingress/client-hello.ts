const RECORD_HEADER = 5;
const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;

/**
 * Whether a TLS connection that begins like this names the server it wants (RFC 8446 4.1.2, RFC 6066 3); undefined while its first record is not whole. What cannot be read names none: TLS itself refuses it.
 */
export function namesServer(bytes: Buffer): boolean | undefined {
  if (bytes.length > 0 && bytes[0] !== HANDSHAKE) return false;
  if (bytes.length < RECORD_HEADER) return undefined;
  const end = RECORD_HEADER + bytes.readUInt16BE(3);
  if (bytes.length < end) return undefined;
  try {
    return hasServerName(bytes.subarray(RECORD_HEADER, end));
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Throws a RangeError when the message ends too early. */
function hasServerName(message: Buffer): boolean {
  if (message.readUInt8(0) !== CLIENT_HELLO) return false;
  // Type and length, version, random; then session id, cipher suites and compression methods, each with its length before it.
  let at = 4 + 2 + 32;
  at += 1 + message.readUInt8(at);
  at += 2 + message.readUInt16BE(at);
  at += 1 + message.readUInt8(at);
  const end = at + 2 + message.readUInt16BE(at);
  at += 2;
  while (at < end) {
    if (message.readUInt16BE(at) === SERVER_NAME) return true;
    at += 4 + message.readUInt16BE(at + 2);
  }
  return false;
}
