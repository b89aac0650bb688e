/**
 * The loop of a shim: the small process that owns a container's (or an exec's) pipes. One per container, so that logs go on with exact times, exit codes are known and attach works
 * whether or not Coracle runs meanwhile. Redirecting output straight into a file would need no process, but it loses the time of each line and the split of stdout and stderr while Coracle is
 * away; a forked Perl costs about 1 MB of private memory.
 *
 * Clients connect to a unix socket and speak frames of a type byte, a u32 length and data: to the client 1 stdout, 2 stderr, 3 exit code; from it 0 stdin, 4 size (u16 columns, rows), 5 end of stdin, 9 signal.
 */
export const streams = String.raw`
use constant { TIOCSPTLCK => 0x40045431, TIOCGPTN => 0x80045430, TIOCSWINSZ => 0x5414, TIOCSCTTY => 0x540E, FIONBIO => 0x5421, MAX_LINE => 16384, MAX_BEHIND => 1 << 20 };

sub nonblocking { my ($fh) = @_; my $on = pack('i', 1); ioctl($fh, FIONBIO, $on); }
sub fh_of { my ($fd, $mode) = @_; open(my $fh, "$mode&=", $fd) or die "fd $fd: $!\n"; return $fh; }

# Waits ten seconds for a connection.
sub called { my ($listener) = @_; for (1 .. 20) { my $r = ''; vec($r, fileno $listener, 1) = 1; return 1 if select($r, undef, undef, 0.5) > 0; } return 0; }
# The path is relative to the run directory (the launcher's working directory): a socket's path holds only 108 bytes.
sub listen_at {
  my ($name) = @_;
  unlink $name;
  socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die "socket: $!\n";
  bind($s, pack_sockaddr_un($name)) or die "bind $name: $!\n";
  listen($s, 16) or die "listen: $!\n";
  nonblocking($s);
  return $s;
}

# The log follows its name: when the kubelet has renamed it away, the next write opens a new one.
sub log_open {
  my ($log) = @_;
  my $ok = sysopen(my $f, $$log{path}, O_WRONLY | O_APPEND | O_CREAT, 0640);
  if (!$ok) { my $dir = $$log{path}; $dir =~ s{/[^/]*$}{}; eval { make_path($dir, 0755) }; sysopen($f, $$log{path}, O_WRONLY | O_APPEND | O_CREAT, 0640) or return; }
  @$log{qw(fh dev ino)} = ($f, (stat $f)[0, 1]);
}
sub log_write {
  my ($log, $text) = @_;
  my @there = stat $$log{path};
  log_open($log) if !$$log{fh} || !@there || $there[0] != $$log{dev} || $there[1] != $$log{ino};
  # A full disk loses log lines, not the container.
  syswrite($$log{fh}, $text) if $$log{fh};
}
sub stamp {
  my ($log) = @_;
  my ($s, $ns) = now();
  if (($$log{second} // -1) != $s) { $$log{second} = $s; $$log{prefix} = POSIX::strftime('%Y-%m-%dT%H:%M:%S', gmtime $s); }
  return sprintf('%s.%09dZ', $$log{prefix}, $ns);
}
# CRI's log format: time, stream, F or P (a line cut at 16 KiB), text.
sub log_output {
  my ($log, $source, $data, $end) = @_;
  my $head = stamp($log) . " $$source{name} ";
  my $buffer = $$source{rest} . $data;
  my $out = '';
  my $at = 0;
  my $size = length $buffer;
  while ($at < $size) {
    my $newline = index($buffer, "\n", $at);
    if ($newline >= 0 && $newline - $at <= MAX_LINE) { $out .= $head . 'F ' . substr($buffer, $at, $newline - $at + 1); $at = $newline + 1; }
    elsif ($size - $at >= MAX_LINE) { $out .= $head . 'P ' . substr($buffer, $at, MAX_LINE) . "\n"; $at += MAX_LINE; }
    else { last; }
  }
  $$source{rest} = substr($buffer, $at);
  if ($end && length $$source{rest}) { $out .= $head . 'P ' . $$source{rest} . "\n"; $$source{rest} = ''; }
  log_write($log, $out) if length $out;
}

# A handle that is readable once a child has ended. Not a handler that writes to a pipe: Perl runs handlers between its own steps, and one whose signal came just before select() began would
# run only when something else wakes it, so a container's end could stay unnoticed.
my $child_ended;
sub watch_children {
  POSIX::sigprocmask(POSIX::SIG_BLOCK(), POSIX::SigSet->new(POSIX::SIGCHLD()));
  my $mask = pack('Q', 1 << (POSIX::SIGCHLD() - 1));
  my $fd = syscall($SYS{signalfd4}, -1, $mask, 8, O_NONBLOCK | SFD_CLOEXEC);
  die "signalfd: $!\n" if $fd < 0;
  open($child_ended, '<&=', $fd) or die "signalfd: $!\n";
}

# Moves bytes until the child has ended and its output is drained; returns its wait status. %o: child, outputs [[name, fh]], stdin fh, master fh, log, listener, clients, stdin_once, on_exit.
sub shim_loop {
  my (%o) = @_;
  my %sources = map { my ($name, $fh) = @$_; nonblocking($fh); (fileno($fh) => { name => $name, fh => $fh, rest => '', type => $name eq 'stderr' ? 2 : 1 }) } @{ $o{outputs} };
  my $input = { fh => $o{stdin}, buffer => '', close => 0 };
  nonblocking($input->{fh}) if $input->{fh};
  my %clients;
  my $add = sub { my ($fh) = @_; nonblocking($fh); $clients{fileno $fh} = { fh => $fh, in => '', out => '' }; };
  my $drop = sub { my ($client) = @_; delete $clients{fileno $$client{fh}}; close $$client{fh}; if (!%clients) { $input->{close} = 1 if $o{stdin_once}; kill 'KILL', $o{child} if $o{exec} && $o{child}; } };
  my $handle = sub {
    my ($client, $type, $data) = @_;
    if ($type == 0) { $$client{typed} = 1; $input->{buffer} .= $data if $input->{fh}; }
    elsif ($type == 5) { $input->{close} = 1 unless $o{log} && !$o{stdin_once}; }
    elsif ($type == 4 && $o{master}) { my ($columns, $rows) = unpack('nn', $data); my $size = pack('SSSS', $rows, $columns, 0, 0); ioctl($o{master}, TIOCSWINSZ, $size); }
    elsif ($type == 9) { kill $data, $o{child} if $o{child}; }
  };
  my ($status, $quiet_until);
  for (;;) {
    if (!defined $status) { my $pid = waitpid($o{child}, POSIX::WNOHANG()); if ($pid == $o{child}) { $status = $?; $o{child} = 0; $o{on_exit}->() if $o{on_exit}; } }
    last if defined $status && !%sources;
    my $behind = 0;
    for (values %clients) { $behind = 1 if length $$_{out} > MAX_BEHIND; }
    my ($r, $w) = ('', '');
    vec($r, fileno $child_ended, 1) = 1;
    vec($r, fileno $o{listener}, 1) = 1 if $o{listener};
    if (!$behind) { vec($r, $_, 1) = 1 for keys %sources; }
    for (values %clients) { vec($w, fileno $$_{fh}, 1) = 1 if length $$_{out}; vec($r, fileno $$_{fh}, 1) = 1 if !$$_{typed} || length $input->{buffer} < MAX_BEHIND; }
    if ($input->{fh}) {
      if (length $input->{buffer}) { vec($w, fileno $input->{fh}, 1) = 1; }
      elsif ($input->{close}) { if ($o{master}) { syswrite($o{master}, "\x04"); } else { close $input->{fh}; $input->{fh} = undef; } $input->{close} = 0; }
    }
    # After the end, output that something in the background still holds open is waited for only while it flows; a client that holds it up gets as long as it gets for the last words.
    my $n = select($r, $w, undef, defined $status ? ($behind ? 5 : 0.1) : undef);
    if ($n == 0 && defined $status) { last; }
    if ($n < 0) { next; }
    if (vec($r, fileno $child_ended, 1)) { sysread($child_ended, my $which, 4096); }
    if ($o{listener} && vec($r, fileno $o{listener}, 1)) { while (accept(my $fh, $o{listener})) { $add->($fh); } }
    for my $fd (keys %sources) {
      next unless vec($r, $fd, 1);
      my $source = $sources{$fd};
      my $got = sysread($$source{fh}, my $data, 65536);
      if ($got) {
        log_output($o{log}, $source, $data, 0) if $o{log};
        $$_{out} .= pack('CN/a*', $$source{type}, $data) for values %clients;
      } elsif (defined $got || !($!{EAGAIN} || $!{EINTR})) {
        log_output($o{log}, $source, '', 1) if $o{log};
        delete $sources{$fd};
        close $$source{fh} unless $o{master};
      }
    }
    if ($input->{fh} && vec($w, fileno $input->{fh}, 1)) {
      my $sent = syswrite($input->{fh}, $input->{buffer});
      if (defined $sent) { substr($input->{buffer}, 0, $sent) = ''; }
      elsif (!$!{EAGAIN}) { close $input->{fh}; $input->{fh} = undef; $input->{buffer} = ''; }
    }
    for my $client (values %clients) {
      my $fd = fileno $$client{fh};
      if (vec($w, $fd, 1)) { my $sent = syswrite($$client{fh}, $$client{out}); if (defined $sent) { substr($$client{out}, 0, $sent) = ''; } elsif (!$!{EAGAIN}) { $drop->($client); next; } }
      if (vec($r, $fd, 1)) {
        my $got = sysread($$client{fh}, $$client{in}, 65536, length $$client{in});
        if (!$got) { $drop->($client) if defined $got || !$!{EAGAIN}; next; }
        while (length $$client{in} >= 5) {
          my ($type, $length) = unpack('CN', $$client{in});
          if ($length > 1 << 24) { $drop->($client); last; }
          last if length $$client{in} < 5 + $length;
          my $data = substr($$client{in}, 5, $length);
          substr($$client{in}, 0, 5 + $length) = '';
          $handle->($client, $type, $data);
        }
      }
    }
  }
  for my $source (values %sources) { log_output($o{log}, $source, '', 1) if $o{log}; }
  # The last words and the exit code: a client gets five seconds to take them.
  for my $client (values %clients) {
    my $out = $$client{out} . pack('CN/a*', 3, exit_code($status));
    while (length $out) {
      my $w = '';
      vec($w, fileno $$client{fh}, 1) = 1;
      last unless select(undef, $w, undef, 5) > 0;
      my $sent = syswrite($$client{fh}, $out);
      last unless defined $sent || $!{EAGAIN};
      substr($out, 0, $sent // 0) = '';
    }
    close $$client{fh};
  }
  return $status;
}
sub exit_code { my ($status) = @_; return $status & 127 ? 128 + ($status & 127) : $status >> 8; }

# The terminal's master comes from the container's own devpts, so that the container sees it as /dev/pts/N.
sub open_master {
  my ($root) = @_;
  my $fd = POSIX::open("$root/dev/pts/ptmx", O_RDWR | O_NOCTTY);
  # A host's own devpts is opened through /dev/ptmx only.
  $fd = POSIX::open("$root/dev/ptmx", O_RDWR | O_NOCTTY) unless defined $fd;
  defined $fd or die "open terminal: $!\n";
  my $fh = fh_of($fd, '+<');
  my $zero = pack('i', 0);
  ioctl($fh, TIOCSPTLCK, $zero) or die "unlock terminal: $!\n";
  my $number = pack('i', 0);
  ioctl($fh, TIOCGPTN, $number) or die "terminal number: $!\n";
  return ($fh, unpack('i', $number));
}
`;
