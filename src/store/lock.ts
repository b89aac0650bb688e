import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

/**
 * Takes a directory for this process alone; resolves with the function that gives it back. The lock is an abstract Unix socket named after the directory's inode: the kernel
 * frees it with the process, however that ends, so no stale lock is ever left. The file `owner` only tells others who holds it.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { dev, ino } = statSync(directory);
  const owner = join(directory, 'owner');
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'EADDRINUSE' ? inUse(directory, owner) : error));
    server.listen(`\0coracle-store-${dev}-${ino}`, resolve);
  });
  server.unref();
  writeFileSync(owner, `${process.pid}\n`);
  return () => new Promise((resolve) => server.close(() => resolve()));
}

function inUse(directory: string, owner: string): Error {
  let pid = 'unknown';
  try {
    pid = readFileSync(owner, 'utf8').trim();
  } catch {
    // The holder has taken the lock and not yet written its name.
  }
  return new Error(`the store in ${directory} is in use by process ${pid}; stop that process, or choose another directory`);
}
