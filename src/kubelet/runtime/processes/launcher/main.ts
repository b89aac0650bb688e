import { base } from './base.ts';
import { container } from './container.ts';
import { fileSystem } from './file-system.ts';
import { forward } from './forward.ts';
import { network } from './network.ts';
import { program } from './program.ts';
import { sandbox } from './sandbox.ts';
import { streams } from './streams.ts';

/** The launcher's own loop: each request is handled in a fork, which answers for itself. It ends when its stdin ends; what it forked lives on. */
const main = String.raw`
# Entries that only a system call can make: whiteouts and opaque directories of extracted image layers.
sub op_marks {
  my ($id, %a) = @_;
  for my $path (list($a{whiteouts})) { my $at = $path; must("whiteout $path", 'mknodat', AT_FDCWD, $at, S_IFCHR(), 0) unless lstat $path; }
  for my $path (list($a{opaque})) { my ($at, $name, $value) = ($path, "$a{xattr}.overlay.opaque", 'y'); must("opaque $path", 'lsetxattr', $at, $name, $value, 1, 0); }
  reply($id, 'ok');
}
# Which of these directories of an upper layer hide what is below them.
sub op_opaque {
  my ($id, %a) = @_;
  my @found;
  for my $path (list($a{paths})) { my ($at, $name, $value) = ($path, "$a{xattr}.overlay.opaque", "\0" x 8); my $n = syscall($SYS{lgetxattr}, $at, $name, $value, 8); push @found, $path if $n == 1 && substr($value, 0, 1) eq 'y'; }
  put_new($a{result}, joined(@found));
  reply($id, 'ok');
}

my %ops = (probe => \&op_probe, bridge => \&op_bridge, attach => \&op_attach, unlink => \&op_unlink, sandbox => \&op_sandbox, start => \&op_start, exec => \&op_exec, forward => \&op_forward, marks => \&op_marks, opaque => \&op_opaque);

chdir($ARGV[0]) or die "chdir $ARGV[0]: $!\n";
$0 = "coracle: launcher $ARGV[0]";
POSIX::setsid();
# What the forks leave behind comes back here, so that a dead shim or pause is known at once.
sys('prctl', PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
$SIG{PIPE} = 'IGNORE';
if (defined $ARGV[1]) { for my $procs (split /:/, $ARGV[1]) { eval { put($procs, $$) }; } }
watch_children();
my $input = '';
reply(0, 'hello', $$);
for (;;) {
  my $r = '';
  vec($r, 0, 1) = 1;
  vec($r, fileno $child_ended, 1) = 1;
  next if select($r, undef, undef, undef) < 0;
  if (vec($r, fileno $child_ended, 1)) {
    sysread($child_ended, my $which, 4096);
    while ((my $pid = waitpid(-1, POSIX::WNOHANG())) > 0) { reply(0, 'gone', $pid); }
  }
  next unless vec($r, 0, 1);
  my $got = sysread(STDIN, $input, 262144, length $input);
  next if !defined $got && $!{EINTR};
  last unless $got;
  while (length $input >= 4) {
    my $length = unpack('N', $input);
    last if length $input < 4 + $length;
    my ($id, $op, @fields) = list(substr($input, 4, $length));
    substr($input, 0, 4 + $length) = '';
    my $pid = fork();
    if (!defined $pid) { reply($id, 'error', "fork: $!"); next; }
    next if $pid;
    POSIX::sigprocmask(POSIX::SIG_UNBLOCK(), POSIX::SigSet->new(POSIX::SIGCHLD()));
    close($child_ended);
    # The launcher's input must not be held open by what it forked.
    stdio_null(0);
    eval { ($ops{$op} || die "unknown operation $op\n")->($id, @fields); 1 } or do { my $error = $@; chomp $error; my %f = @fields; unlink("$f{id}.sock") if $f{id}; reply($id, 'error', $error); POSIX::_exit(1); };
    POSIX::_exit(0);
  }
}
POSIX::_exit(0);
`;

/** The whole program, as `perl` reads it. */
export const launcherProgram = [base, network, streams, sandbox, fileSystem, program, container, forward, main].join('\n').replace('use strict;', '#!/usr/bin/perl\nuse strict;');
