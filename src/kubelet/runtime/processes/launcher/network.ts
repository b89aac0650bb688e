/** Links, addresses and routes by netlink (rtnetlink(7)), spoken from Perl: a pod's network is six messages in well under a millisecond, where the `ip` command takes 2 ms a call. */
export const network = String.raw`
my $nl_seq = 0;
sub nl_open { socket(my $s, 16, SOCK_RAW, 0) or die "netlink: $!\n"; return $s; }
sub nl {
  my ($s, $type, $flags, $body) = @_;
  my $message = pack('LSSLL', 16 + length $body, $type, $flags | 5, ++$nl_seq, 0) . $body;
  defined send($s, $message, 0) or die "netlink: $!\n";
  for (;;) {
    defined recv($s, my $answer, 65536, 0) or die "netlink: $!\n";
    my ($length, $kind, undef, $seq) = unpack('LSSL', $answer);
    next if $seq != $nl_seq || $kind != 2;
    my $error = -unpack('l', substr($answer, 16, 4));
    $! = $error;
    return $error;
  }
}
sub nl_must { my ($what, @a) = @_; my $error = nl(@a); if ($error) { $! = $error; die "$what: $!\n"; } }
sub attr { my ($type, $data) = @_; my $length = 4 + length $data; return pack('SS', $length, $type) . $data . "\0" x (-$length & 3); }
sub link_info { my ($index, $up) = @_; return pack('CxSlLL', 0, 0, $index, $up ? 1 : 0, $up ? 1 : 0); }
sub link_index { my ($name) = @_; socket(my $s, AF_INET, SOCK_DGRAM, 0) or die "socket: $!\n"; my $request = pack('a16 l x20', $name, 0); ioctl($s, 0x8933, $request) or return 0; return unpack('x16 l', $request); }
sub link_up { my ($s, $index) = @_; nl_must('bring link up', $s, 16, 0, link_info($index, 1)); }
sub address { my ($s, $index, $ip, $prefix) = @_; my $packed = inet_aton($ip); my $error = nl($s, 20, 0x600, pack('CCCCL', 2, $prefix, 0, 0, $index) . attr(2, $packed) . attr(1, $packed)); if ($error && $error != 17) { $! = $error; die "address $ip/$prefix: $!\n"; } }
sub default_route { my ($s, $gateway) = @_; nl_must("default route via $gateway", $s, 24, 0x600, pack('CCCCCCCCL', 2, 0, 0, 0, 254, 3, 0, 1, 0) . attr(5, inet_aton($gateway))); }
sub delete_link { my ($s, $index) = @_; nl_must('delete link', $s, 17, 0, link_info($index, 0)); }
sub sysctl_try { my ($key, $value) = @_; eval { put("/proc/sys/net/$key", $value) }; }

# A bridge that is this node's end of every pod's link. Made again over one that is there changes nothing.
sub op_bridge {
  my ($id, %a) = @_;
  my $s = nl_open();
  my $index = link_index($a{name});
  if (!$index) {
    my $error = nl($s, 16, 0x600, link_info(0, 0) . attr(3, "$a{name}\0") . attr(1, pack('H12', $a{mac})) . attr(18, attr(1, 'bridge')));
    if ($error && $error != 17) { $! = $error; die "bridge $a{name}: $!\n"; }
    $index = link_index($a{name});
  }
  sysctl_try("ipv6/conf/$a{name}/disable_ipv6", '1');
  address($s, $index, $a{ip}, $a{prefix});
  link_up($s, $index);
  reply($id, 'ok');
}

# A veth pair: one end on the bridge, the other as eth0 in the sandbox, with its address and default route.
sub op_attach {
  my ($id, %a) = @_;
  my $host = nl_open();
  my $bridge = link_index($a{bridge}) or die "bridge $a{bridge} is gone\n";
  my $fd = open_ns($a{pid}, 'net');
  # Two pairs can't share a name: a leftover of the same sandbox goes first.
  if (my $old = link_index($a{link})) { delete_link($host, $old); }
  my $peer = link_info(0, 0) . attr(3, "eth0\0") . attr(1, pack('H12', $a{mac})) . attr(28, pack('L', $fd));
  nl_must("veth $a{link}", $host, 16, 0x600, link_info(0, 0) . attr(3, "$a{link}\0") . attr(10, pack('L', $bridge)) . attr(18, attr(1, 'veth') . attr(2, attr(1, $peer))));
  sysctl_try("ipv6/conf/$a{link}/disable_ipv6", '1');
  link_up($host, link_index($a{link}));
  must('enter network namespace', 'setns', $fd, 0);
  my $inside = nl_open();
  # Without duplicate address detection, a link-local address is there at once instead of after a second.
  sysctl_try('ipv6/conf/eth0/accept_dad', '0');
  my $eth0 = link_index('eth0');
  address($inside, $eth0, $a{ip}, $a{prefix});
  link_up($inside, $eth0);
  default_route($inside, $a{gateway});
  reply($id, 'ok');
}

sub op_unlink { my ($id, %a) = @_; my $s = nl_open(); for my $name (list($a{links})) { my $index = link_index($name); delete_link($s, $index) if $index; } reply($id, 'ok'); }
`;
