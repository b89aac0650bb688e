import { Command } from 'commander';
import { fail } from './output.ts';

const program = new Command('coracle')
  .description('Kubernetes light enough to carry: a cluster in one process.')
  .version('0.1.0')
  .showHelpAfterError('(coracle --help shows the commands)')
  .configureHelp({ sortSubcommands: false });

/** Options that say which cluster is meant. */
const cluster = (command: Command) => command
  .option('--name <name>', 'which cluster, when there are several', 'default')
  .option('--data-dir <dir>', "where the cluster's state is kept (default: ~/.coracle/NAME)");

cluster(program.command('up'))
  .description('start a cluster and show what happens in it; Ctrl-C takes it down again')
  .option('-d, --detach', 'start it in the background')
  .option('--port <port>', 'port of the Kubernetes API', Number, 6443)
  .option('--nodes <count>', 'how many nodes', Number, 1)
  .option('--node-capacity <list>', "what each node declares, e.g. cpu=8,memory=16Gi (default: the machine's own)")
  .option('--cadence <cadence>', 'standard: the periods of Kubernetes; fast: metrics and autoscaling each second', 'standard')
  .option('--http-port <port>', 'port of the ingress (default: 80 as root, else 8080)', Number)
  .option('--https-port <port>', 'port of the TLS ingress (default: 443 as root, else 8443)', Number)
  .action(async (options) => (await import('./up.ts')).up(options));

cluster(program.command('down'))
  .description('stop the cluster and everything that runs in it; its objects are kept for the next `up`')
  .option('--delete', "remove the cluster's state as well")
  .action(async (options) => (await import('./down.ts')).down(options));

cluster(program.command('status'))
  .description('what runs, and where')
  .option('-o, --output <format>', 'table or json', 'table')
  .action(async (options) => (await import('./status.ts')).status(options));

cluster(program.command('kubeconfig'))
  .description('print the kubeconfig')
  .option('--path', 'print where it is instead')
  .action(async (options) => (await import('./kubeconfig.ts')).kubeconfig(options));

try {
  await program.parseAsync();
} catch (error) {
  fail(error);
}
