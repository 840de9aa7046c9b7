/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libsbx: the place where an AI agent's tool calls run.
 *
 * Every function that can fail returns 0 or a negative errno value and fills
 * *err (which may be NULL) with one line for a person. Strings are UTF-8 or
 * plain bytes, NUL-terminated. What a function gives back in a char ** belongs
 * to the caller, who frees it with free(3). No function installs a signal
 * handler, changes the signal mask, or waits for a child that it did not make
 * itself. Objects may be used by one thread at a time; different objects by
 * different threads at once.
 */
#ifndef SBX_SBX_H
#define SBX_SBX_H

#include <sbx/err.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum sbx_format { SBX_TEXT, SBX_YAML, SBX_JSON };

/* ---- policy ---------------------------------------------------------- */

struct sbx_policy;

/*
 * Where a policy comes from: path, or text, or neither for a preset. All is
 * borrowed for the call.
 */
struct sbx_policy_source {
	const char *path;     /* file; relative to cwd */
	const char *text;     /* the policy itself, where path is NULL */
	size_t text_len;      /* bytes */
	const char *name;     /* for messages about text ("<text>" if NULL) */
	const char *preset;   /* where both are NULL; NULL means "default" */
	const char *cwd;      /* absolute; NULL: the process's own */
	char *const *environ; /* for ~, ${VAR}, env.pass; NULL: environ(7) */
};

/* A row of the policy's schema (sbx-policy(5)). */
struct sbx_policy_key {
	const char *name;  /* "limits.memory", "mounts[].access" */
	const char *type;  /* "size", "duration", "enum", "list of name" */
	const char *range; /* "1M..1E", "ro|rw|overlay", or "" */
	const char *dflt;  /* as it would be written, or "" */
	const char *merge; /* "override", "add", "stricter" */
	const char *help;  /* one sentence, no full stop */
};

struct sbx_preset {
	const char *name;
	const char *summary; /* one sentence */
	const char *text;    /* YAML */
};

/* Read, check and merge a policy. *ret is freed with sbx_policy_free(). */
int sbx_policy_load(const struct sbx_policy_source *src,
		    struct sbx_policy **ret, struct sbx_err *err);
/* Overlay one "key=value" on a loaded policy, as a file that extends it. */
int sbx_policy_set(struct sbx_policy *p, const char *assignment,
		   struct sbx_err *err);
void sbx_policy_free(struct sbx_policy *p);
int sbx_policy_show(const struct sbx_policy *p, enum sbx_format format,
		    char **ret, struct sbx_err *err);
int sbx_policy_explain(const struct sbx_policy *p, char **ret,
		       struct sbx_err *err);
int sbx_policy_schema(char **ret, struct sbx_err *err);
/* Warnings found while loading: the i-th, or NULL past the end. Borrowed. */
const char *sbx_policy_warning(const struct sbx_policy *p, size_t i);
const struct sbx_policy_key *sbx_policy_keys(size_t *ret_n);
const struct sbx_preset *sbx_policy_presets(size_t *ret_n);

/* ---- one run in a transient session ---------------------------------- */

/* What ended a run. */
enum sbx_cause {
	SBX_CAUSE_NONE,	   /* it has not ended */
	SBX_CAUSE_EXIT,	   /* the program's own exit */
	SBX_CAUSE_SIGNAL,  /* a signal from itself or its own kind */
	SBX_CAUSE_TIMEOUT, /* limits.time */
	SBX_CAUSE_IDLE,	   /* limits.idle: no output for so long */
	SBX_CAUSE_OOM,	   /* limits.memory */
	SBX_CAUSE_PIDS,	   /* limits.pids */
	SBX_CAUSE_CPU,	   /* limits.cpu_time */
	SBX_CAUSE_OUTPUT,  /* limits.output */
	SBX_CAUSE_DISK,	   /* limits.disk */
	SBX_CAUSE_KILLED,  /* by a signal sent to sbx or to the jail */
	SBX_CAUSE_SETUP,   /* the jail could not be made: see err */
};
const char *sbx_cause_name(enum sbx_cause cause);

/* Exit statuses of sbx itself (env(1), timeout(1)). */
#define SBX_EXIT_TIMEOUT 124
#define SBX_EXIT_FAILED 125
#define SBX_EXIT_NOEXEC 126
#define SBX_EXIT_NOTFOUND 127

enum sbx_tty { SBX_TTY_NEVER, SBX_TTY_ALWAYS };

