/* SPDX-License-Identifier: Apache-2.0 */
/* Policy files as files: what is refused, and what a file extends. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"
#include "tests/policy/policy.h"
#include "tests/tap/tap.h"

static char dir[] = "/tmp/sbx-policy.XXXXXX";

/* Write a file below the test's directory, which is the working directory. */
static void put(const char *name, const void *text, size_t len)
{
	_autofd int fd =
		open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || fchmod(fd, 0644) < 0 || io_write_all(fd, text, len) < 0)
		exit(99);
}

static void put_text(const char *name, const char *text)
{
	put(name, text, strlen(text));
}

static int load_in(const char *path, const char *cwd, struct policy **ret,
		   struct sbx_err *err)
{
	struct sbx_policy_source src = test_caller;

	src.cwd = cwd;
	src.path = path;
	*ret = NULL;
	*err = (struct sbx_err){ 0 };
	return policy_load(&src, ret, err);
}

static void refused(const char *path, int code, const char *want,
		    const char *title)
{
	struct sbx_err err;
	struct policy *p;
	int r = load_in(path, dir, &p, &err);

	ok(r == -code && err.code == code, "error code: %s", title);
	is_str(err.msg, want, "%s", title);
	policy_free(p);
}

static void accepted(const char *path, const char *title)
{
	struct sbx_err err;
	struct policy *p;
	int r = load_in(path, dir, &p, &err);

	if (!ok(r == 0, "%s", title))
		tap_note("%s", err.msg);
	policy_free(p);
}

static void test_kinds(void)
{
	put_text("good.yaml", "version: 1\n");
	accepted("good.yaml", "a plain file");
	accepted("./good.yaml", "a path with a dot");
	refused("none.yaml", ENOENT, "none.yaml: No such file or directory",
		"a missing file");
	if (mkfifo("fifo.yaml", 0600) < 0 || mkdir("sub", 0755) < 0 ||
	    symlink("good.yaml", "link.yaml") < 0 ||
	    symlink("sub", "dirlink") < 0)
		exit(99);
	refused("fifo.yaml", EINVAL, "fifo.yaml: is not a regular file",
		"a FIFO does not hang");
	refused("sub", EINVAL, "sub: is a directory", "a directory");
	refused("/dev/zero", EINVAL, "/dev/zero: is not a regular file",
		"a device");
	refused("/dev/tty", EINVAL, "/dev/tty: is not a regular file",
		"a terminal");
	refused("link.yaml", EINVAL,
		"link.yaml: is a symbolic link; name the file itself",
		"a symbolic link");
	put_text("sub/x.yaml", "version: 1\n");
	accepted("dirlink/x.yaml", "a link further up the path");
	refused("good.yaml/x", ENOTDIR, "good.yaml/x: Not a directory",
		"a file for a directory");
	refused("", EINVAL, "policy: an empty file name", "an empty name");
}

static void mode(const char *name, mode_t m)
{
	if (chmod(name, m) < 0)
		exit(99);
}

static void test_trust(void)
{
	char want[256];

	put_text("open.yaml", "version: 1\n");
	mode("open.yaml", 0646);
	refused("open.yaml", EINVAL,
		"open.yaml: other users can write it (mode 646); chmod go-w",
		"a file that all can write");
	mode("open.yaml", 0600);
	accepted("open.yaml", "a file for its user only");
	put_text("sub/in.yaml", "version: 1\n");
	mode("sub", 0777);
	(void)snprintf(
		want, sizeof(want),
		"sub/in.yaml: its directory '%s/sub' is writable by others, "
		"who could replace it",
		dir);
	refused("sub/in.yaml", EINVAL, want, "a directory that all can write");
	mode("sub", 01777);
	accepted("sub/in.yaml", "a directory like /tmp");
	mode("sub", 0775);
	if (geteuid() == 0 && chown("sub", 0, 12345) == 0)
		refused("sub/in.yaml", EINVAL, want,
			"a directory that another group can write");
	else
		accepted("sub/in.yaml", "a directory for one's own group");
	mode("sub", 0755);
}

