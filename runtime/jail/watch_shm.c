/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that no process's figures show: memory files and what sockets hold. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"
#include "runtime/jail/watch_state.h"

/*
 * How this works. A memfd, a shared anonymous mapping and a System V segment
 * are files of one file system inside the kernel, told by its device number.
 * Their pages count in no process unless mapped and touched there. Where a
 * descriptor of one can be seen (/proc/PID/fd), its size is exact; where only
 * a mapping can be seen, the end of the mapping in the file bounds it. Where
 * nothing can be seen (a process that is not dumpable, a descriptor under way
 * in a socket, more descriptors than there is time for) the search is blind,
 * and the caller bounds it by what the host's shared memory has grown.
 */

#define BUDGET_NS 50000000u
#define DEV_SHIFT 48

struct search {
	struct watch *w;
	struct watch_found *found;
	uint64_t deadline;
};

static struct watch_inode *slot_of(struct watch_state *s, uint64_t key)
{
	size_t i = (size_t)((key * 0x9E3779B97F4A7C15u) >> 51);

	/* never quite full, so that this ends */
	while (s->inodes[i].key && s->inodes[i].key != key)
		i = (i + 1) % WATCH_INODES;
	return &s->inodes[i];
}

/* The entry of an inode; *ret_new: it was not known. NULL: no room. */
static struct watch_inode *note(struct watch_state *s, dev_t dev, ino_t ino,
				bool *ret_new)
{
	uint64_t key = ((uint64_t)minor(dev) << DEV_SHIFT) ^ ino;
	struct watch_inode *e = slot_of(s, key ? key : 1);

	*ret_new = !e->key;
	if (e->key)
		return e;
	if (s->n_inodes >= WATCH_INODES - WATCH_INODES / 8)
		return NULL;
	s->n_inodes++;
	*e = (struct watch_inode){ .key = key ? key : 1 };
	return e;
}

/* Not gone meanwhile, but there and not for us to see. */
static bool is_refusal(void)
{
	return errno != ENOENT && errno != ESRCH;
}

static void see_memory(struct search *q, const struct stat *st)
{
	uint64_t bytes = (uint64_t)st->st_blocks * 512;
	struct watch_inode *e;
	bool is_new;

	e = note(q->w->state, st->st_dev, st->st_ino, &is_new);
	if (e && e->exact)
		return;
	if (e && !is_new)
		q->found->mapped -= e->bytes;
	q->found->exact += bytes;
	if (e)
		*e = (struct watch_inode){ e->key, bytes, true };
}

/* A file without a name still takes disk space until the last close. */
static void see_unlinked(struct search *q, int dirfd, const char *name,
			 const struct stat *st)
{
	_autofd int fd = openat(dirfd, name, O_PATH | O_CLOEXEC);
	struct statfs fs;
	bool is_new;

	if (fd < 0 || fstatfs(fd, &fs) < 0 ||
	    fs.f_type != OVERLAYFS_SUPER_MAGIC)
		return;
	(void)note(q->w->state, st->st_dev, st->st_ino, &is_new);
	if (is_new)
		q->found->unlinked += (uint64_t)st->st_blocks * 512;
}

/* A socket with descriptors under way in it hides them. */
static bool carries_descriptors(const struct search *q, pid_t pid,
				const char *fd)
{
	char path[WATCH_PATH + 16], text[512];
	const char *p;

	watch_path(path, pid, "fdinfo/");
	strncat(path, fd, 12);
	(void)watch_read(q->w, path, text, sizeof(text));
	p = strstr(text, "scm_fds:");
	if (!p)
		return false;
	p += strlen("scm_fds:");
	return watch_number(&p) > 0;
}

