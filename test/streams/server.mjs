// What the pods of streams.e2e.ts run: HTTP on 8080 (`/?mb=N` answers N MiB; an upgraded connection is an echo), an echo on 9000.
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { Readable } from 'node:stream';

const piece = Buffer.alloc(1 << 20, 'x');
const server = createServer((request, response) => {
  const megabytes = Number(new URL(request.url, 'http://x').searchParams.get('mb') ?? 0);
  let received = 0;
  request.on('data', (chunk) => { received += chunk.length; });
  request.on('end', () => {
    if (megabytes > 0) Readable.from((function* () { for (let i = 0; i < megabytes; i++) yield piece; })()).pipe(response);
    else response.end(`${request.method} ${request.url} ${received}\n`);
  });
}).listen(8080);
// Whoever upgrades gets an echo.
server.on('upgrade', (request, socket, head) => {
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${request.headers.upgrade}\r\nX-Path: ${request.url}\r\n\r\n`);
  socket.write(head);
  socket.on('error', () => {}).pipe(socket);
});
createTcpServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => {}).pipe(socket)).listen(9000);
console.log('listening');
