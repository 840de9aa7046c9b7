#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# make check-mutants: takes one protection out of the source at a time, builds
# that, and looks whether a probe or a test notices. One that does not is either
# not needed or not tested. Each row says what is to be seen: "ESCAPED" where
# the protection is the only thing that holds, "held" where another layer still
# does, which then falls in a row of its own with both taken out.
#
#   mutate.sh [PATTERN]     rows whose name matches; a build tree is made
#                           in $SBX_MUTANTS, or in a temporary directory
#
# tests/jail/README has what it printed last. As root: some layers are of use
# to root only.
# shellcheck disable=SC2317 # functions are called by name
. "$srcdir/tests/tap/tap.sh"
. "$srcdir/tests/jail/lib.sh"

[ "$(id -u)" -eq 0 ] || {
	echo '1..0 # SKIP the mutants are run as root'
	exit 0
}
wanted=${1:-}
tree=${SBX_MUTANTS:-$tmp/mutants}

# ---- the build -----------------------------------------------------------

make_tree() {
	mkdir -p "$tree/src" "$tree/build"
	tar -C "$srcdir" --exclude=./.git --exclude='./build*' -cf - . |
		tar -C "$tree/src" -xf -
	tar -C "$srcdir" -cf - build-aux | tar -C "$tree/src" -xf -
	cd "$tree/build" || exit 99
	# what a mutant of the last run was built from has gone since
	find "$tree/src" -name '*.c' -exec touch {} +
	[ -f Makefile ] || ../src/configure -q CFLAGS=-O1 || exit 99
	make -s check-build >"$tmp/make" 2>&1 || {
		tail -n 20 "$tmp/make"
		exit 99
	}
}

put_back() {
	for f in $mutated; do
		cp "$srcdir/$f" "$tree/src/$f"
	done
	mutated=
}

# Take it out: FILE SED pairs. Each has to change its file.
take_out() {
	mutated=
	while [ $# -gt 1 ]; do
		cp "$tree/src/$1" "$tmp/before"
		sed -i "$2" "$tree/src/$1"
		mutated="$mutated $1"
		if cmp -s "$tmp/before" "$tree/src/$1"; then
			diag "nothing changed in $1 by: $2"
			return 1
		fi
		shift 2
	done
	make -s -C "$tree/build" sbx >"$tmp/make" 2>&1 && return 0
	diag "$(grep -m 5 error "$tmp/make")"
	return 1
}

# ---- what notices --------------------------------------------------------

# probe POLICY GLOB WANT
probe() {
	case $1 in
	tty) plant "$jail_bin/onpty" "$sbx" run --quiet -- \
		./probe --only "$2" @ctx ;;
	default) plant "$sbx" run --quiet --discard -- \
		./probe --only "$2" @ctx ;;
	*) plant "$sbx" run --quiet --discard --policy "$area/$1.yaml" -- \
		./probe --only "$2" @ctx ;;
	esac
	seen=$(grep -a -o -m 1 -e "ESCAPED.*" -e 'held' "$area/out" |
		cut -c 1-60)
	[ -n "$seen" ] || seen="not started: $(head -n 1 "$area/err")"
	case $seen in "$3"*) true ;; *) false ;; esac
}

# suite SCRIPT NAME-PATTERN: the test of that name fails
suite() {
	SBX=$tree/build/sbx SBX_TEST_STARTS=400 SBX_TEST_KILLS=60 \
		timeout 280 sh "$srcdir/tests/jail/$1" </dev/null \
		>"$tmp/suite" 2>&1
	seen=$(grep -m 1 "^not ok.*$2" "$tmp/suite" | sed 's/^not ok [0-9]* - //')
	[ -n "$seen" ]
}

# mutant NAME NOTICE... -- FILE SED...
mutant() {
	name=$1
	shift
	case $name in *$wanted*) ;; *) return ;; esac
	notice=
	while [ "$1" != -- ]; do
		notice="$notice '$1'"
		shift
	done
	shift
	if take_out "$@"; then
		rm -f "$sbx"
		cp "$tree/build/sbx" "$sbx"
		eval "$notice"
		ok $? "$name: $notice" || diag "seen: $seen"
		printf '#   %-34s | %s\n' "$name" "$seen"
	else
		ok 1 "$name: it can be taken out"
	fi
	put_back
}

jail_setup
become root
write_policies
make_tree
cd "$tmp" || exit 99

jail=runtime/jail
no_filter='s/if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, prog) < 0)/if (!prog)/'
no_capset='s/if (syscall(SYS_capset, &head, none) < 0)/if (!head.version || !none)/'
no_bounding='s/r = drop_bounding(err);/r = 0;/;/^static int drop_bounding/i __attribute__((unused))'
no_bits='s/if (prctl(PR_SET_SECUREBITS, LOCKED_BITS, 0, 0, 0) < 0)/if (0)/'
no_landlock='s/plan->landlock_abi > 0/plan->landlock_abi > 99/'