struct sbx_run_opts {
	size_t size;	   /* sizeof(struct sbx_run_opts) */
	char *const *argv; /* NULL-terminated; at least one */
	int stdio[3];	   /* descriptors to relay; -1: nothing there */
	enum sbx_tty tty;  /* give the program a terminal of its own;
			      stdio[0] is then in raw mode already */
	bool best_effort;  /* what cannot be enforced warns only */
	bool discard;	   /* drop the overlays' changes at the end */
	/*
	 * A signalfd(2) whose signals are passed on to the program, or -1.
	 * SIGWINCH on it sets the size of the program's terminal.
	 */
	int signal_fd;
	/*
	 * Called when the program's foreground job stopped (tty only); the
	 * run goes on when it returns. May be NULL.
	 */
	void (*stopped)(void *arg);
	void *arg;
};

/* A figure that was not measured. */
#define SBX_UNKNOWN UINT64_MAX

struct sbx_result; /* see the functions below */

/*
 * Run a program under a policy and wait for its end, relaying its output.
 * 0: it ran, or an attempt to start it was made (see the cause); *ret is to be
 * freed with sbx_result_free(). -errno: nothing was started and *ret is not
 * written.
 */
int sbx_run(const struct sbx_policy *p, const struct sbx_run_opts *opts,
	    struct sbx_result **ret, struct sbx_err *err);
void sbx_result_free(struct sbx_result *res);
enum sbx_cause sbx_result_cause(const struct sbx_result *res);
/* The status a shell would show: own, 124, 125, 126, 127 or 128+n. */
int sbx_result_status(const struct sbx_result *res);
/* One line for a person on what went wrong, or "" where nothing did. */
const char *sbx_result_message(const struct sbx_result *res);
/* The i-th warning, or NULL past the end. */
const char *sbx_result_warning(const struct sbx_result *res, size_t i);
/* Files that differ from the host in overlay mounts, and where they are kept
 * (NULL: nowhere). */
size_t sbx_result_changes(const struct sbx_result *res);
const char *sbx_result_kept(const struct sbx_result *res);
/* The report as JSON (sbx(1), REPORT), one object, newline at its end. */
int sbx_result_json(const struct sbx_result *res, char **ret,
		    struct sbx_err *err);

/* What sbx_run() would do, as text or JSON; nothing is started. */
int sbx_run_plan(const struct sbx_policy *p, const struct sbx_run_opts *opts,
		 enum sbx_format format, char **ret, struct sbx_err *err);

/* ---- kept changes of earlier runs ------------------------------------- */

/* A run that has ended and whose changes were kept. Borrowed for the call. */
struct sbx_kept {
	const char *id;
	const char *path; /* the directory that holds them */
	int64_t ended;	  /* seconds since the epoch */
	size_t changes;	  /* files */
	uint64_t bytes;	  /* disk space */
};

enum sbx_change_kind { SBX_ADDED, SBX_MODIFIED, SBX_DELETED };

/* One file that a run changed in an overlay mount. Borrowed for the call. */
struct sbx_change {
	const char *guest; /* the mount, as the guest saw it */
	const char *host;  /* the host directory that it covers */
	const char *path;  /* below both; any byte but NUL */
	enum sbx_change_kind kind;
	uint64_t size; /* bytes, of the new file */
};

/* Call fn for each kept run, oldest first. 0, or what fn returned. */
int sbx_kept(int (*fn)(const struct sbx_kept *kept, void *arg), void *arg,
	     struct sbx_err *err);

/* Call fn for each change of a kept run, by path. -ENOENT: no such run. */
int sbx_changes(const char *id,
		int (*fn)(const struct sbx_change *change, void *arg),
		void *arg, struct sbx_err *err);

/* Remove what run `id` kept, or with id NULL what all ended runs kept.
 * *ret_n: how many were removed. -ENOENT: no such run. -EBUSY: still running */
int sbx_discard(const char *id, size_t *ret_n, struct sbx_err *err);

/* ---- this host --------------------------------------------------------- */

enum sbx_health { SBX_OK, SBX_DEGRADED, SBX_MISSING };

/* One thing a jail needs or profits from. Strings are borrowed for the call. */
struct sbx_check {
	const char *name; /* "user namespaces" */
	enum sbx_health health;
	const char *found;  /* what there is: "allowed", "ABI 7" */
	const char *effect; /* what its lack means, or "" */
	const char *remedy; /* the exact command that mends it, or "" */
};

/* Looks at the host and reports each check in turn. 0, or what fn returned. */
int sbx_doctor(int (*fn)(const struct sbx_check *check, void *arg), void *arg,
	       struct sbx_err *err);

#ifdef __cplusplus
}
#endif

#endif
