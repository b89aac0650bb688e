/** A pod's pause process: it holds the pod's namespaces, and with a shared process namespace it is PID 1 and reaps what others leave. */
export const sandbox = String.raw`
sub op_sandbox {
  my ($id, %a) = @_;
  POSIX::setsid();
  if (!$a{pidns}) {
    enter_sandbox(%a);
    put_new($a{record}, join(' ', $$, start_time($$)) . "\n");
    reply($id, 'ok', $$, start_time($$));
    pause($a{title});
  }
  # A process enters a new pid namespace only by its next fork; and the first one in it is its init.
  enter_own_user_namespace() if $a{userns};
  must('unshare pid namespace', 'unshare', CLONE_NEWPID);
  pipe(my $told, my $tell) or die "pipe: $!\n";
  my $child = fork() // die "fork: $!\n";
  if (!$child) {
    close($told);
    eval { enter_sandbox(%a, userns => ''); 1 } or do { syswrite($tell, $@); POSIX::_exit(1); };
    syswrite($tell, "ok\n");
    pause($a{title});
  }
  close($tell);
  my $error = join '', <$told>;
  if ($error ne "ok\n") { kill 'KILL', $child; waitpid($child, 0); die $error; }
  put_new($a{record}, join(' ', $child, start_time($child)) . "\n");
  reply($id, 'ok', $child, start_time($child));
}

sub enter_sandbox {
  my (%a) = @_;
  join_cgroups($a{procs});
  enter_own_user_namespace() if $a{userns};
  must('unshare sandbox namespaces', 'unshare', $a{flags} + 0) if $a{flags};
  if ($a{flags} & CLONE_NEWUTS) { must('set host name', 'sethostname', $a{hostname}, length $a{hostname}); }
  if ($a{flags} & CLONE_NEWNET) { my $s = nl_open(); link_up($s, link_index('lo')); sysctl_try('ipv4/ip_unprivileged_port_start', '0'); sysctl_try('ipv4/ping_group_range', '0 2147483647'); }
  for my $entry (list($a{sysctls})) { my ($key, $value) = list($entry); put("/proc/sys/$key", $value); }
  if ($a{flags} & CLONE_NEWNS) {
    # Mounts made on the host later still come in (volumes); none of ours go out.
    my ($none, $root, $kind, $shm, $opts) = ('none', '/', 'tmpfs', $a{shm}, 'mode=1777,size=67108864');
    must('make mounts private', 'mount', $none, $root, $none, MS_REC | MS_SLAVE, $none);
    must('mount /dev/shm of the pod', 'mount', $kind, $shm, $kind, MS_NOSUID | MS_NODEV | MS_NOEXEC, $opts);
  }
}

sub pause {
  my ($title) = @_;
  $0 = "coracle: pause $title";
  chdir('/');
  stdio_null(0, 1, 2);
  close_from(3);
  $SIG{$_} = 'DEFAULT' for qw(HUP INT TERM PIPE);
  # Ignoring SIGCHLD lets the kernel reap; it lasts across exec, and sleep is a tenth of Perl's private memory.
  $SIG{CHLD} = 'IGNORE';
  { no warnings; exec { '/bin/sleep' } $0, 'infinity'; }
  sleep 1000000 while 1;
}
`;
