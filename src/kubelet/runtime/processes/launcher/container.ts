/** Starting a container and entering one: control groups and namespaces, then its files (`file-system.ts`) and its program (`program.ts`). */
export const container = String.raw`
# Whether a user may make a mount namespace here: some distributions allow the namespace but nothing in it.
sub op_probe {
  my ($id) = @_;
  enter_own_user_namespace();
  must('unshare mount namespace', 'unshare', CLONE_NEWNS);
  my ($none, $root) = ('none', '/');
  must('make mounts private', 'mount', $none, $root, $none, MS_REC | MS_PRIVATE, $none);
  mount_at('probe', 'coracle', '/tmp', 'tmpfs', 0, '');
  reply($id, 'ok');
}

sub kill_group { my ($procs) = @_; for (1 .. 100) { my @pids = split /\n/, slurp($procs) // ''; last unless @pids; kill 'KILL', @pids; select(undef, undef, undef, 0.005); } }
sub oom_kills { my ($path) = @_; return 0 unless $path; return (slurp($path) // '') =~ /^oom_kill (\d+)/m ? $1 : 0; }

sub op_start {
  my ($id, %a) = @_;
  POSIX::setsid();
  $0 = "coracle: shim $a{title}";
  watch_children();
  mkdir "$a{directory}/upper";
  chmod 0755, "$a{directory}/upper";
  mkdir "$a{directory}/work";
  make_cgroups($a{plan});
  my $listener = listen_at("$a{id}.sock");
  my $log = { path => $a{log} };
  log_open($log);
  my ($pause, $target) = @a{qw(pause pidns)};
  if ($target eq 'new') { enter_ns($pause, 'user') if $a{userns}; must('unshare pid namespace', 'unshare', CLONE_NEWPID); }
  elsif ($target ne 'host') { enter_ns($target, 'user') if $a{userns}; my $fd = open_ns($target, 'pid'); must('enter pid namespace', 'setns', $fd, 0); POSIX::close($fd); }
  my %io = fork_inside(sub {
    my ($host_pid) = @_;
    join_cgroups($a{procs});
    eval { put("/proc/self/oom_score_adj", $a{oom_score_adj}) };
    return if $a{plain};
    enter_ns($pause, $a{userns} && $target eq 'host' ? ('user') : (), 'net', 'uts', 'ipc', 'mnt');
    must('unshare mount namespace', 'unshare', CLONE_NEWNS | ($a{userns} && !$a{cgroup2} ? 0 : CLONE_NEWCGROUP));
    container_files(%a, host_pid => $host_pid);
  }, %a);
  my $started = now_ms();
  put_new("$a{directory}/running", join(' ', $$, start_time($$), $io{child}, start_time($io{child}), $started) . "\n");
  reply($id, 'ok', $$, start_time($$), $io{child}, start_time($io{child}), $started);
  stdio_null(0, 1, 2);
  my $status = shim_loop(%io, log => $log, listener => $listener, stdin_once => $a{stdin_once}, on_exit => sub { kill_group($a{own_procs}) if $a{own_procs}; });
  unlink("$a{id}.sock");
  my $exit = join(' ', exit_code($status), $status & 127, now_ms(), oom_kills($a{oom_file})) . "\n";
  # A full disk may have room again in a moment; after that the shim's own end has to say it.
  for (1 .. 5) { last if eval { put_new("$a{exits}/$a{id}", $exit); 1 }; sleep 1; }
  POSIX::_exit(0);
}

sub op_exec {
  my ($id, %a) = @_;
  POSIX::setsid();
  $0 = "coracle: exec $a{title}";
  watch_children();
  my $listener = listen_at("$a{id}.sock");
  my $pid = $a{pid};
  start_time($pid) eq $a{start_time} or die "container is not running\n";
  enter_ns($pid, 'user') if $a{userns};
  if (!same_ns($pid, 'pid')) { my $pidns = open_ns($pid, 'pid'); must('enter pid namespace', 'setns', $pidns, 0); }
  my %io = fork_inside(sub {
    join_cgroups($a{procs});
    enter_ns($pid, 'net', 'uts', 'ipc', 'cgroup', 'mnt');
  }, %a, terminal_root => "/proc/$pid/root");
  reply($id, 'ok', $$, $io{child});
  stdio_null(0, 1, 2);
  # The session belongs to the one client that asked for it; output waits until it has come.
  unless (called($listener)) { kill 'KILL', $io{child}; unlink("$a{id}.sock"); POSIX::_exit(1); }
  shim_loop(%io, listener => $listener, exec => 1);
  unlink("$a{id}.sock");
  POSIX::_exit(0);
}
`;
