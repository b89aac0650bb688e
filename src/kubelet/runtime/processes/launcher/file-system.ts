/** The file system that a container sees: its layers, the parts of the host it may have, devices, the kernel's files and its mounts. */
export const fileSystem = String.raw`
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
  my $try = sub {
    my ($work, $volatile, @layers) = @_;
    # A try that failed leaves marks in its work directory which the next one would stumble over.
    if ($work ne 'work') { mkdir "$a{directory}/$work"; symlink("$a{directory}/$work", "$scratch/$work"); }
    my $options = 'lowerdir=' . join(':', @layers) . ",upperdir=upper,workdir=$work" . ($a{userns} ? ',userxattr' : ',redirect_dir=off') . $volatile;
    my ($name, $root, $type) = ('coracle', 'root', 'overlay');
    return sys('mount', $name, $root, $type, $a{privileged} ? 0 : MS_NODEV, $options);
  };
  # volatile: the writable layer of a container need not outlive a power cut, and without it every unmount syncs the disk.
  my $mount = sub { my ($suffix, @layers) = @_; return (!$a{durable} && $try->("work$suffix", ',volatile', @layers)) || $try->("work$suffix-slow", '', @layers); };
  if (!$mount->('', @lower)) {
    my $why = "$!" . ($!{EINVAL} ? ' (an overlay cannot be written to another one: in a container the data directory has to lie on a volume)' : '');
    # Overlays lie on one another twice at most. Where / is one itself, as in a container, it and the mask are layers of this one: nothing of ours can lie inside it there.
    $a{host} && !$a{userns} && $mount->('-flat', @layers, 'mask', '/') or die "mount root file system: $why\n";
  }
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
  if ($a{cgroup2}) {
    my $own = sub { my ($n, $at, $type, $no) = ('cgroup', '/sys/fs/cgroup', 'cgroup2', ''); return sys('mount', $n, $at, $type, MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, $no); };
    # Where /sys is the host's, its groups are there, and the kernel refuses the same file system on itself.
    $own->() or do { mount_at('/sys/fs/cgroup', 'tmpfs', '/sys/fs/cgroup', 'tmpfs', MS_NOSUID | MS_NODEV | MS_NOEXEC, 'mode=755'); $own->(); };
    return;
  }
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
`;
