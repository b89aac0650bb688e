import { connect } from 'node:net';
import { command } from '../dummy-api/redis.ts';

/** Writes first name, last name (its arguments) and $ENVIRONMENT into redis, once. Exit code 1 when redis cannot be reached. */
const host = process.env['REDIS_HOST'] ?? 'redis-service';
const port = Number(process.env['REDIS_PORT'] ?? 4321);
const [firstName, lastName] = process.argv.slice(2);
if (firstName === undefined || lastName === undefined) {
  console.error('usage: feeder FIRST-NAME LAST-NAME');
  process.exit(2);
}
const environment = process.env['ENVIRONMENT'];
const pairs = ['first-name', firstName, 'last-name', lastName, ...(environment === undefined ? [] : ['environment', environment])];

const socket = connect({ host, port });
socket.setTimeout(3_000, () => socket.destroy(new Error('no answer')));
socket.on('connect', () => socket.write(command(['MSET', ...pairs])));
socket.on('data', (answer) => {
  if (!answer.toString().startsWith('+OK')) {
    console.error(`redis answered ${answer.toString().trim()}`);
    process.exit(1);
  }
  console.log(`wrote ${pairs.length / 2} values to ${host}:${port}`);
  socket.end();
});
socket.on('error', (error) => {
  console.error(`Not possible to connect to ${host}:${port}: ${error.message}`);
  process.exitCode = 1;
});