/* Some of it depends on who runs the tests. */
static void test_owner(void)
{
	struct sbx_err err;
	struct policy *p;

	put_text("other.yaml", "version: 1\n");
	if (geteuid() != 0) {
		mode("other.yaml", 0);
		refused("other.yaml", EACCES, "other.yaml: Permission denied",
			"a file that cannot be read");
		mode("other.yaml", 0644);
		return;
	}
	mode("other.yaml", 0664);
	accepted("other.yaml", "a file that one's own group can write");
	if (chown("other.yaml", 0, 12345) < 0)
		exit(99);
	mode("other.yaml", 0664);
	refused("other.yaml", EINVAL,
		"other.yaml: other users can write it (mode 664); chmod go-w",
		"a file that another group can write");
	if (chown("other.yaml", 12345, 0) < 0)
		exit(99);
	is_int(load_in("other.yaml", dir, &p, &err), -EINVAL,
	       "error code: a file of another user");
	is_str(err.msg,
	       "other.yaml: belongs to user 12345, who could change it; a "
	       "policy belongs to its user or root",
	       "a file of another user");
}

static void test_bytes(void)
{
	_autofree char *big = malloc(10 << 20);

	if (!big)
		exit(99);
	memset(big, '#', 10 << 20);
	put("big.yaml", big, 10 << 20);
	refused("big.yaml", EINVAL,
		"big.yaml: larger than 1 MiB, which no policy is",
		"a file of 10 MB");
	memcpy(big + (1 << 20) - 12, "\nversion: 1\n", 12);
	put("big.yaml", big, 1 << 20);
	accepted("big.yaml", "a file of 1 MiB");
	put_text("empty.yaml", "");
	refused("empty.yaml", EINVAL,
		"empty.yaml:1:1: an empty policy; write at least 'version: 1'",
		"an empty file");
	put("nul.yaml", "version: 1\n# a\0b\n", 17);
	refused("nul.yaml", EINVAL, "nul.yaml:2:4: a NUL byte", "a NUL");
	put_text("latin.yaml", "version: 1\n# \xe4\n");
	refused("latin.yaml", EINVAL, "latin.yaml:2:3: not UTF-8 text",
		"text in Latin-1");
	put("utf16.yaml", "\xff\xfev\0e\0", 6);
	refused("utf16.yaml", EINVAL, "utf16.yaml:1:1: not UTF-8 text",
		"text in UTF-16");
	put_text("bom.yaml", "\xef\xbb\xbfversion: 1\n");
	accepted("bom.yaml", "a byte order mark of UTF-8");
	put_text("tab.yaml", "version: 1\nlimits:\n\tmemory: 1G\n");
	refused("tab.yaml", EINVAL,
		"tab.yaml:3:1: a tab as indentation; use spaces",
		"a tab as indentation");
	put_text("crlf.yaml", "version: 1\r\nworkdir: /x\r\n");
	accepted("crlf.yaml", "lines that end as on Windows");
	put_text("cr.yaml", "version: 1 # \rworkdir: /x\n");
	refused("cr.yaml", EINVAL,
		"cr.yaml:1:14: an invisible or control character, U+000D",
		"a carriage return that hides a line");
	put_text("line.yaml", "version: 1 # \xe2\x80\xa8workdir: /x\n");
	refused("line.yaml", EINVAL,
		"line.yaml:1:14: an invisible or control character, U+2028",
		"a line separator");
	put_text("bidi.yaml", "version: 1 # \xe2\x80\xae x\n");
	refused("bidi.yaml", EINVAL,
		"bidi.yaml:1:14: an invisible or control character, U+202E",
		"text that runs backwards");
	put_text("esc.yaml", "version: 1 # \x1b[2J\n");
	refused("esc.yaml", EINVAL,
		"esc.yaml:1:14: an invisible or control character, U+001B",
		"an escape sequence");
	put_text("umlaut.yaml", "version: 1\n\xc3\xa4: 1\n");
	refused("umlaut.yaml", EINVAL, "umlaut.yaml:2:1: \xc3\xa4: unknown key",
		"letters beyond ASCII");
}

