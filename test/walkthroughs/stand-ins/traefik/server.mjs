// Stands in for traefik, whose image is on no machine that is offline: it listens where traefik does and says so. The routing is the cluster's own.
import { createServer } from 'node:http';

for (const port of [80, 8080]) createServer((request, response) => response.end(`stand-in for traefik on ${port}\n`)).listen(port, '0.0.0.0');
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(0));
