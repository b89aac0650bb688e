/**
 * The filter of `seccompProfile: RuntimeDefault`: what Docker's and containerd's default profile keeps from containers, unless they were given the capability that the call is about.
 * Theirs lists what is allowed; this one lists what is not, so a call that is newer than the list is allowed.
 */

/** By capability that lifts it ('' = none does): name → number on x86-64 and on arm64; 0 = is not there. */
const DENIED: Readonly<Record<string, Readonly<Record<string, readonly [x64: number, arm64: number]>>>> = {
  '': {
    add_key: [248, 217], keyctl: [250, 219], request_key: [249, 218], io_uring_setup: [425, 425], io_uring_enter: [426, 426], io_uring_register: [427, 427], userfaultfd: [323, 282],
    kexec_load: [246, 104], kexec_file_load: [320, 294], swapon: [167, 224], swapoff: [168, 225], pivot_root: [155, 41], move_pages: [279, 239], migrate_pages: [256, 238],
    nfsservctl: [180, 42], create_module: [174, 0], get_kernel_syms: [177, 0], query_module: [178, 0], uselib: [134, 0], ustat: [136, 0], sysfs: [139, 0], _sysctl: [156, 0],
  },
  SYS_ADMIN: {
    mount: [165, 40], umount2: [166, 39], mount_setattr: [442, 442], move_mount: [429, 429], open_tree: [428, 428], fsopen: [430, 430], fsconfig: [431, 431], fsmount: [432, 432], fspick: [433, 433],
    unshare: [272, 97], setns: [308, 268], sethostname: [170, 161], setdomainname: [171, 162], fanotify_init: [300, 262], lookup_dcookie: [212, 18], quotactl: [179, 60], quotactl_fd: [443, 443],
  },
  BPF: { bpf: [321, 280] },
  PERFMON: { perf_event_open: [298, 241] },
  SYSLOG: { syslog: [103, 116] },
  SYS_BOOT: { reboot: [169, 142] },
  SYS_MODULE: { init_module: [175, 105], finit_module: [313, 273], delete_module: [176, 106] },
  SYS_PACCT: { acct: [163, 89] },
  SYS_PTRACE: { kcmp: [312, 272] },
  SYS_RAWIO: { iopl: [172, 0], ioperm: [173, 0] },
  SYS_TIME: { settimeofday: [164, 170], clock_settime: [227, 112], clock_adjtime: [305, 266] },
  SYS_TTY_CONFIG: { vhangup: [153, 58] },
  SYS_NICE: { mbind: [237, 235], set_mempolicy: [238, 237], get_mempolicy: [239, 236], set_mempolicy_home_node: [450, 450] },
  DAC_READ_SEARCH: { open_by_handle_at: [304, 265] },
};

const MACHINES: Readonly<Record<string, { readonly column: 0 | 1; readonly audit: number; readonly clone: number }>> = {
  x64: { column: 0, audit: 0xc000003e, clone: 56 },
  arm64: { column: 1, audit: 0xc00000b7, clone: 220 },
};

const LOAD = 0x20;
const IF_EQUAL = 0x15;
const IF_AT_LEAST = 0x35;
const IF_ANY_BIT = 0x45;
const RETURN = 0x06;
const ALLOW = 0x7fff0000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;
/** Where struct seccomp_data has them. */
const NUMBER = 0;
const MACHINE = 4;
const FIRST_ARGUMENT = 16;
const X32 = 0x40000000;
const CLONE3 = 435;
const NEW_NAMESPACES = 0x7e020000;

/** The filter as an array of struct sock_filter. Programs of another machine (32 bit) find no system calls at all. Throws on a machine whose numbers are not known. */
export function runtimeDefaultFilter(capabilities: readonly string[], machine: string = process.arch): Buffer {
  const known = MACHINES[machine];
  if (!known) throw new Error(`seccomp profile RuntimeDefault is not available on ${machine}`);
  const has = (name: string) => capabilities.includes(name) || (['BPF', 'PERFMON', 'SYSLOG'].includes(name) && capabilities.includes('SYS_ADMIN'));
  const denied = Object.entries(DENIED).filter(([capability]) => !has(capability)).flatMap(([, calls]) => Object.values(calls).map((numbers) => numbers[known.column])).filter((number) => number !== 0);
  const program: (readonly [code: number, ifTrue: number, ifFalse: number, value: number])[] = [
    [LOAD, 0, 0, MACHINE], [IF_EQUAL, 1, 0, known.audit], [RETURN, 0, 0, ENOSYS],
    [LOAD, 0, 0, NUMBER],
  ];
  if (machine === 'x64') program.push([IF_AT_LEAST, 0, 1, X32], [RETURN, 0, 0, ENOSYS]);
  for (const number of denied) program.push([IF_EQUAL, 0, 1, number], [RETURN, 0, 0, EPERM]);
  if (!has('SYS_ADMIN')) {
    // clone3's flags lie in memory, where a filter cannot look; libraries fall back to clone.
    program.push([IF_EQUAL, 0, 1, CLONE3], [RETURN, 0, 0, ENOSYS]);
    program.push([IF_EQUAL, 0, 3, known.clone], [LOAD, 0, 0, FIRST_ARGUMENT], [IF_ANY_BIT, 0, 1, NEW_NAMESPACES], [RETURN, 0, 0, EPERM]);
  }
  program.push([RETURN, 0, 0, ALLOW]);
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(([code, ifTrue, ifFalse, value], i) => {
    bytes.writeUInt16LE(code, i * 8);
    bytes.writeUInt8(ifTrue, i * 8 + 2);
    bytes.writeUInt8(ifFalse, i * 8 + 3);
    bytes.writeUInt32LE(value, i * 8 + 4);
  });
  return bytes;
}
