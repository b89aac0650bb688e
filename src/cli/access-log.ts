import { createWriteStream, openSync } from 'node:fs';
import type { Clock, Timer } from '../base/clock.ts';
import type { AccessRecord } from '../network/index.ts';

/** A file that gets a line for every request through the ingress. */
export interface AccessLog {
  write(record: AccessRecord): void;
  /** Resolves when everything is on its way to the disk. */
  close(): Promise<void>;
}

/** Lines are written together: at tens of thousands of requests a second, one write each would cost more than the request. */
const FLUSH_MS = 100;

/** Opens the file, to append. Throws when it cannot be had. Only its owner may read it: targets of requests may hold secrets. */
export function openAccessLog(file: string, clock: Clock): AccessLog {
  const stream = createWriteStream(file, { fd: opened(file) });
  let failed = false;
  stream.on('error', (error) => {
    if (!failed) process.stderr.write(`the access log ${file} ends here: ${error.message}\n`);
    failed = true;
  });
  let waiting = '';
  let timer: Timer | undefined;
  const flush = () => {
    timer = undefined;
    if (waiting !== '' && !failed) stream.write(waiting);
    waiting = '';
  };
  return {
    write(record) {
      waiting += `${accessLine(record)}\n`;
      timer ??= clock.after(FLUSH_MS, flush);
    },
    close() {
      timer?.cancel();
      flush();
      return new Promise((done) => {
        if (failed) done();
        else stream.end(done);
      });
    },
  };
}

function opened(file: string): number {
  try {
    return openSync(file, 'a', 0o600);
  } catch (error) {
    throw new Error(`--access-log ${file}: cannot be written: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** A record as one line of JSON. */
function accessLine({ at, ms, ...rest }: AccessRecord): string {
  return JSON.stringify({ time: new Date(at).toISOString(), ...rest, ms: Math.round(ms * 1000) / 1000 });
}
