/* SPDX-License-Identifier: Apache-2.0 */
/* What this host offers a jail: look, try, judge. */
#include "runtime/core/doctor.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "rootfs/overlay/changes.h"
#include "runtime/base/cleanup.h"
#include "runtime/core/rundir.h"
#include "runtime/jail/lock.h"

/* Try all, with a directory of our own among the runs' for the overlay. */
static int try_beside_runs(struct doctor_facts *f, struct sbx_err *err)
{
	struct sbx_err why = { 0 };
	_autofree char *state = NULL;
	_autofd int fd = rundir_open_state(&state, &why);
	struct statvfs vfs;
	char name[32], disk[320];
	int r;

	f->state_free = SBX_UNKNOWN;
	if (fd < 0) {
		(void)snprintf(f->state_why, sizeof(f->state_why), "%s",
			       why.msg);
		r = doctor_try_all(f->tried, NULL);
		return r < 0 ? sbx_fail(err, -r, "try namespaces") : 0;
	}
	(void)snprintf(f->state, sizeof(f->state), "%s", state);
	if (fstatvfs(fd, &vfs) == 0)
		f->state_free = (uint64_t)vfs.f_bavail * vfs.f_frsize;
	(void)snprintf(name, sizeof(name), "doctor.%d", (int)getpid());
	(void)snprintf(disk, sizeof(disk), "%s/%s", state, name);
	/* left by one of our number that was killed */
	(void)ovl_remove_tree(fd, name, NULL);
	if (mkdirat(fd, name, 0700) < 0)
		(void)sbx_fail(&why, errno, "'%s'", disk);
	(void)snprintf(f->state_why, sizeof(f->state_why), "%s", why.msg);
	r = doctor_try_all(f->tried, f->state_why[0] ? NULL : disk);
	(void)ovl_remove_tree(fd, name, NULL);
	return r < 0 ? sbx_fail(err, -r, "try namespaces") : 0;
}

int sbx_doctor(int (*fn)(const struct sbx_check *check, void *arg), void *arg,
	       struct sbx_err *err)
{
	struct doctor_facts f = { 0 };
	int r;

	doctor_read(&f, "/");
	r = try_beside_runs(&f, err);
	if (r < 0)
		return r;
	f.landlock_abi = landlock_probe();
	cg_probe(&f.cg);
	return doctor_judge(&f, fn, arg);
}
