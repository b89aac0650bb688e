import { Argument, Command, Option } from 'commander';
import { port, positive, whole } from './arguments.ts';
import { completion, SHELLS, type Shell } from './completion.ts';
import { fail } from './output.ts';

const program = new Command('coracle')
  .description('Kubernetes light enough to carry: a cluster in one process.')
  .version('0.1.0')
  .showHelpAfterError('(coracle --help shows the commands)')
  .addHelpText('after', `
Start with:
  coracle demo                     see it work
  coracle up -d                    a cluster in the background; it prints the KUBECONFIG line for kubectl, helm and k9s
  source <(coracle completion bash)`)
  .configureHelp({ sortSubcommands: false });

/** Options that say which cluster is meant. */
const cluster = (command: Command) => command
  .option('--name <name>', 'which cluster, when there are several', 'default')
  .option('--data-dir <dir>', "where the cluster's state is kept (default: ~/.coracle/NAME)");

cluster(program.command('up'))
  .description('start a cluster and show what happens in it; Ctrl-C takes it down again')
  .option('-d, --detach', 'start it in the background')
  .option('--port <port>', 'port of the Kubernetes API; 0 = any free one', port, 6443)
  .option('--nodes <count>', 'how many nodes; 0 = only the API and its controllers', whole(0, 256), 1)
  .option('--node-capacity <list>', "what each node declares, e.g. cpu=8,memory=16Gi (default: the machine's own)")
  .addOption(new Option('--cadence <cadence>', 'standard: the periods of Kubernetes; fast: metrics and autoscaling each second').choices(['standard', 'fast']).default('standard'))
  .option('--http-port <port>', 'port of the ingress (default: 80 as root, else 8080)', port)
  .option('--https-port <port>', 'port of the TLS ingress (default: 443 as root, else 8443)', port)
  .option('--access-log <file>', 'append a line of JSON to this file for every request through the ingress')
  .action(async (options) => (await import('./up.ts')).up(options));

cluster(program.command('down'))
  .description('stop the cluster and everything that runs in it; its objects are kept for the next `up`')
  .option('--delete', "remove the cluster's state as well")
  .action(async (options) => (await import('./down.ts')).down(options));

cluster(program.command('status'))
  .description('what runs, and where')
  .addOption(new Option('-o, --output <format>', 'table or json').choices(['table', 'json']).default('table'))
  .action(async (options) => (await import('./status.ts')).status(options));

cluster(program.command('kubeconfig'))
  .description('print the kubeconfig')
  .option('--path', 'print where it is instead')
  .action(async (options) => (await import('./kubeconfig.ts')).kubeconfig(options));

cluster(program.command('why <kind> <name>'))
  .description('why an autoscaler did what it did: `coracle why hpa web`')
  .option('-n, --namespace <namespace>', 'its namespace', 'default')
  .option('--last <count>', 'how many of its latest decisions', whole(1), 3)
  .addOption(new Option('-o, --output <format>', 'text or json').choices(['text', 'json']).default('text'))
  .action(async (kind, name, options) => (await import('./why.ts')).why(kind, name, options));

program.command('demo')
  .description('see it work: a canary, an autoscaler and a rollout under load, on a cluster of its own, in about a minute')
  .option('--keep', 'leave it running at the end')
  .action(async (options) => (await import('./demo.ts')).demo(options));

const repeated = (value: string, all: string[]) => [...all, value];

cluster(program.command('build <context>'))
  .description("build an image from a Dockerfile into the cluster's image store")
  .option('-t, --tag <name>', 'name and tag, may be repeated', repeated, [])
  .option('-f, --file <path>', "the Dockerfile (default: the context's)")
  .option('--build-arg <name=value>', 'sets an ARG, may be repeated', repeated, [])
  .option('--target <stage>', 'stop at this stage')
  .option('--base <base>', 'host: where a base image is not there, build on this machine\'s own file system, copy on write')
  .option('--base-images <file>', 'a YAML file of base images that stand in for others: `python:*: host`')
  .option('--no-cache', 'run every step')
  .option('-q, --quiet', 'print only the image id')
  .action(async (context, options) => (await import('./images.ts')).build(context, options));

cluster(program.command('images'))
  .description('list images')
  .addOption(new Option('-o, --output <format>', 'table or json').choices(['table', 'json']).default('table'))
  .action(async (options) => (await import('./images.ts')).list(options));

cluster(program.command('rmi <image...>'))
  .description('remove images')
  .option('-f, --force', 'also those that pods use')
  .action(async (images, options) => (await import('./images.ts')).remove(images, options));

cluster(program.command('tag <source> <target>'))
  .description('give an image another name')
  .action(async (source, target, options) => (await import('./images.ts')).tag(source, target, options));

cluster(program.command('pull <image>'))
  .description('fetch an image from its registry')
  .action(async (image, options) => (await import('./images.ts')).pull(image, options));

cluster(program.command('save <image...>'))
  .description('write images as a tar')
  .option('-o, --output <file>', 'default: standard output')
  .action(async (images, options) => (await import('./images.ts')).save(images, options));

cluster(program.command('load-image'))
  .description('load images from a tar made by `coracle save`, docker save or another OCI tool')
  .option('-i, --input <file>', 'default: standard input')
  .action(async (options) => (await import('./images.ts')).loadArchive(options));

program.command('load <url>')
  .description('put load on a URL and report latencies, codes and failures')
  .option('-c, --connections <count>', 'connections at once', whole(1, 100_000), 10)
  .option('-d, --duration <time>', 'how long, e.g. 300s (default: 10s, unless -n is given)')
  .option('-n, --requests <count>', 'how many requests', whole(1))
  .option('--rate <per-second>', 'requests per second over all connections (default: as many as are answered)', positive)
  .option('--ramp <time>', 'grow to full load over this time')
  .option('--timeout <time>', 'a request that takes longer has failed', '10s')
  .option('-H, --header <line>', 'a header, may be repeated', repeated, [])
  .option('-X, --method <method>', 'HTTP method', 'GET')
  .option('--body <text>', 'request body')
  .option('--no-keepalive', 'a new connection for every request')
  .option('-k, --insecure', "do not verify the server's certificate")
  .option('--max-failed <count>', 'exit with 1 when more requests fail: no whole answer, or one of 400 and above', whole(0))
  .option('--p99 <time>', 'exit with 1 when the 99th percentile is higher')
  .option('--min-rate <per-second>', 'exit with 1 when fewer requests per second are answered', positive)
  .addOption(new Option('-o, --output <format>', 'text or json').choices(['text', 'json']).default('text'))
  .action(async (url, options) => (await import('./load.ts')).load(url, options));

program.command('completion')
  .description('print the script that makes a shell complete these commands: source <(coracle completion bash)')
  .addArgument(new Argument('<shell>').choices(SHELLS))
  .action((shell: Shell) => {
    process.stdout.write(completion(program, shell));
  });

for (const command of program.commands) command.showHelpAfterError(`(coracle ${command.name()} --help shows its options)`);

try {
  await program.parseAsync();
} catch (error) {
  fail(error);
}