/* Many of something that a naive reader would be slow or deep with. */
static void test_bombs(void)
{
	_autobuf struct buf b = { 0 };

	for (int i = 0; i < 100000; i++)
		buf_puts(&b, "[");
	put("deep.yaml", b.data, b.len);
	refused("deep.yaml", EINVAL, "deep.yaml:1:17: nested more than 16 deep",
		"a hundred thousand brackets");
	b.len = 0;
	buf_puts(&b, "version: 1\nfds: [");
	for (int i = 0; i < 20000; i++)
		buf_puts(&b, "3,");
	buf_puts(&b, "]\n");
	put("many.yaml", b.data, b.len);
	refused("many.yaml", EINVAL,
		"many.yaml:2:19997: more than 10000 values in one policy",
		"twenty thousand values");
	b.len = 0;
	for (int i = 0; i < 100000; i++)
		buf_puts(&b, "- ");
	put("dashes.yaml", b.data, b.len);
	refused("dashes.yaml", EINVAL,
		"dashes.yaml:1:33: nested more than 16 deep",
		"a hundred thousand dashes");
	b.len = 0;
	for (int i = 0; i < 100000; i++)
		buf_puts(&b, "? ");
	put("marks.yaml", b.data, b.len);
	refused("marks.yaml", EINVAL,
		"marks.yaml:1:3: a list or mapping as a key",
		"a hundred thousand question marks");
}

static void test_extends(void)
{
	char text[64], name[16];

	put_text("base.yaml", "version: 1\nextends: none\nhostname: base\n");
	put_text("child.yaml", "version: 1\nextends: ./base.yaml\n");
	put_text("sub/up.yaml", "version: 1\nextends: ../base.yaml\n");
	accepted("child.yaml", "extends a file beside it");
	accepted("sub/up.yaml", "extends a file relative to itself");
	put_text("bad.yaml", "version: 1\nextends: worse.yaml\n");
	put_text("worse.yaml", "version: 1\nextends: none\nlimits: {x: 1}\n");
	refused("bad.yaml", EINVAL, "worse.yaml:3:10: limits.x: unknown key",
		"an error in what it extends names that file");
	put_text("link2.yaml", "version: 1\nextends: link.yaml\n");
	refused("link2.yaml", EINVAL,
		"link2.yaml:2:10: extends: link.yaml: is a symbolic link; name "
		"the file itself",
		"extends a symbolic link");
	put_text("self.yaml", "version: 1\nextends: self.yaml\n");
	refused("self.yaml", EINVAL,
		"self.yaml:2:10: extends: a cycle: this policy is being read "
		"already",
		"extends itself");
	put_text("a.yaml", "version: 1\nextends: [base.yaml, b.yaml]\n");
	put_text("b.yaml", "version: 1\nextends: sub/../a.yaml\n");
	refused("a.yaml", EINVAL,
		"b.yaml:2:10: extends: a cycle: this policy is being read "
		"already",
		"two that extend each other");
	put_text("twice.yaml", "version: 1\nextends: [base.yaml, child.yaml, "
			       "base.yaml]\n");
	accepted("twice.yaml", "the same file by two ways is merged once");
	put_text("c9.yaml", "version: 1\nextends: none\n");
	for (int i = 8; i >= 1; i--) {
		(void)snprintf(name, sizeof(name), "c%d.yaml", i);
		(void)snprintf(text, sizeof(text),
			       "version: 1\nextends: c%d.yaml\n", i + 1);
		put_text(name, text);
	}
	accepted("c2.yaml", "eight that extend one another");
	refused("c1.yaml", EINVAL,
		"c8.yaml:2:10: extends: more than 8 policies extend one "
		"another",
		"nine that extend one another");
}

