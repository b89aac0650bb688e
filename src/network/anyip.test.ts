import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const pod = `coracle-test-${process.pid}`;
const canUnshare = (): boolean => {
  try {
    execFileSync('unshare', ['-n', 'ip', 'link', 'set', 'lo', 'up'], { stdio: 'ignore' });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
};

/** A namespace for the test, and in it a bridge's place with one pod behind it; nothing of it touches the machine's own network. */
const script = `
set -e
trap 'ip netns del ${pod}' EXIT
ip link set lo up
ip netns add ${pod}
ip link add v0 type veth peer name v1 netns ${pod}
ip addr add 10.88.0.1/16 dev v0; ip link set v0 up
ip -n ${pod} addr add 10.88.0.5/16 dev v1; ip -n ${pod} link set v1 up; ip -n ${pod} link set lo up
ip -n ${pod} route add default via 10.88.0.1
"$NODE" --import tsx src/network/testing/anyip-probe.ts ${pod}
`;

test.skipIf(!canUnshare())('with root, every service address works from the host and from pods, without NAT, and is gone afterwards', async () => {
  const { stdout } = await promisify(execFile)('unshare', ['-n', 'bash', '-c', script], { env: { ...process.env, NODE: process.execPath } });
  expect(JSON.parse(stdout)).toEqual({
    host: 'seen 127.0.0.1',
    pod: 'seen 127.0.0.1',
    nodePort: 'seen 127.0.0.1',
    ingress: 'default backend - 404\n',
    dns: '10.96.3.4\n',
    otherRange: 'seen 127.0.0.1',
    externalIp: 'seen 127.0.0.1',
    ranges: 'local 203.0.113.10 dev lo proto 96 scope host \nlocal 203.0.113.250 dev lo proto 96 scope host \nlocal 203.0.114.1 dev lo proto 97 scope host \n',
    withoutEndpoints: 'exit 7',
    withoutService: 'exit 7',
    route: 'local 10.96.0.0/16 dev lo scope host \n',
    routeAfter: '',
  });
});
