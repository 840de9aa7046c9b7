/* SPDX-License-Identifier: Apache-2.0 */
/* What a jail's root shows and hides. */
#include "rootfs/skel/skel.h"

#include "runtime/base/cleanup.h"

/*
 * Names and not patterns: to ask for one is ten times cheaper than to read the
 * whole directory.
 *
 * Not here, and why: profile, bash.bashrc and inputrc (a person's comfort; and
 * profile would replace the policy's PATH), timezone (localtime says it),
 * mime.types, perl, python3 (only change what works without), gitconfig,
 * npmrc, pip.conf and wgetrc (may hold credentials), passwd, group and hosts
 * (made up), machine-id, ssh, sudoers, cron and all that belongs to services.
 * Of ssl and pki/tls only parts: they hold private keys as well, which a jail
 * of root's could read.
 */
const struct skel_etc skel_etc[] = {
	{ "R" },			 /* R: its start-up files */
	{ "alternatives" },		 /* java, cc, awk, vi, editor, pager */
	{ "ca-certificates/extracted" }, /* Arch: what ssl/certs leads to */
	{ "crypto-policies" },		 /* Fedora: included by openssl.cnf */
	{ "dotnet" },			 /* dotnet: where it is installed */
	{ "fonts" },			 /* fontconfig: browsers, java, plots */
	{ "java" },			 /* JVM: security policy, logging */
	{ "java-11-openjdk" },
	{ "java-17-openjdk" },
	{ "java-21-openjdk" },
	{ "java-25-openjdk" },
	{ "ld.so.cache" }, /* libraries outside of /usr/lib */
	{ "ld.so.conf" },  /* ld: libraries that libraries need */
	{ "ld.so.conf.d" },
	{ "localtime" },  /* local time */
	{ "maven" },	  /* mvn: its settings and logging */
	{ "mono" },	  /* mono: its machine.config */
	{ "os-release" }, /* which distribution is this? */
	{ "php" },	  /* php: extensions to load */
	{ "php.d" },
	{ "php.ini" },
	{ "pki/ca-trust" }, /* Fedora: what ssl/certs leads to */
	{ "pki/java" },
	{ "pki/tls/cert.pem" },
	{ "pki/tls/certs" },
	{ "pki/tls/openssl.cnf" },
	{ "protocols", true }, /* getprotobyname */
	{ "services", true },  /* getservbyname */
	{ "ssl/cert.pem" },    /* TLS: whom to trust */
	{ "ssl/certs" },
	{ "ssl/openssl.cnf" }, /* openssl req, ca */
	{ "texmf" },	       /* TeX: its font maps */
};
const size_t skel_n_etc = ARRAY_LEN(skel_etc);

const char *const skel_system[] = { "bin",   "lib",    "lib32",
				    "lib64", "libx32", "sbin" };
const size_t skel_n_system = ARRAY_LEN(skel_system);

const struct skel_device skel_devices[] = {
	{ "null", 1, 3 },   { "zero", 1, 5 },	 { "full", 1, 7 },
	{ "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 },
};
const size_t skel_n_devices = ARRAY_LEN(skel_devices);

const struct skel_link skel_links[] = {
	{ "/dev/ptmx", "pts/ptmx" },
	{ "/dev/fd", "/proc/self/fd" },
	{ "/dev/stdin", "/proc/self/fd/0" },
	{ "/dev/stdout", "/proc/self/fd/1" },
	{ "/dev/stderr", "/proc/self/fd/2" },
};
const size_t skel_n_links = ARRAY_LEN(skel_links);

/*
 * root_only rows matter where root is the caller: the files belong to root, and
 * the jail's uid 0 is root to a file's mode, however few capabilities it has.
 * For others the mode says no, or there is nothing in them that a guest could
 * use.
 */
const struct skel_mask skel_masks[] = {
	{ "/proc/sys", SKEL_READONLY },
	{ "/proc/keys", SKEL_FILE },
	{ "/proc/bus", SKEL_DIR },
	{ "/proc/irq", SKEL_DIR },
	{ "/proc/fs", SKEL_DIR },
	{ "/proc/scsi", SKEL_DIR },
	{ "/proc/acpi", SKEL_DIR, true },
	{ "/proc/asound", SKEL_DIR, true },
	{ "/proc/kcore", SKEL_FILE, true },
	{ "/proc/kmsg", SKEL_FILE, true },
	{ "/proc/kpagecgroup", SKEL_FILE, true },
	{ "/proc/kpagecount", SKEL_FILE, true },
	{ "/proc/kpageflags", SKEL_FILE, true },
	{ "/proc/kallsyms", SKEL_FILE, true },
	{ "/proc/iomem", SKEL_FILE, true },
	{ "/proc/ioports", SKEL_FILE, true },
	{ "/proc/latency_stats", SKEL_FILE, true },
	{ "/proc/mtrr", SKEL_FILE, true },
	{ "/proc/slabinfo", SKEL_FILE, true },
	{ "/proc/sysrq-trigger", SKEL_FILE, true },
	{ "/proc/timer_list", SKEL_FILE, true },
	{ "/proc/vmallocinfo", SKEL_FILE, true },
};
const size_t skel_n_masks = ARRAY_LEN(skel_masks);

const char skel_nsswitch[] = "passwd: files\n"
			     "group: files\n"
			     "shadow: files\n"
			     "hosts: files dns\n"
			     "networks: files\n"
			     "protocols: files\n"
			     "services: files\n";

void skel_passwd(struct buf *out, uid_t uid, gid_t gid, const char *home)
{
	if (uid != 0)
		buf_puts(out, "root:x:0:0:root:/:/bin/sh\n");
	buf_printf(out, "agent:x:%u:%u:agent:%s:/bin/sh\n", uid, gid, home);
	if (uid != 65534)
		buf_puts(out, "nobody:x:65534:65534:nobody:/:/bin/false\n");
}

void skel_group(struct buf *out, gid_t gid)
{
	if (gid != 0)
		buf_puts(out, "root:x:0:\n");
	buf_printf(out, "agent:x:%u:\n", gid);
	if (gid != 65534)
		buf_puts(out, "nogroup:x:65534:\n");
}

void skel_hosts(struct buf *out, const char *hostname)
{
	buf_puts(out, "127.0.0.1 localhost\n::1 localhost ip6-localhost\n");
	buf_printf(out, "127.0.1.1 %s\n", hostname);
}