# The filter, and rows of it.
mutant 'no filter' probe default call/keyctl ESCAPED -- \
	$jail/privs.c "$no_filter"
mutant 'no filter: io_uring' probe default call/io_uring_setup ESCAPED -- \
	$jail/privs.c "$no_filter"
mutant 'no filter: sockets' probe default family/netlink-uevent ESCAPED -- \
	$jail/privs.c "$no_filter"
mutant 'no filter: foreign entry' probe default abi/i386-getpid ESCAPED -- \
	$jail/privs.c "$no_filter"
mutant 'no filter, mounts' probe default mount/remount-usr held -- \
	$jail/privs.c "$no_filter"
mutant 'no filter, namespaces' probe default namespace/unshare-user held -- \
	$jail/privs.c "$no_filter"
mutant 'no filter, no ceiling' probe default namespace/nested-remount \
	ESCAPED -- $jail/privs.c "$no_filter" \
	$jail/mount_plan.c 's/max_user_namespaces", "0"/max_user_namespaces", "9"/'
mutant 'clone3 allowed' probe default namespace/clone3-uninspectable \
	ESCAPED -- $jail/filter_rows.c '/CORE(clone3, /d'
mutant 'TIOCSTI allowed' probe tty tty/TIOCSTI ESCAPED -- \
	$jail/filter_rows.c 's/IN(1, TIOCSTI, /IN(1, /'
mutant 'handles allowed' probe default call/name_to_handle_at ESCAPED -- \
	$jail/filter_rows.c '/DENY(name_to_handle_at/d'

# Privileges.
mutant 'bounding set kept' probe default privilege/bounding ESCAPED -- \
	$jail/privs.c "$no_bounding"
mutant 'capabilities kept' probe root privilege/effective held -- \
	$jail/privs.c "$no_capset"
mutant 'the same, and what limits them' probe root \
	privilege/effective ESCAPED -- \
	$jail/privs.c "$no_capset;$no_bits;$no_bounding"
mutant 'the same, and no filter' probe root mount/tmpfs held -- \
	$jail/privs.c "$no_capset;$no_bits;$no_filter;$no_bounding"
mutant 'the same, and no Landlock' probe root mount/tmpfs ESCAPED -- \
	$jail/privs.c "$no_capset;$no_bits;$no_filter;$no_bounding" \
	$jail/lock.c "$no_landlock"
mutant 'securebits not locked' probe default privilege/securebits ESCAPED -- \
	$jail/privs.c "$no_bits"
mutant 'no_new_privs not set' probe default privilege/no_new_privs \
	'not started' -- \
	$jail/privs.c 's/if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)/if (0)/'
mutant 'core dumps allowed' probe default privilege/core-dump ESCAPED -- \
	$jail/rlimit.c '/RLIMIT_CORE, 0, 0/d'
mutant 'keyring inherited' probe thin ipc/session-keyring ESCAPED -- \
	$jail/privs.c 's/syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL)/0L/'

# PID 1.
mutant 'PID 1 can be looked into' probe default init/memory ESCAPED -- \
	$jail/privs.c 's/if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)/if (0)/'
mutant 'PID 1 keeps its arguments' probe default init/command-line \
	ESCAPED -- $jail/init.c 's/^	wipe_arguments();//'
mutant 'PID 1 keeps its environment' probe default init/secret-in-environ \
	held -- $jail/init.c 's/^	wipe_arguments();//'
mutant 'PID 1 keeps it, can be looked into' probe default \
	init/secret-in-environ ESCAPED -- \
	$jail/init.c 's/^	wipe_arguments();//' \
	$jail/privs.c 's/if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)/if (0)/'
mutant 'descriptors inherited' probe default fd/inherited ESCAPED -- \
	$jail/init.c 's/r = close_others(keep, n);/r = 0;/;/^static int close_others/i __attribute__((unused))'
mutant 'the caller'"'"'s own output' probe default fd/stdout-reopened-rw \
	held -- \
	$jail/spawn.c 's/memcpy(a.stdio, p.theirs,/memcpy(a.stdio, opts->stdio,/'
mutant 'the same, without Landlock' probe default fd/stdout-reopened-rw \
	ESCAPED -- \
	$jail/spawn.c 's/memcpy(a.stdio, p.theirs,/memcpy(a.stdio, opts->stdio,/' \
	$jail/lock.c "$no_landlock"
mutant 'environment passed on' probe default file/environment ESCAPED -- \
	$jail/plan.c 's/if (passes(pol, \*e))/if (passes(pol, *e) || 1)/'

