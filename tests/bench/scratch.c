/* SPDX-License-Identifier: Apache-2.0 */
/* The directory with everything that the measured commands need. */
#include "tests/bench/bench.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rootfs/overlay/changes.h"
#include "runtime/base/cleanup.h"
#include "tests/bench/filter.h"

enum { EXIT_BENCH = 125 };

static const char binds_policy[] =
	"version: 1\n"
	"mounts:\n"
	"  - {host: \".\", guest: /workspace, access: rw}\n";

static const char memory_policy[] =
	"version: 1\n"
	"mounts:\n"
	"  - {host: \".\", guest: /workspace, access: overlay, "
	"upper: memory}\n";

static const char full_policy[] =
	"# A policy as a deployment would write it.\n"
	"version: 1\n"
	"mode: jail\n"
	"extends: coding-agent\n"
	"workdir: /workspace\n"
	"mounts:\n"
	"  - {host: \".\", guest: /workspace, access: overlay}\n"
	"  - {host: ~/.cache/none, guest: /cache, access: ro, "
	"optional: true}\n"
	"limits: {cpu: 1.5, memory: 1G, pids: 200, time: 10m, output: 4M}\n"
	"network: {mode: none}\n"
	"env: {pass: [LANG, TERM], set: {CI: \"1\", LC_ALL: C.UTF-8}}\n";

static const char oci_config[] =
	"{\"ociVersion\": \"1.0.2\", \"process\": {\"terminal\": false,\n"
	"\"user\": {\"uid\": 0, \"gid\": 0}, \"args\": [\"/usr/bin/true\"],\n"
	"\"env\": [\"PATH=/usr/bin\"], \"cwd\": \"/workspace\",\n"
	"\"noNewPrivileges\": true}, \"root\": {\"path\": \"root\"},\n"
	"\"mounts\": [\n"
	"{\"destination\": \"/usr\", \"source\": \"/usr\", \"type\": "
	"\"bind\",\n"
	" \"options\": [\"rbind\", \"ro\", \"nosuid\", \"nodev\"]},\n"
	"{\"destination\": \"/etc\", \"source\": \"/etc\", \"type\": "
	"\"bind\",\n"
	" \"options\": [\"rbind\", \"ro\", \"nosuid\", \"nodev\"]},\n"
	"{\"destination\": \"/workspace\", \"source\": \"%s\",\n"
	" \"type\": \"bind\", \"options\": [\"rbind\", \"rw\"]},\n"
	"{\"destination\": \"/proc\", \"source\": \"proc\", \"type\": "
	"\"proc\"},\n"
	"{\"destination\": \"/tmp\", \"source\": \"tmp\", \"type\": "
	"\"tmpfs\"},\n"
	"{\"destination\": \"/dev\", \"source\": \"tmpfs\", \"type\": "
	"\"tmpfs\"},\n"
	"{\"destination\": \"/dev/pts\", \"source\": \"devpts\",\n"
	" \"type\": \"devpts\", \"options\": [\"newinstance\",\n"
	" \"ptmxmode=0666\"]},\n"
	"{\"destination\": \"/dev/shm\", \"source\": \"shm\",\n"
	" \"type\": \"tmpfs\"}],\n"
	"\"linux\": {\"uidMappings\": [{\"containerID\": 0, \"hostID\": %u,\n"
	"\"size\": 1}], \"gidMappings\": [{\"containerID\": 0, \"hostID\": "
	"%u,\n"
	"\"size\": 1}], \"namespaces\": [{\"type\": \"user\"},\n"
	"{\"type\": \"mount\"}, {\"type\": \"pid\"}, {\"type\": \"network\"},\n"
	"{\"type\": \"ipc\"}, {\"type\": \"uts\"}, {\"type\": \"cgroup\"}]}}\n";

const char *scratch_find(const struct scratch *s, const char *name, size_t len)
{
	for (size_t i = 0; i < s->n; i++)
		if (strlen(s->places[i].name) == len &&
		    memcmp(s->places[i].name, name, len) == 0)
			return s->places[i].path;
	return NULL;
}