static void test_many(void)
{
	_autobuf struct buf b = { 0 };
	char name[24];

	buf_puts(&b, "version: 1\nextends: [");
	for (int i = 0; i < 32; i++) {
		(void)snprintf(name, sizeof(name), "m%d.yaml", i);
		put_text(name, "version: 1\nextends: none\n");
		buf_printf(&b, "%s, ", name);
	}
	buf_puts(&b, "]\n");
	put("crowd.yaml", b.data, b.len);
	refused("crowd.yaml", EINVAL,
		"crowd.yaml:2:311: extends[31]: more than 32 policies in one",
		"thirty-three policies in one");
}

/* A guest that may write the policy decides about the next run. */
static void test_writable(void)
{
	char want[512];

	put_text("sub/rw.yaml", "version: 1\nmounts: [{host: ., guest: "
				"/workspace, access: rw}]\n");
	(void)snprintf(want, sizeof(want),
		       "sub/rw.yaml:2:10: mounts[0]: access: rw would let the "
		       "program change the policy '%s/sub/rw.yaml' itself; "
		       "move the policy, or use overlay",
		       dir);
	refused("sub/rw.yaml", EINVAL, want,
		"a policy in a directory that it lets be written");
	put_text("file.yaml", "version: 1\nmounts: [{host: file.yaml, guest: "
			      "/p, access: rw}]\n");
	(void)snprintf(want, sizeof(want),
		       "file.yaml:2:10: mounts[0]: access: rw would let the "
		       "program change the policy '%s/file.yaml' itself; "
		       "move the policy, or use overlay",
		       dir);
	refused("file.yaml", EINVAL, want, "a policy that is a mount itself");
	put_text("up.yaml", "version: 1\nmounts: [{host: dirlink, guest: /p, "
			    "access: rw}]\nextends: sub/x.yaml\n");
	(void)snprintf(want, sizeof(want),
		       "up.yaml:2:10: mounts[0]: access: rw would let the "
		       "program change the policy '%s/sub/x.yaml' itself; "
		       "move the policy, or use overlay",
		       dir);
	refused("up.yaml", EINVAL, want,
		"what it extends, behind a symbolic link");
	put_text("cow.yaml", "version: 1\nmounts: [{host: ., guest: /p, "
			     "access: overlay}]\n");
	accepted("cow.yaml", "a policy in a directory that is copied");
	put_text("side.yaml", "version: 1\nextends: none\nmounts: [{host: sub, "
			      "guest: /p, access: rw}]\n");
	accepted("side.yaml", "a policy beside a directory that is written");
}

static void test_names(void)
{
	char name[300], want[400];

	memset(name, 'n', 200);
	strcpy(name + 200, ".yaml");
	put_text(name, "version: 1\nx: 1\n");
	(void)snprintf(want, sizeof(want), "%s:2:1: x: unknown key",
		       name + strlen(name) - 70);
	refused(name, EINVAL, want, "a long name is cut at its front");
	put_text("e\x1b[1m\n.yaml", "version: 1\nx: 1\n");
	refused("e\x1b[1m\n.yaml", EINVAL,
		"e\\x1b[1m\\n.yaml:2:1: x: unknown key",
		"control characters in the name are escaped");
}

int main(void)
{
	_autofree char *clean = NULL;

	(void)umask(022);
	if (!mkdtemp(dir) || chmod(dir, 0755) < 0 || chdir(dir) < 0)
		return 99;
	test_kinds();
	test_trust();
	test_owner();
	test_bytes();
	test_bombs();
	test_extends();
	test_many();
	test_writable();
	test_names();
	if (chdir("/") < 0 || asprintf(&clean, "rm -rf %s", dir) < 0 ||
	    system(clean) != 0)
		return 99;
	return tap_done();
}
