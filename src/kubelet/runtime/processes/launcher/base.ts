/**
 * The launcher is one long-lived Perl process that forks everything of ours: sandboxes, containers, execs. Why Perl: perl-base is Essential in Debian and Ubuntu, so it needs no
 * compiler and no package; `syscall()` gives it unshare, setns, mount, capset and the rest, so a container needs no `unshare`, `nsenter`, `mount`, `setpriv` or `ip` child (each 1-5 ms, and
 * util-linux 2.38's unshare loses a SIGKILL's exit status); and a fork of it costs less than Node's spawn, off Node's main thread.
 *
 * This part: system call numbers, the message format, small helpers. Messages on stdin and stdout are a u32 length and a list of u32-counted strings (`pack "(N/a*)*"`).
 */
export const base = String.raw`
use strict;
use warnings;
use POSIX ();
use Fcntl qw(:DEFAULT :mode);
use Socket;

my ($machine) = (POSIX::uname())[4];
my %tables = (
  x86_64 => { mount => 165, umount2 => 166, pivot_root => 155, unshare => 272, setns => 308, prctl => 157, capset => 126, setgroups => 116, setresuid => 117, setresgid => 119,
    sethostname => 170, clock_gettime => 228, mknodat => 259, close_range => 436, lsetxattr => 189, lgetxattr => 192, signalfd4 => 289 },
  aarch64 => { mount => 40, umount2 => 39, pivot_root => 41, unshare => 97, setns => 268, prctl => 167, capset => 91, setgroups => 159, setresuid => 147, setresgid => 149,
    sethostname => 161, clock_gettime => 113, mknodat => 33, close_range => 436, lsetxattr => 6, lgetxattr => 9, signalfd4 => 74 },
);
my %SYS = %{ $tables{$machine} || die "no system call table for $machine\n" };

use constant { CLONE_NEWNS => 0x20000, CLONE_NEWCGROUP => 0x02000000, CLONE_NEWUTS => 0x04000000, CLONE_NEWIPC => 0x08000000, CLONE_NEWUSER => 0x10000000, CLONE_NEWPID => 0x20000000, CLONE_NEWNET => 0x40000000 };
use constant { MS_RDONLY => 1, MS_NOSUID => 2, MS_NODEV => 4, MS_NOEXEC => 8, MS_REMOUNT => 32, MS_BIND => 4096, MS_REC => 16384, MS_PRIVATE => 1 << 18, MS_SLAVE => 1 << 19 };
use constant { PR_SET_PDEATHSIG => 1, PR_SET_SECCOMP => 22, PR_CAPBSET_DROP => 24, PR_SET_CHILD_SUBREAPER => 36, PR_SET_NO_NEW_PRIVS => 38, PR_CAP_AMBIENT => 47, AT_FDCWD => -100, O_PATH => 0x200000, SFD_CLOEXEC => 0x80000 };

# syscall() may write through its string arguments, so each call gets copies.
sub sys { my ($name, @a) = @_; return syscall($SYS{$name}, @a) != -1; }
sub must { my ($what, $name, @a) = @_; sys($name, @a) or die "$what: $!\n"; }

sub list { return unpack('(N/a*)*', $_[0]); }
sub joined { return pack('(N/a*)*', @_); }

sub slurp { my ($path) = @_; open(my $f, '<', $path) or return undef; local $/; my $text = <$f>; return $text; }
sub put { my ($path, $text) = @_; sysopen(my $f, $path, O_WRONLY) or die "open $path: $!\n"; defined syswrite($f, $text) or die "write $path: $!\n"; }
sub put_new { my ($path, $text) = @_; open(my $f, '>', "$path.new") or die "create $path: $!\n"; print $f $text; close($f) or die "write $path: $!\n"; rename("$path.new", $path) or die "rename $path: $!\n"; }

sub make_path { my ($path, $mode) = @_; my $at = ''; for my $part (grep { length } split m{/}, $path) { $at .= "/$part"; mkdir($at, $mode) or $!{EEXIST} or die "mkdir $at: $!\n"; } }

sub now { my $ts = "\0" x 16; syscall($SYS{clock_gettime}, 0, $ts); return unpack('qq', $ts); }
sub now_ms { my ($s, $ns) = now(); return $s * 1000 + int($ns / 1e6); }
# Field 22 of stat, counted after the name, which may hold anything: what tells a process from a later one with its number.
sub start_time { my $stat = slurp("/proc/$_[0]/stat"); return '' unless defined $stat; $stat =~ s/^.*\) //s; return (split / /, $stat)[19]; }

my $reply_fd = 1;
sub frame { my $body = joined(@_); return pack('N/a*', $body); }
# Below PIPE_BUF, so that replies of several children never mix.
sub reply { my ($id, $status, @fields) = @_; my $message = frame($id, $status, map { substr($_, 0, 3000) } @fields); POSIX::write($reply_fd, $message, length $message); }

sub reset_signals { $SIG{$_} = 'DEFAULT' for qw(CHLD PIPE INT TERM HUP QUIT USR1 USR2); my $none = POSIX::SigSet->new; POSIX::sigprocmask(POSIX::SIG_SETMASK(), $none); }
sub stdio_null { my $fd = POSIX::open('/dev/null', O_RDWR); POSIX::dup2($fd, $_) for @_; POSIX::close($fd) if $fd > 2; }
sub close_from { sys('close_range', $_[0] + 0, 0xffffffff + 0, ($_[1] || 0) + 0); }

sub join_cgroups { for my $procs (list($_[0])) { put($procs, '0'); } }
sub make_cgroups {
  my ($plan) = @_;
  for my $step (list($plan)) {
    my ($kind, $path, $value) = list($step);
    if ($kind eq 'dir') { make_path($path, 0755); }
    elsif ($kind eq 'try') { eval { put($path, $value) }; }
    else { put($path, $value); }
  }
}
sub open_ns { my ($pid, $kind) = @_; my $fd = POSIX::open("/proc/$pid/ns/$kind", O_RDONLY); defined $fd or die "sandbox is gone: $!\n"; return $fd; }
sub same_ns { my ($pid, $kind) = @_; return (readlink("/proc/$pid/ns/$kind") // '') eq (readlink("/proc/self/ns/$kind") // '-'); }
sub enter_ns { my ($pid, @kinds) = @_; my @fds = map { [$_, open_ns($pid, $_)] } grep { !same_ns($pid, $_) } @kinds; for (@fds) { must("enter the sandbox's $$_[0] namespace", 'setns', $$_[1], 0); POSIX::close($$_[1]); } }
# One id is all that an unprivileged user may map without a set-uid helper.
sub enter_own_user_namespace { my ($uid, $gid) = ($>, (split ' ', $))[0]); must('unshare user namespace', 'unshare', CLONE_NEWUSER); put('/proc/self/setgroups', 'deny'); put('/proc/self/uid_map', "0 $uid 1"); put('/proc/self/gid_map', "0 $gid 1"); }
`;
