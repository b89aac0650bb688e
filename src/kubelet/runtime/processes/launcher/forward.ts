/** Forwarding a port: a relay between a connection inside a sandbox and one from outside. */
export const forward = String.raw`
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
