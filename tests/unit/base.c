/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of runtime/base. */
#include <errno.h>
#include <fcntl.h>
#include <sbx/err.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "runtime/base/buf.h"
#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"
#include "runtime/base/path.h"
#include "runtime/base/strv.h"
#include "tests/tap/tap.h"

static void test_err(void)
{
	struct sbx_err err = { 0 };

	is_int(sbx_fail(&err, ENOENT, "image '%s'", "x"), -ENOENT,
	       "fail: code");
	is_str(err.msg, "image 'x': No such file or directory", "fail: text");
	is_int(sbx_wrap(&err, -ENOENT, "box %d", 3), -ENOENT, "wrap: code");
	is_str(err.msg, "box 3: image 'x': No such file or directory",
	       "wrap: text");
	is_int(sbx_failx(&err, EINVAL, "no"), -EINVAL, "failx: code");
	is_str(err.msg, "no", "failx: text");
	is_int(sbx_fail(NULL, EPERM, "x"), -EPERM, "fail: err may be NULL");
	sbx_failx(&err, E2BIG, "%0600d", 1);
	is_int(strlen(err.msg), SBX_ERR_MSG - 1, "a long message is cut");
	sbx_wrap(&err, -1, "w");
	is_int(strlen(err.msg), SBX_ERR_MSG - 1, "and so is a wrapped one");
}

static void test_buf(void)
{
	struct buf b = { 0 };
	_autofree char *s = NULL;

	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%d,", i);
	is_int(b.len, 3890, "printf: length");
	s = buf_take(&b);
	ok(s && strncmp(s, "0,1,2,3,", 8) == 0, "take: text");
	ok(!b.data && !b.len, "take: the buffer is empty");
	free(take(s));
	s = buf_take(&b);
	is_str(s, "", "take: an empty buffer gives \"\"");
}

static void clean(const char *base, const char *path, const char *want)
{
	_autofree char *got = path_clean(base, path);

	is_str(got, want, "clean '%s' + '%s'", base ? base : "", path);
}

static void test_clean(void)
{
	clean(NULL, "/", "/");
	clean(NULL, "/a//b/./c/", "/a/b/c");
	clean(NULL, "/a/../../b", "/b");
	clean("/x/y", "../z", "/x/z");
	clean("/x/y", "/z", "/z");
	clean("/x", ".", "/x");
	clean("/", "..", "/");
	clean("/x", "...", "/x/...");
	ok(path_within("/a/b", "/a"), "within: below");
	ok(path_within("/a", "/a"), "within: itself");
	ok(!path_within("/ab", "/a"), "within: a longer name");
	ok(path_within("/a", "/"), "within: the root");
}

static void test_trusted(const char *dir)
{
	struct sbx_err err = { 0 };
	_autofree char *sub = NULL, *link = NULL, *real = NULL;
	_autofd int fd = -1;
	int r;

	if (asprintf(&sub, "%s/d/e", dir) < 0 ||
	    asprintf(&link, "%s/l/e", dir) < 0)
		return;
	fd = path_open_trusted(sub, &real, &err);
	ok(fd >= 0, "trusted: a plain path opens");
	is_str(real, sub, "trusted: and is itself");
	free(take(real));
	r = path_open_trusted(link, &real, &err);
	is_int(r, -ELOOP, "trusted: a planted link is refused");
	has_str(err.msg, "/l' is a symbolic link", "trusted: and named");
	r = path_open_trusted("/nowhere/at/all", &real, &err);
	is_int(r, -ENOENT, "trusted: a missing path");
	r = path_open_trusted("a/b", &real, &err);
	is_int(r, -EINVAL, "trusted: a relative path");
	close_fd(&fd);
	fd = path_open_trusted("/bin/sh/", &real, &err);
	if (fd < 0) {
		fd = path_open_trusted("/bin/../bin", &real, &err);
		ok(fd >= 0, "trusted: root's link in / is followed");
	} else {
		ok(true, "trusted: root's link is followed");
	}
}

static void test_io(void)
{
	char text[16];
	int sv[2], fds[2];
	size_t n = 9;
	int three[3] = { 0, 1, 2 };

	is_int(io_read_file(AT_FDCWD, "/proc/self/comm", text, 2), -EFBIG,
	       "read_file: too big");
	ok(io_read_file(AT_FDCWD, "/proc/self/comm", text, 16) > 0,
	   "read_file: fits");
	is_int(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv), 0, "socketpair");
	is_int(io_send(sv[0], "hello", 5, three, 2), 0, "send with two");
	is_int(io_recv(sv[1], text, sizeof(text), fds, 2, &n), 5, "recv");
	is_int(n, 2, "two descriptors");
	ok(fcntl(fds[0], F_GETFD) & FD_CLOEXEC, "close-on-exec");
	is_int(io_send(sv[0], "hello", 5, three, 3), 0, "send with three");
	is_int(io_recv(sv[1], text, sizeof(text), fds, 2, &n), -EPROTO,
	       "more than room: refused");
	is_int(io_send(sv[0], "longer than 4", 13, NULL, 0), 0, "send 13");
	is_int(io_recv(sv[1], text, 4, fds, 2, &n), -EPROTO,
	       "a message that does not fit: refused");
	close(sv[0]);
	is_int(io_recv(sv[1], text, 4, fds, 2, &n), 0, "the end");
}

static void test_strv(void)
{
	struct strv s = { 0 };

	for (int i = 0; i < 20; i++)
		strv_add(&s, i % 2 ? "odd" : "even");
	is_int(s.n, 20, "strv: length");
	ok(!s.v[20], "strv: ends with NULL");
	ok(strv_has(&s, "odd") && !strv_has(&s, "none"), "strv: has");
	is_int(strv_take(&s, NULL), -ENOMEM, "strv: NULL is no memory");
	strv_done(&s);
	ok(!s.v, "strv: done");
}

int main(void)
{
	char dir[] = "/tmp/sbx-base.XXXXXX";
	char path[64];

	test_err();
	test_buf();
	test_clean();
	test_io();
	test_strv();
	if (!mkdtemp(dir))
		return 99;
	snprintf(path, sizeof(path), "%s/d", dir);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/d/e", dir);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/l", dir);
	if (symlink("d", path) < 0)
		return 99;
	test_trusted(dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/d/e", dir);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/d", dir);
	rmdir(path);
	rmdir(dir);
	return tap_done();
}
