// Answers every request with its greeting and says in its log what was asked.
import { createServer } from 'node:http';

const greeting = process.env.GREETING ?? 'hello';
createServer((request, response) => {
  console.log(`${request.method} ${request.url}`);
  response.end(`${greeting} from ${process.env.HOSTNAME}\n`);
}).listen(8080, () => console.log('listening on 8080'));
process.on('SIGTERM', () => process.exit(0));