static const char *add(struct scratch *s, const char *name, const char *path)
{
	struct place *p = &s->places[s->n++];

	BUG_ON(s->n > ARRAY_LEN(s->places));
	p->name = name;
	if ((size_t)snprintf(p->path, sizeof(p->path), "%s", path) >=
	    sizeof(p->path))
		errx(EXIT_BENCH, "%s: path too long", name);
	return p->path;
}

static const char *below(struct scratch *s, const char *name, const char *rel)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", s->dir, rel);
	return add(s, name, path);
}

static void put_file(const char *path, const void *data, size_t len)
{
	_autofd int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		err(EXIT_BENCH, "%s", path);
}

static const char *make_dir(struct scratch *s, const char *name,
			    const char *rel)
{
	const char *path = below(s, name, rel);

	if (mkdir(path, 0755) < 0)
		err(EXIT_BENCH, "%s", path);
	return path;
}

static void fill_work(const char *dir)
{
	char path[512];

	for (int i = 0; i < 20; i++) {
		(void)snprintf(path, sizeof(path), "%s/file%d.txt", dir, i);
		put_file(path, path, strlen(path));
	}
}

static void make_filter(const char *path)
{
	struct sock_filter insns[FILTER_MAX];

	put_file(path, insns, filter_build(insns) * sizeof(*insns));
}

static void make_bundle(struct scratch *s, const char *work)
{
	const char *bundle = make_dir(s, "bundle", "bundle");
	char text[sizeof(oci_config) + 512], path[512];
	static const char *const links[] = { "bin", "sbin", "lib", "lib64" };
	static const char *const dirs[] = { "",	    "usr", "etc", "workspace",
					    "proc", "tmp", "dev" };

	(void)snprintf(text, sizeof(text), oci_config, work, geteuid(),
		       getegid());
	(void)snprintf(path, sizeof(path), "%s/config.json", bundle);
	put_file(path, text, strlen(text));
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		(void)snprintf(path, sizeof(path), "%s/root/%s", bundle,
			       dirs[i]);
		if (mkdir(path, 0755) < 0)
			err(EXIT_BENCH, "%s", path);
	}
	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		char target[16];

		(void)snprintf(target, sizeof(target), "usr/%s", links[i]);
		(void)snprintf(path, sizeof(path), "%s/root/%s", bundle,
			       links[i]);
		if (symlink(target, path) < 0)
			err(EXIT_BENCH, "%s", path);
	}
	(void)below(s, "root", "bundle/root");
}

void scratch_init(struct scratch *s, const char *sbx, const char *floor)
{
	const char *tmp = getenv("TMPDIR"), *work;

	*s = (struct scratch){ 0 };
	(void)snprintf(s->dir, sizeof(s->dir), "%s/sbx-bench.XXXXXX",
		       tmp ? tmp : "/var/tmp");
	if (!mkdtemp(s->dir))
		err(EXIT_BENCH, "%s", s->dir);
	(void)add(s, "sbx", sbx);
	(void)add(s, "floor", floor);
	work = make_dir(s, "work", "work");
	fill_work(work);
	put_file(below(s, "binds", "binds.yaml"), binds_policy,
		 strlen(binds_policy));
	put_file(below(s, "memory", "memory.yaml"), memory_policy,
		 strlen(memory_policy));
	put_file(below(s, "policy", "policy.yaml"), full_policy,
		 strlen(full_policy));
	make_filter(below(s, "filter", "filter.bpf"));
	make_bundle(s, work);
	(void)make_dir(s, "oci", "oci");
	(void)make_dir(s, "many", "many");
	if (setenv("XDG_STATE_HOME", make_dir(s, "state", "state"), 1) < 0 ||
	    chdir(work) < 0)
		err(EXIT_BENCH, "%s", work);
}

void scratch_done(struct scratch *s)
{
	struct sbx_err why = { 0 };

	if (chdir("/") < 0 || ovl_remove_tree(AT_FDCWD, s->dir, &why) < 0)
		warnx("%s", why.msg);
}
