/* SPDX-License-Identifier: Apache-2.0 */
/* A policy as plain data: what the file said, merged and checked. */
#ifndef SBX_POLICY_POLICY_H
#define SBX_POLICY_POLICY_H

#include <sbx/err.h>
#include <sbx/sbx.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "runtime/base/buf.h"
#include "runtime/base/strv.h"

/* A limit that is not set. Zero is a value of its own (swap: 0). */
#define POL_NONE UINT64_MAX

enum pol_mode {
	POL_MODE_JAIL,
	POL_MODE_LOCAL,
	POL_MODE_VIRTUAL,
	POL_MODE_KUBERNETES,
	POL_MODE_E2B,
	POL_MODE_DAYTONA,
};

enum pol_access { POL_RO, POL_RW, POL_OVERLAY };
/* Where an overlay's upper layer lives: on disk and kept, or gone at the end */
enum pol_upper { POL_UPPER_DISK, POL_UPPER_MEMORY };
enum pol_base { POL_BASE_HOST, POL_BASE_EMPTY, POL_BASE_DIR };
enum pol_net { POL_NET_NONE, POL_NET_HOST, POL_NET_ALLOW };
enum pol_enforce { POL_ENFORCE_AUTO, POL_ENFORCE_CGROUP };
enum pol_landlock { POL_LANDLOCK_AUTO, POL_LANDLOCK_REQUIRE };
enum pol_id { POL_ID_SELF, POL_ID_ROOT };

struct pol_mount {
	char *host;  /* absolute, cleaned, ~ and ${VAR} already replaced */
	char *guest; /* absolute, cleaned */
	enum pol_access access;
	enum pol_upper upper;
	bool optional;	/* skipped where the host path does not exist */
	char *origin;	/* "deploy.yaml:12:5: mounts[0]" for messages */
	unsigned layer; /* which of the merged documents it came with */
};

struct pol_pair {
	char *name;
	char *value;
};

/* Times in milliseconds, sizes in bytes, cpu in thousandths of a core. */
struct pol_limits {
	uint64_t cpu, cpu_weight;
	uint64_t memory, memory_high, swap;
	uint64_t pids;
	uint64_t disk; /* bytes an overlay's upper layers may take */
	uint64_t tmp;  /* size of /tmp, /dev/shm and HOME, together */
	uint64_t time, idle, cpu_time;
	uint64_t output;	    /* bytes of stdout and stderr together */
	uint64_t open_files;	    /* RLIMIT_NOFILE */
	uint64_t file_size;	    /* RLIMIT_FSIZE */
	uint64_t io_read, io_write; /* bytes per second */
	uint64_t enforce;	    /* enum pol_enforce */
};

struct policy {
	char *source; /* the file's path, or the preset's name */
	uint64_t version;
	uint64_t mode;	      /* enum pol_mode */
	struct strv extends;  /* what it extends, for explain */
	char *workdir;	      /* guest path */
	char *workdir_origin; /* as in struct pol_mount; NULL: a default */
	char *hostname;
	struct {
		uint64_t base; /* enum pol_base */
		char *dir;     /* host path where base is POL_BASE_DIR */
		char *origin;  /* of dir */
	} rootfs;
	struct pol_mount *mounts; /* in the order of their guest paths, so that
				     one comes after those it lies in */
	size_t n_mounts;
	struct pol_limits limits;
	struct {
		uint64_t mode; /* enum pol_net */
	} network;
	struct {
		struct strv pass; /* names */
		struct pol_pair *set;
		size_t n_set;
	} env;
	struct {
		uint64_t id; /* enum pol_id: uid inside */
		bool subids; /* map subordinate ranges by newuidmap */
		uint64_t umask;
	} user;
	struct {
		struct strv allow; /* system call names */
		struct strv deny;
		struct strv allow_origin; /* of allow.v[i] */
		struct strv deny_origin;
	} seccomp;
	uint64_t landlock; /* enum pol_landlock */
	bool time_namespace;
	struct strv fds;	/* decimal numbers of descriptors to pass on */
	struct strv fds_origin; /* of fds.v[i] */
	struct strv files;	/* absolute paths of the files it came from */
	uint64_t set[2];	/* bit i: a file or preset gave row i of
				   policy_keys(); else it is the default */
	unsigned layers;	/* documents merged */
	struct strv warnings;	/* one line each; --best-effort adds some */
};

/*
 * Read, resolve `extends`, merge over the preset `default`, check. All errors
 * are one line "FILE:LINE:COL: KEY: what; what to do" and -EINVAL (or the
 * errno of a file that cannot be read). The caller frees *ret.
 */
int policy_load(const struct sbx_policy_source *src, struct policy **ret,
		struct sbx_err *err);
void policy_free(struct policy *p);

/*
 * "limits.memory=1G", as of `--set`; merged as a file that extends p. Lists and
 * mappings are written as YAML ("env.pass=[LANG, TZ]"), one variable also as
 * "env.set.NAME=value". After an error p is good for policy_free() only.
 */
int policy_set(struct policy *p, const char *assignment,
	       const struct sbx_policy_source *src, struct sbx_err *err);

/*
 * Canonical YAML or JSON of the merged policy; loads again to the same.
 * -EILSEQ where a path or value is not UTF-8, which neither can hold.
 */
int policy_show(const struct policy *p, enum sbx_format format, struct buf *out,
		struct sbx_err *err);
/* Plain sentences: what can be seen, written, reached, spent. */
int policy_explain(const struct policy *p, struct buf *out,
		   struct sbx_err *err);
/* The JSON Schema (draft 2020-12) of a policy file. */
int policy_schema(struct buf *out, struct sbx_err *err);

/* The rows behind all of these, and the presets shipped in the program. */
const struct sbx_policy_key *policy_keys(size_t *ret_n);
const struct sbx_preset *policy_presets(size_t *ret_n);

#endif
