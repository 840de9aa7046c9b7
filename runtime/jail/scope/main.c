/* SPDX-License-Identifier: Apache-2.0 */
/* sbx-scope: asks systemd over D-Bus for a delegated scope around a process. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

/*
 * Started by the supervisor of a jail, never by a person, with its standard
 * output a pipe to it: "made", "delegated", or one line that says what went
 * wrong. The supervisor has a deadline and kills us when it is over, so nothing
 * here needs one that is exact.
 */

#define MANAGER "org.freedesktop.systemd1"
#define CALL_US 1900000u

/* What came of the job that starts the scope. */
struct job {
	const char *path;
	char result[32];
};

static int on_removed(sd_bus_message *m, void *arg, sd_bus_error *e)
{
	const char *path, *unit, *result;
	struct job *job = arg;
	uint32_t id;
	int r = sd_bus_message_read(m, "uoss", &id, &path, &unit, &result);

	(void)e;
	if (r < 0)
		return r;
	if (strcmp(path, job->path) == 0)
		(void)snprintf(job->result, sizeof(job->result), "%s", result);
	return 0;
}

__attribute__((format(printf, 1, 2))) static int say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vprintf(fmt, ap);
	va_end(ap);
	(void)putchar('\n');
	return 1;
}

/* The socket is named by the supervisor, which has looked at it: neither the
 * environment nor a configuration file says whom we talk to. */
static int connect_to(sd_bus **ret, const char *socket, bool is_bus)
{
	char address[512] = "unix:path=";
	size_t n = strlen(address);
	sd_bus *bus = NULL;
	int r;

	/* D-Bus escapes all but a few characters as %xx */
	for (const char *p = socket; *p && n < sizeof(address) - 4; p++)
		n += (size_t)snprintf(address + n, 4, "%%%02x",
				      (unsigned char)*p);
	r = sd_bus_new(&bus);
	if (r >= 0)
		r = sd_bus_set_address(bus, address);
	if (r >= 0 && is_bus)
		r = sd_bus_set_bus_client(bus, 1);
	if (r >= 0)
		r = sd_bus_set_method_call_timeout(bus, CALL_US);
	if (r >= 0)
		r = sd_bus_start(bus);
	if (r < 0)
		sd_bus_unref(bus);
	else
		*ret = bus;
	return r;
}

/* The scope's properties; limits are written by the supervisor, below it. */
static int add_properties(sd_bus_message *m, uint32_t pid)
{
	static const char *const yes[] = { "Delegate", "CPUAccounting",
					   "MemoryAccounting",
					   "TasksAccounting", "IOAccounting" };
	int r = sd_bus_message_append(m, "(sv)", "PIDs", "au", 1, pid);

	for (size_t i = 0; r >= 0 && i < sizeof(yes) / sizeof(yes[0]); i++)
		r = sd_bus_message_append(m, "(sv)", yes[i], "b", 1);
	if (r >= 0)
		r = sd_bus_message_append(m, "(sv)", "TasksMax", "t",
					  UINT64_MAX);
	if (r >= 0)
		r = sd_bus_message_append(m, "(sv)", "CollectMode", "s",
					  "inactive-or-failed");
	if (r >= 0)
		r = sd_bus_message_append(m, "(sv)", "Description", "s",
					  "sbx jails");
	return r;
}

static int start_scope(sd_bus *bus, const char *unit, uint32_t pid,
		       sd_bus_message **ret, sd_bus_error *error)
{
	sd_bus_message *m = NULL;
	int r = sd_bus_message_new_method_call(bus, &m, MANAGER,
					       "/org/freedesktop/systemd1",
					       MANAGER ".Manager",
					       "StartTransientUnit");

	if (r >= 0)
		r = sd_bus_message_append(m, "ss", unit, "fail");
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'a', "(sv)");
	if (r >= 0)
		r = add_properties(m, pid);
	if (r >= 0)
		r = sd_bus_message_close_container(m);
	if (r >= 0)
		r = sd_bus_message_append(m, "a(sa(sv))", 0);
	if (r >= 0)
		r = sd_bus_call(bus, m, CALL_US, error, ret);
	sd_bus_message_unref(m);
	return r;
}

static int wait_for(sd_bus *bus, struct job *job)
{
	int r;

	while (!job->result[0]) {
		r = sd_bus_process(bus, NULL);
		if (r == 0)
			r = sd_bus_wait(bus, CALL_US);
		if (r < 0 && r != -EINTR)
			return r;
	}
	return 0;
}

/* The handler runs in sd_bus_process() only, when the reply has named the job:
 * so its end is not missed, however soon it comes. */
static int run(sd_bus *bus, bool is_bus, const char *unit, uint32_t pid)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *reply = NULL;
	struct job job = { 0 };
	int r;

	r = sd_bus_match_signal_async(bus, NULL, is_bus ? MANAGER : NULL,
				      "/org/freedesktop/systemd1",
				      MANAGER ".Manager", "JobRemoved",
				      on_removed, NULL, &job);
	if (r < 0)
		return say("match: %s", strerror(-r));
	r = start_scope(bus, unit, pid, &reply, &error);
	if (r < 0)
		return say("%s", error.message ? error.message : strerror(-r));
	r = sd_bus_message_read(reply, "o", &job.path);
	if (r < 0)
		return say("reply: %s", strerror(-r));
	r = wait_for(bus, &job);
	if (r < 0)
		return say("wait: %s", strerror(-r));
	if (strcmp(job.result, "done") != 0)
		return say("scope: %s", job.result);
	(void)say("made");
	return 0;
}

/* Whether the unit that a process is in is delegated already. */
static bool is_delegated(sd_bus *bus, uint32_t pid)
{
	sd_bus_message *reply = NULL;
	const char *path, *interface = MANAGER ".Scope";
	int yes = 0;

	if (sd_bus_call_method(bus, MANAGER, "/org/freedesktop/systemd1",
			       MANAGER ".Manager", "GetUnitByPID", NULL, &reply,
			       "u", pid) < 0 ||
	    sd_bus_message_read(reply, "o", &path) < 0)
		return false;
	/* in a path a dot is "_2e" */
	if (strstr(path, "_2eservice"))
		interface = MANAGER ".Service";
	return sd_bus_get_property_trivial(bus, MANAGER, path, interface,
					   "Delegate", NULL, 'b', &yes) >= 0 &&
	       yes;
}

int main(int argc, char **argv)
{
	sd_bus *bus = NULL;
	unsigned long pid;
	bool is_bus;
	int r;

	if (argc != 6)
		return say("usage: sbx-scope PID UNIT SOCKET bus|manager "
			   "ask|make");
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	pid = strtoul(argv[1], NULL, 10);
	if (pid < 1 || pid > INT32_MAX)
		return say("bad process id");
	is_bus = strcmp(argv[4], "bus") == 0;
	r = connect_to(&bus, argv[3], is_bus);
	if (r < 0)
		return say("connect to %s: %s", argv[3], strerror(-r));
	if (strcmp(argv[5], "ask") == 0 && is_delegated(bus, (uint32_t)pid))
		r = say("delegated") < 0;
	else
		r = run(bus, is_bus, argv[2], (uint32_t)pid);
	(void)fflush(stdout);
	/* closing would wait for a bus that does not listen */
	_exit(r);
}
