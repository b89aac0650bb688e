/** Becoming a container's program: identity and capabilities, terminal, then exec in a fork that is inside all of its namespaces. */
export const program = String.raw`
my @CAPS = qw(CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO
  SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM
  BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE);

sub become {
  my (%a) = @_;
  my %keep = map { $_ => 1 } list($a{capabilities});
  my ($low, $high, $index) = (0, 0, 0);
  for my $name (@CAPS) {
    my $bit = $index++;
    if ($a{privileged} || $keep{"CAP_$name"}) { if ($bit < 32) { $low |= 1 << $bit; } else { $high |= 1 << ($bit - 32); } }
    else { sys('prctl', PR_CAPBSET_DROP, $bit, 0, 0, 0); }
  }
  # Before the right to do it is given up. Plain processes never had it: without it the kernel wants no_new_privs first.
  if (length($a{seccomp} // '')) {
    my $filter = pack('H*', $a{seccomp});
    my $program = pack('S x6 P', length($filter) / 8, $filter);
    sys('prctl', PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) if $a{plain};
    must('set seccomp filter', 'prctl', PR_SET_SECCOMP, 2, $program, 0, 0);
  }
  my ($uid, $gid) = ($a{uid} + 0, $a{gid} + 0);
  if (!$a{userns}) {
    my $groups = pack('L*', map { $_ + 0 } list($a{groups}));
    must('set groups', 'setgroups', length($groups) / 4, $groups);
    must('set group', 'setresgid', $gid, $gid, $gid);
    must('set user', 'setresuid', $uid, $uid, $uid);
  }
  if ($uid == 0 || $a{userns}) {
    my $header = pack('LL', 0x20080522, 0);
    my $own = (slurp('/proc/self/status') // '') =~ /^CapPrm:\s*([0-9a-f]{8})([0-9a-f]{8})/m ? [hex $1, hex $2] : [0, 0];
    $low &= $own->[1];
    $high &= $own->[0];
    my $data = pack('LLLLLL', $low, $low, 0, $high, $high, 0);
    must('set capabilities', 'capset', $header, $data);
  }
  sys('prctl', PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) if $a{no_new_privs};
}

# runc's words (libcontainer), which reach users in events and in kubectl exec.
sub find_program {
  my ($name, $path) = @_;
  if ($name =~ m{/}) {
    die qq{exec: "$name": stat $name: no such file or directory\n} unless -e $name;
    die qq{exec: "$name": is a directory: permission denied\n} if -d $name;
    die qq{exec: "$name": permission denied\n} unless -x $name;
    return $name;
  }
  for my $dir (split /:/, $path) { my $file = ($dir eq '' ? '.' : $dir) . "/$name"; return $file if -f $file && -x $file; }
  die qq{exec: "$name": executable file not found in \$PATH\n};
}
sub home_of { my ($uid) = @_; for (split /\n/, slurp('/etc/passwd') // '') { my @f = split /:/; return $f[5] if @f > 5 && $f[2] eq $uid && length $f[5]; } return '/'; }

sub run_program {
  my (%a) = @_;
  my @command = list($a{command});
  %ENV = map { my ($name, $value) = list($_); ($name => $value) } list($a{env});
  $ENV{PATH} = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' unless defined $ENV{PATH};
  $ENV{HOME} = home_of($a{uid}) unless length($ENV{HOME} // '');
  $ENV{TERM} = 'xterm' if $a{tty} && !defined $ENV{TERM};
  umask 0022;
  my $cwd = length $a{cwd} ? $a{cwd} : '/';
  if ($a{make_cwd} && !-e $cwd) { make_path(resolved($cwd), 0755); }
  become(%a);
  chdir($cwd) or die "chdir to cwd (\"$cwd\") set in config.json failed: " . lc("$!") . "\n";
  my $file = find_program($command[0], $ENV{PATH});
  sys('prctl', PR_SET_PDEATHSIG, 9, 0, 0, 0);
  close_from(3, 4);
  { no warnings; exec { $file } @command; }
  die qq{exec: "$command[0]": } . lc("$!") . "\n";
}

sub take_terminal {
  my ($number) = @_;
  POSIX::setsid();
  my $fd = POSIX::open("/dev/pts/$number", O_RDWR);
  defined $fd or die "open /dev/pts/$number: $!\n";
  my $tty = fh_of(POSIX::dup($fd), '+<');
  my $zero = 0;
  ioctl($tty, TIOCSCTTY, $zero) or die "controlling terminal: $!\n";
  POSIX::dup2($fd, $_) for 0, 1, 2;
}

# Forks the container's (or exec's) process. $inside puts the child into its namespaces; its errors come back. Returns what shim_loop needs.
sub fork_inside {
  my ($inside, %a) = @_;
  pipe(my $error, my $fail) or die "pipe: $!\n";
  pipe(my $child_tells, my $to_shim) or die "pipe: $!\n";
  pipe(my $shim_tells, my $to_child) or die "pipe: $!\n";
  my (@in, @out, @err);
  if (!$a{tty}) { pipe($out[0], $out[1]) or die "pipe: $!\n"; pipe($err[0], $err[1]) or die "pipe: $!\n"; if ($a{stdin}) { pipe($in[0], $in[1]) or die "pipe: $!\n"; } }
  my $shim = $$;
  my $child = fork() // die "fork: $!\n";
  if (!$child) {
    reset_signals();
    eval {
      close($_) for $error, $child_tells, $to_child;
      # The child has another number inside its pid namespace; the host's /proc knows it by this one.
      my $host_pid = <$shim_tells>;
      chomp $host_pid;
      $inside->($host_pid);
      if ($a{tty}) { syswrite($to_shim, "ready\n"); my $number = <$shim_tells>; chomp $number; take_terminal($number); }
      else {
        if ($a{stdin}) { POSIX::dup2(fileno $in[0], 0); } else { stdio_null(0); }
        POSIX::dup2(fileno $out[1], 1);
        POSIX::dup2(fileno $err[1], 2);
      }
      POSIX::setsid() unless $a{tty};
      run_program(%a);
    };
    syswrite($fail, $@ || 'unknown error');
    POSIX::_exit(127);
  }
  close($_) for $fail, $to_shim, $shim_tells, grep { defined } $in[0], $out[1], $err[1];
  syswrite($to_child, "$child\n");
  my $master;
  if ($a{tty}) {
    if (defined(my $ready = <$child_tells>)) {
      # A fresh container's devpts is its own; through /proc it is reached without entering.
      my ($fh, $number) = open_master($a{terminal_root} || "/proc/$child/root");
      $master = $fh;
      if ($a{columns}) { my $size = pack('SSSS', $a{rows}, $a{columns}, 0, 0); ioctl($master, TIOCSWINSZ, $size); }
      syswrite($to_child, "$number\n");
    }
  }
  close($_) for $to_child, $child_tells;
  my $message = join '', <$error>;
  if (length $message) { waitpid($child, 0); die $message; }
  return (child => $child, $master ? (master => $master, stdin => $master, outputs => [['stdout', $master]]) : (stdin => $in[1], outputs => [['stdout', $out[0]], ['stderr', $err[0]]]));
}
`;