static void see_descriptor(struct search *q, pid_t pid, int dirfd,
			   const char *name)
{
	struct stat st;
	bool is_new;

	if (fstatat(dirfd, name, &st, 0) < 0) {
		q->found->blind |= is_refusal();
		return;
	}
	if (S_ISREG(st.st_mode) && st.st_dev == q->w->state->shm_dev) {
		see_memory(q, &st);
	} else if (S_ISREG(st.st_mode) && st.st_nlink == 0) {
		see_unlinked(q, dirfd, name, &st);
	} else if (S_ISSOCK(st.st_mode) || S_ISFIFO(st.st_mode)) {
		(void)note(q->w->state, st.st_dev, st.st_ino, &is_new);
		q->found->pipes += is_new && S_ISFIFO(st.st_mode);
		if (is_new && S_ISSOCK(st.st_mode)) {
			q->found->sockets++;
			q->found->blind |= carries_descriptors(q, pid, name);
		}
	}
}

static bool out_of_time(struct search *q)
{
	if (watch_effort() < q->deadline)
		return false;
	q->found->blind = true;
	return true;
}

static void see_descriptors(struct search *q, pid_t pid)
{
	char path[WATCH_PATH];
	_autofd int fd = -1;
	struct watch_dir d;
	const char *name;

	watch_path(path, pid, "fd");
	fd = openat(q->w->procfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		q->found->blind |= is_refusal();
		return;
	}
	watch_dir_init(&d, fd);
	for (unsigned i = 0; (name = watch_dir_next(&d)); i++) {
		if (i % 64 == 63 && out_of_time(q))
			return;
		if (*name != '.')
			see_descriptor(q, pid, fd, name);
	}
}

static uint64_t hex(const char **p)
{
	uint64_t v = 0;

	for (;; (*p)++) {
		if (**p >= '0' && **p <= '9')
			v = v * 16 + (uint64_t)(**p - '0');
		else if (**p >= 'a' && **p <= 'f')
			v = v * 16 + (uint64_t)(**p - 'a' + 10);
		else
			return v;
	}
}

/* "START-END PERM OFFSET MAJ:MIN INODE  NAME" (proc_pid_maps(5)) */
static void see_mapping(struct search *q, const char *line)
{
	struct watch_inode *e;
	uint64_t start, end, offset, major_no, minor_no;
	const char *p = line;
	bool is_new;
	ino_t ino;

	start = hex(&p);
	end = hex((p++, &p));
	p = strchr(*p ? p + 1 : p, ' ');
	if (!p)
		return;
	offset = hex((p++, &p));
	major_no = hex((p++, &p));
	minor_no = hex((p++, &p));
	if (makedev(major_no, minor_no) != q->w->state->shm_dev)
		return;
	ino = watch_number(&p);
	while (*p == ' ')
		p++;
	/* System V segments are in a list of their own */
	if (strncmp(p, "/SYSV", 5) == 0)
		return;
	e = note(q->w->state, q->w->state->shm_dev, ino, &is_new);
	offset += end - start;
	if (e && (e->exact || offset <= e->bytes))
		return;
	q->found->mapped += offset - (e ? e->bytes : 0);
	if (e)
		e->bytes = offset;
}

static void see_mappings(struct search *q, pid_t pid)
{
	char path[WATCH_PATH];
	struct watch_lines l;
	_autofd int fd = -1;
	const char *line;

	watch_path(path, pid, "maps");
	fd = openat(q->w->procfd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	watch_lines_init(&l, fd);
	for (unsigned i = 0; (line = watch_lines_next(&l)); i++) {
		if (i % 256 == 255 && out_of_time(q))
			return;
		see_mapping(q, line);
	}
}

void watch_search(struct watch *w, struct watch_found *ret)
{
	struct watch_state *s = w->state;
	uint64_t start = watch_effort();
	struct search q = { w, ret, start + BUDGET_NS };
	struct watch_table *t = watch_tasks(w);

	*ret = (struct watch_found){ .at_ns = io_now_ns(),
				     .blind = t->over > 0 };
	memset(s->inodes, 0, sizeof(s->inodes));
	s->n_inodes = 0;
	for (size_t i = 0; i < t->n; i++) {
		if (t->v[i].pid == 1 || t->v[i].state == 'Z')
			continue;
		if (out_of_time(&q))
			break;
		see_descriptors(&q, t->v[i].pid);
		see_mappings(&q, t->v[i].pid);
	}
	ret->cost_ns = watch_effort() - start;
}
