/* SPDX-License-Identifier: Apache-2.0 */
/* The program: find the verb, read its options, call it. */
#include <sbx/sbx.h>
#include <sbx/version.h>

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "tools/sbx/help.h"
#include "tools/sbx/out.h"
#include "tools/sbx/verb.h"

static const char *base_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	const char *name = slash ? slash + 1 : path;

	return name && *name ? name : "sbx";
}

/*
 * Whoever starts us with a standard descriptor closed would have the next file
 * that we open in its place.
 */
static int fill_stdio(void)
{
	int fd;

	if (fcntl(STDERR_FILENO, F_GETFD) >= 0 &&
	    fcntl(STDOUT_FILENO, F_GETFD) >= 0 &&
	    fcntl(STDIN_FILENO, F_GETFD) >= 0)
		return 0;
	do {
		fd = open("/dev/null", O_RDWR);
		if (fd < 0)
			return -errno;
	} while (fd <= STDERR_FILENO);
	(void)close(fd);
	return 0;
}

static int print_version(const struct cli *cli)
{
	if (strcmp(cli->name, "sbx") == 0)
		printf("sbx %s\n", SBX_VERSION);
	else
		printf("%s (sbx) %s\n", cli->name, SBX_VERSION);
	return out_flush(cli);
}

static int call(struct cli *cli, char **argv)
{
	_Alignas(max_align_t) unsigned char fields[VERB_OPTS_MAX] = { 0 };
	const struct verb *verb = cli->verb;
	struct sbx_err err = { 0 };
	size_t n;
	int r;

	r = opt_parse(verb->opts, &verb->operands, argv, fields, &n, &err);
	if (r == OPT_HELP) {
		help_verb(stdout, cli->name, cli->verb_name, verb);
		r = out_flush(cli);
	} else if (r < 0) {
		r = out_misuse(cli, &err);
	} else {
		r = verb->run(cli, fields, argv);
	}
	opt_done(verb->opts, fields);
	return r;
}

static int unknown_verb(const struct cli *cli, const struct verb *const *table,
			const char *word)
{
	const struct verb *near = verb_near(table, word);
	struct sbx_err err = { 0 };

	(void)sbx_failx(&err, EINVAL, "'%s': unknown verb%s%s%s", word,
			near ? "; did you mean " : "", near ? near->name : "",
			near ? "?" : "");
	return out_misuse(cli, &err);
}

/* A verb with verbs below it: the next word names one of those. */
static int descend(struct cli *cli, char **argv)
{
	const struct verb *const *table = cli->verb->sub;
	const struct verb *sub;
	struct sbx_err err = { 0 };

	if (!*argv) {
		(void)sbx_failx(&err, EINVAL, "no verb given");
		return out_misuse(cli, &err);
	}
	if (**argv == '-')
		return call(cli, argv);
	sub = verb_find(table, *argv);
	if (!sub)
		return unknown_verb(cli, table, *argv);
	cli->verb = sub;
	(void)snprintf(cli->verb_name + strlen(cli->verb_name),
		       sizeof(cli->verb_name) - strlen(cli->verb_name), " %s",
		       sub->name);
	return call(cli, argv + 1);
}

/* Options before any verb: there they are all that was said. */
static int without_verb(const struct cli *cli, char **argv)
{
	static const struct operands none = { "", "verb", 0, 0, false };
	bool version = false;
	struct sbx_err err = { 0 };
	size_t n;
	int r;

	if (!*argv) {
		(void)sbx_failx(&err, EINVAL, "no verb given");
		return out_misuse(cli, &err);
	}
	r = opt_parse(main_opts, &none, argv, &version, &n, &err);
	if (r < 0)
		return out_misuse(cli, &err);
	if (r == OPT_HELP) {
		help_program(stdout, cli->name);
		return out_flush(cli);
	}
	if (version)
		return print_version(cli);
	(void)sbx_failx(&err, EINVAL, "no verb given");
	return out_misuse(cli, &err);
}

int main(int argc, char **argv)
{
	struct cli cli = { .name = base_name(argc > 0 ? argv[0] : NULL) };
	char *none[] = { NULL };

	if (fill_stdio() < 0)
		return SBX_EXIT_FAILED;
	argv = argc > 0 ? argv + 1 : none;
	if (!*argv || **argv == '-')
		return without_verb(&cli, argv);
	cli.verb = verb_find(verbs, *argv);
	if (!cli.verb)
		return unknown_verb(&cli, verbs, *argv);
	(void)snprintf(cli.verb_name, sizeof(cli.verb_name), "%s",
		       cli.verb->name);
	return cli.verb->sub ? descend(&cli, argv + 1) : call(&cli, argv + 1);
}
