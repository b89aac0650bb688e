/** Starting a container and entering one: cgroups, namespaces, root file system, terminal, identity, then exec. */
export const container = String.raw`
my @CAPS = qw(CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO
  SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM
  BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE);

sub mount_at { my ($what, $source, $target, $type, $flags, $data) = @_; must("mount $what", 'mount', $source, $target, $type, $flags, $data // ''); }
sub bind_at {
  my ($source, $target, $flags, $recursive) = @_;
  mount_at("$source on $target", $source, $target, 'none', MS_BIND | ($recursive ? MS_REC : 0));
  # Flags take effect only on a remount; those that the source's own mount is locked to stay.
  if ($flags) { my ($none, $at) = ('none', $target); sys('mount', $none, $at, $none, MS_REMOUNT | MS_BIND | $flags, $none) or sys('mount', $none, $at, $none, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | $flags, $none) or die "remount $target: $!\n"; }
}
# Where a path leads when its links are followed, also to what is not there yet. Inside the new root an absolute link can't leave it.
sub resolved {
  my ($path) = @_;
  my @left = grep { length } split m{/}, $path;
  my ($at, $links) = ('', 0);
  while (@left) {
    my $part = shift @left;
    next if $part eq '.';
    if ($part eq '..') { $at =~ s{/[^/]*$}{}; next; }
    my $link = readlink("$at/$part");
    if (!defined $link) { $at .= "/$part"; next; }
    die "$path: too many levels of symbolic links\n" if ++$links > 40;
    $at = '' if $link =~ m{^/};
    unshift @left, grep { length } split m{/}, $link;
  }
  return length $at ? $at : '/';
}
# A place to mount on: a directory, or an empty file for a file.
sub mount_point { my ($path, $is_dir) = @_; if ($is_dir) { make_path($path, 0755); } else { my ($dir) = $path =~ m{^(.*)/}; make_path($dir, 0755); if (!-e $path) { sysopen(my $f, $path, O_WRONLY | O_CREAT, 0644) or die "create $path: $!\n"; } } }

# The host's own files as the lowest layer, less what a container has no business with. The mask is a layer of whiteouts and opaque directories on a tmpfs; an overlay refuses layers that
# lie inside one another, so the host's tree and the mask become one read-only overlay first, and that a lower layer of the container's.
sub host_layer {
  my ($scratch, $mask, $xattr) = @_;
  mkdir "$scratch/mask";
  chmod 0755, "$scratch/mask";
  for my $line (split /\0/, slurp($mask) // die "read $mask: $!\n") {
    my ($kind, $mode, $path) = split / /, $line, 3;
    my $at = "$scratch/mask$path";
    if ($kind eq 'hide') { must("mask $path", 'mknodat', AT_FDCWD, $at, S_IFCHR(), 0); next; }
    mkdir($at) or die "mask $path: $!\n";
    chmod oct $mode, $at;
    if ($kind eq 'empty') { my ($name, $value) = ("$xattr.overlay.opaque", 'y'); must("mask $path", 'lsetxattr', $at, $name, $value, 1, 0); }
  }
  mkdir "$scratch/base";
  my $option = $xattr eq 'user' ? ',userxattr' : '';
  mount_at('the host\'s files', 'coracle', "$scratch/base", 'overlay', MS_RDONLY, "lowerdir=$scratch/mask:/$option");
}

# Without root the kernel refuses / as a layer (its mounts are locked together), so each of its parts is one of its own on a skeleton: only /usr, /etc and what is beside them come from the
# host, /var and the rest are empty. Nothing needs hiding there but what /etc holds, and no opaque mark, which a tmpfs before Linux 6.6 can't have.
sub host_skeleton {
  my ($scratch, $mask) = @_;
  my $base = "$scratch/base";
  mkdir $base;
  mkdir "$scratch/mask";
  my @parts;
  opendir(my $dir, '/') or die "read /: $!\n";
  for my $name (readdir $dir) {
    next unless $name =~ /^(bin|sbin|lib|lib32|lib64|libx32|usr|etc)$/;
    if (-l "/$name") { symlink(readlink("/$name"), "$base/$name"); } elsif (-d "/$name") { mkdir "$base/$name"; push @parts, $name; }
  }
  for my $line (split /\0/, slurp($mask) // die "read $mask: $!\n") {
    my ($kind, $mode, $path) = split / /, $line, 3;
    my $in_part = $path =~ m{^/(?:bin|sbin|lib\w*|usr|etc)(?:/|$)};
    my $at = ($in_part ? "$scratch/mask" : $base) . $path;
    if ($kind eq 'hide') { next unless $in_part; must("mask $path", 'mknodat', AT_FDCWD, $at, S_IFCHR(), 0); next; }
    mkdir $at;
    chmod oct $mode, $at;
  }
  return @parts;
}
sub mount_host_parts {
  my ($scratch, $directory, $layers, @parts) = @_;
  for my $part (@parts) {
    mkdir "$scratch/mask/$part";
    mkdir "$directory/$_-$part" for qw(upper work);
    symlink("$directory/$_-$part", "$scratch/$_-$part") for qw(upper work);
    my @lower = ((grep { -d "$scratch/$_/$part" } @$layers), 'mask', '');
    my $options = 'userxattr,upperdir=upper-' . $part . ',workdir=work-' . $part . ',lowerdir=' . join(':', map { "$_/$part" } @lower);
    my ($name, $at, $type) = ('coracle', "root/$part", 'overlay');
    # Something is mounted inside it, so it can only be shown as a whole.
    sys('mount', $name, $at, $type, MS_NODEV, $options) or bind_at("/$part", $at, MS_RDONLY | MS_NODEV | MS_NOSUID, 1);
  }
}

sub root_filesystem {
  my (%a) = @_;
  my $scratch = $a{scratch};
  mount_at('scratch', 'coracle', $scratch, 'tmpfs', 0, 'mode=700');
  my $xattr = $a{userns} ? 'user' : 'trusted';
  my @lower;
  # Short relative names: mount options hold 4 KiB, and a colon in a path would split it.
  for my $layer (list($a{layers})) { my $name = 'l' . @lower; symlink($layer, "$scratch/$name") or die "link layer: $!\n"; push @lower, $name; }
  my @layers = @lower;
  my @parts;
  if ($a{host}) { if ($a{userns}) { @parts = host_skeleton($scratch, $a{mask}); } else { host_layer($scratch, $a{mask}, $xattr); } push @lower, 'base'; }
  if (!@lower) { mkdir "$scratch/empty"; push @lower, 'empty'; }
  symlink("$a{directory}/upper", "$scratch/upper");
  symlink("$a{directory}/work", "$scratch/work");
  mkdir "$scratch/root";
  chdir($scratch) or die "chdir: $!\n";
  my $options = 'lowerdir=' . join(':', @lower) . ',upperdir=upper,workdir=work' . ($a{userns} ? ',userxattr' : ',redirect_dir=off');
  my $flags = $a{privileged} ? 0 : MS_NODEV;
  my ($name, $root, $type, $fast) = ('coracle', 'root', 'overlay', "$options,volatile");
  # volatile: the writable layer of a container need not outlive a power cut, and without it every unmount syncs the disk.
  if ($a{durable} || !sys('mount', $name, $root, $type, $flags, $fast)) { mount_at('root file system', $name, $root, $type, $flags, $options); }
  mount_host_parts($scratch, $a{directory}, \@layers, @parts) if @parts;
  chdir('root') or die "chdir: $!\n";
}

sub device_files {
  my ($old, $userns) = @_;
  mount_at('/dev', 'tmpfs', '/dev', 'tmpfs', MS_NOSUID, 'mode=755,size=65536k');
  # The host's own nodes, bound: everything else in the container is mounted nodev, so a device node that it makes for itself opens nothing, whatever the device cgroup says.
  for my $name (qw(null zero full random urandom tty)) { next unless -e "$old/dev/$name"; mount_point("/dev/$name", 0); bind_at("$old/dev/$name", "/dev/$name", 0); }
  mkdir "/dev/$_" for qw(pts shm mqueue);
  mount_at('/dev/pts', 'devpts', '/dev/pts', 'devpts', MS_NOSUID | MS_NOEXEC, 'newinstance,ptmxmode=0666,mode=0620' . ($userns ? '' : ',gid=5'));
  symlink('pts/ptmx', '/dev/ptmx');
  symlink('/proc/self/fd', '/dev/fd');
  symlink("/proc/self/fd/$$_[0]", "/dev/$$_[1]") for [0, 'stdin'], [1, 'stdout'], [2, 'stderr'];
  my ($none, $dev) = ('none', '/dev');
  sys('mount', $none, $dev, $none, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | MS_NOEXEC, $none);
}

# What Docker and containerd mask in /proc and /sys (runtime-spec defaults).
sub mask_kernel_files {
  my ($old) = @_;
  for my $path (qw(/proc/kcore /proc/keys /proc/latency_stats /proc/timer_list /proc/timer_stats /proc/sched_debug /proc/interrupts)) { bind_at("$old/dev/null", $path, 0) if -e $path; }
  for my $path (qw(/proc/acpi /proc/asound /proc/scsi /sys/firmware /sys/devices/virtual/powercap)) { mount_at($path, 'tmpfs', $path, 'tmpfs', MS_RDONLY | MS_NOSUID | MS_NODEV, 'size=0k') if -d $path; }
  for my $path (qw(/proc/bus /proc/fs /proc/irq /proc/sys /proc/sysrq-trigger)) { bind_at($path, $path, MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, -d $path) if -e $path; }
}

sub control_group_files {
  my ($old, %a) = @_;
  if ($a{cgroup2}) { my ($n, $at, $type, $no) = ('cgroup', '/sys/fs/cgroup', 'cgroup2', ''); sys('mount', $n, $at, $type, MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, $no); return; }
  my @own = list($a{cgroups}) or return;
  mount_at('/sys/fs/cgroup', 'tmpfs', '/sys/fs/cgroup', 'tmpfs', MS_NOSUID | MS_NODEV | MS_NOEXEC, 'mode=755');
  for my $entry (@own) { my ($name, $path) = list($entry); mkdir "/sys/fs/cgroup/$name"; bind_at("$old$path", "/sys/fs/cgroup/$name", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC); }
  my ($none, $at) = ('none', '/sys/fs/cgroup');
  sys('mount', $none, $at, $none, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, $none);
}

# The container's view of the file system. Its new root becomes / first and mounts are made in it afterwards, so that a symbolic link in the image can't lead a mount out of it; the host's
# tree hangs meanwhile under a name that no image can know.
sub container_files {
  my (%a) = @_;
  my @mounts = map { [list($_)] } list($a{mounts});
  # Opened while the host's tree is still /; used through the old /proc, which follows no link anew.
  for my $mount (@mounts) { my $fd = POSIX::open($$mount[0], O_PATH); defined $fd or die "mount source $$mount[0]: $!\n"; $$mount[4] = $fd; $$mount[5] = -d $$mount[0]; }
  my $self = $a{host_pid};
  root_filesystem(%a);
  my $old = "/.$a{secret}";
  my ($here, $put) = ('.', ".$old");
  mkdir($put, 0700) or die "mkdir: $!\n";
  must('pivot_root', 'pivot_root', $here, $put);
  chdir('/') or die "chdir: $!\n";
  make_path($_, 0755) for qw(/proc /dev /sys);
  my ($proc, $at) = ('proc', '/proc');
  my $fresh = sys('mount', $proc, $at, $proc, MS_NOSUID | MS_NODEV | MS_NOEXEC, '');
  # In a user namespace whose /proc is partly covered the kernel refuses a fresh one.
  bind_at("$old/proc", '/proc', 0, 1) unless $fresh;
  my ($sysfs, $sys) = ('sysfs', '/sys');
  sys('mount', $sysfs, $sys, $sysfs, MS_NOSUID | MS_NODEV | MS_NOEXEC | ($a{privileged} ? 0 : MS_RDONLY), '') or bind_at("$old/sys", '/sys', 0, 1);
  if ($a{privileged}) { bind_at("$old/dev", '/dev', 0, 1); }
  else { device_files($old, $a{userns}); mask_kernel_files($old) if $fresh; }
  eval { control_group_files($old, %a) };
  if (!$a{privileged}) { bind_at("$old$a{shm}", '/dev/shm', 0) if $a{shm}; eval { mount_at('/dev/mqueue', 'mqueue', '/dev/mqueue', 'mqueue', MS_NOSUID | MS_NODEV | MS_NOEXEC); }; }
  for my $mount (@mounts) {
    my ($source, $target, $flags, $propagation, $fd, $is_dir) = @$mount;
    eval {
      $target = resolved($target);
      mount_point($target, $is_dir);
      bind_at("$old/proc/$self/fd/$fd", $target, $flags + 0, 1);
      if ($propagation eq 'private') { my $none = 'none'; my $there = $target; sys('mount', $none, $there, $none, MS_PRIVATE | MS_REC, $none); }
      1;
    } or die "mount $source on $target: $@";
    POSIX::close($fd);
  }
  my $gone = $old;
  must('detach the host', 'umount2', $gone, 2);
  rmdir $old;
  if ($a{read_only}) { my ($none, $root) = ('none', '/'); must('make root read-only', 'mount', $none, $root, $none, MS_REMOUNT | MS_BIND | MS_RDONLY | ($a{privileged} ? 0 : MS_NODEV), $none); }
}

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
  my $watch = watch_children();
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
    must('unshare mount namespace', 'unshare', CLONE_NEWNS | ($a{userns} ? 0 : CLONE_NEWCGROUP));
    container_files(%a, host_pid => $host_pid);
  }, %a);
  my $started = now_ms();
  put_new("$a{directory}/running", join(' ', $$, start_time($$), $io{child}, start_time($io{child}), $started) . "\n");
  reply($id, 'ok', $$, start_time($$), $io{child}, start_time($io{child}), $started);
  stdio_null(0, 1, 2);
  my $status = shim_loop(%io, watch => $watch, log => $log, listener => $listener, stdin_once => $a{stdin_once}, on_exit => sub { kill_group($a{own_procs}) if $a{own_procs}; });
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
  my $watch = watch_children();
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
  shim_loop(%io, watch => $watch, listener => $listener, exec => 1);
  unlink("$a{id}.sock");
  POSIX::_exit(0);
}

# Waits ten seconds for a connection; a child's end interrupts select.
sub called { my ($listener) = @_; for (1 .. 20) { my $r = ''; vec($r, fileno $listener, 1) = 1; return 1 if select($r, undef, undef, 0.5) > 0; } return 0; }

# A plain relay between a connection inside the sandbox and a client of the run directory.
sub op_forward {
  my ($id, %a) = @_;
  POSIX::setsid();
  $0 = "coracle: port-forward $a{title}";
  my $listener = listen_at("$a{id}.sock");
  enter_ns($a{pause}, $a{userns} ? 'user' : (), 'net');
  my ($port, $inside, $error) = ($a{port} + 0);
  for my $to ([AF_INET, pack_sockaddr_in($port, inet_aton($a{address}))], [AF_INET6, pack_sockaddr_in6($port, Socket::inet_pton(AF_INET6, '::1'))]) {
    socket(my $s, $$to[0], SOCK_STREAM, 0) or next;
    if (connect($s, $$to[1])) { $inside = $s; last; }
    $error //= "$!";
  }
  die lc("dial tcp4 $a{address}:$port: connect: $error") . "\n" unless $inside;
  reply($id, 'ok');
  stdio_null(0, 1, 2);
  my $there = called($listener) && accept(my $outside, $listener);
  unlink("$a{id}.sock");
  relay($inside, $outside) if $there;
  POSIX::_exit(0);
}
sub relay {
  my @ends = @_;
  nonblocking($_) for @ends;
  my @buffer = ('', '');
  my @open = (1, 1);
  while ($open[0] || $open[1] || length $buffer[0] || length $buffer[1]) {
    my ($r, $w) = ('', '');
    for my $i (0, 1) { vec($r, fileno $ends[$i], 1) = 1 if $open[$i] && length $buffer[$i] < 262144; vec($w, fileno $ends[1 - $i], 1) = 1 if length $buffer[$i]; }
    next if select($r, $w, undef, undef) < 0;
    for my $i (0, 1) {
      if (vec($r, fileno $ends[$i], 1)) { my $got = sysread($ends[$i], $buffer[$i], 131072, length $buffer[$i]); if (!$got && (defined $got || !$!{EAGAIN})) { return unless defined $got; $open[$i] = 0; shutdown($ends[1 - $i], 1) unless length $buffer[$i]; } }
      if (vec($w, fileno $ends[1 - $i], 1)) { my $sent = syswrite($ends[1 - $i], $buffer[$i]); if (defined $sent) { substr($buffer[$i], 0, $sent) = ''; shutdown($ends[1 - $i], 1) if !$open[$i] && !length $buffer[$i]; } elsif (!$!{EAGAIN}) { return; } }
    }
  }
}
`;