# Namespaces.
mutant 'IPC of the host' probe default ipc/sysv-shm ESCAPED -- \
	$jail/plan.c 's/CLONE_NEWIPC | //'
mutant 'network of the host' probe default net/loopback-tcp ESCAPED -- \
	$jail/plan.c 's/if (pol->network.mode != POL_NET_HOST)/if (0)/;s/plan->loopback = .*/plan->loopback = false;/'
mutant 'name of the host' probe default file/hostname ESCAPED -- \
	$jail/init.c 's/if (sethostname(name, strlen(name)) < 0)/if (!name)/'

# The tree.
mutant 'system writable' probe default readonly/open-usr held -- \
	$jail/mount.c 's/AT_RECURSIVE, op->attr,$/AT_RECURSIVE, op->attr \& ~(uint64_t)MOUNT_ATTR_RDONLY,/'
mutant 'system writable, no Landlock' probe default readonly/open-usr \
	ESCAPED -- \
	$jail/mount.c 's/AT_RECURSIVE, op->attr,$/AT_RECURSIVE, op->attr \& ~(uint64_t)MOUNT_ATTR_RDONLY,/' \
	$jail/lock.c "$no_landlock"
mutant 'set-user-id kept' probe default suid/nosuid-usr ESCAPED -- \
	$jail/mount.c 's/AT_RECURSIVE, op->attr,$/AT_RECURSIVE, op->attr \& ~(uint64_t)MOUNT_ATTR_NOSUID,/'
mutant 'devices in the workspace' probe default device/nodev-workspace \
	ESCAPED -- \
	$jail/mount.c 's/mount("overlay", target, "overlay", NODEV_FLAGS, opts)/mount("overlay", target, "overlay", MS_NOSUID, opts)/'
mutant 'old root kept' probe default file/dot-dot 'not started' -- \
	$jail/mount.c 's/if (umount2(".", MNT_DETACH) < 0)/if (0)/'
mutant 'old root kept, not looked for' probe default file/dot-dot held -- \
	$jail/mount.c 's/if (umount2(".", MNT_DETACH) < 0)/if (0)/;s/if (!root_is_bare())/if (!root_is_bare() \&\& 0)/'
mutant 'the same, without Landlock' probe default file/dot-dot ESCAPED -- \
	$jail/mount.c 's/if (umount2(".", MNT_DETACH) < 0)/if (0)/;s/if (!root_is_bare())/if (!root_is_bare() \&\& 0)/' \
	$jail/lock.c "$no_landlock"
mutant '/proc/keys not masked' probe default leak/keys ESCAPED -- \
	rootfs/skel/skel.c '/"\/proc\/keys", SKEL_FILE/d'
mutant '/proc/sys writable' probe default proc-write/core_pattern held -- \
	rootfs/skel/skel.c '/"\/proc\/sys", SKEL_READONLY/d'
mutant '/proc/sys writable, no Landlock' probe default \
	proc-write/core_pattern ESCAPED -- \
	rootfs/skel/skel.c '/"\/proc\/sys", SKEL_READONLY/d' \
	$jail/lock.c "$no_landlock"
mutant 'abstract sockets' probe hostnet socket/abstract-stream ESCAPED -- \
	$jail/lock.c "$no_landlock"
mutant 'workspace not an overlay' suite planted.sh 'the tree is as it was' -- \
	$jail/mount_policy.c 's/bool overlay = m->access == POL_OVERLAY;/bool overlay = false;/'
mutant 'planted links trusted' suite planted.sh 'a link.*is not shown' -- \
	runtime/base/path.c 's/if (!links_trusted(w->dirfd, w->real.len == 0))/if (!links_trusted(w->dirfd, w->real.len == 0) \&\& 0)/'
mutant 'sources followed, not compared' suite race.sh 'no jail shows' -- \
	$jail/mount.c 's/sys_openat2(AT_FDCWD, op->src, O_PATH | O_CLOEXEC, 0, NO_LINKS)/open(op->src, O_PATH | O_CLOEXEC)/;s/st.st_dev != op->dev || st.st_ino != op->ino ||/0 ||/'

# Death and the terminal.
mutant 'outlives the supervisor' suite death.sh 'supervisor gone' -- \
	$jail/init.c 's/if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)/if (0)/;s/^	if (n == 0)$/	if (0)/'
mutant 'terminal left raw' suite tty.sh 'the terminal is as it was' -- \
	tools/sbx/term.c 's/(void)tcsetattr(term.fd, TCSADRAIN, &term.before);/(void)0;/'
mutant 'nothing swept' suite kill.sh 'it has swept' -- \
	runtime/core/rundir.c 's/^	rundir_sweep(.*);$//' \
	runtime/core/run.c 's/^\(	*\)rundir_sweep(.*);$/\1;/'
done_testing
