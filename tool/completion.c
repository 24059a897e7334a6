/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* completion.c - completion scripts for shells, made from argp's tables. */
#include "command.h"

#include <string.h>

typedef void visitor(FILE *to, const struct argp_option *o);

static const struct argp_option help = { "help", '?', NULL, 0, "say what there is", 0 };

static void each_option(FILE *to, const struct command *c, visitor *visit)
{
	const struct argp_option *o = c->argp ? c->argp->options : NULL;

	for (; o && (o->name || o->key || o->doc); o++)
		if (o->name && !(o->flags & (OPTION_HIDDEN | OPTION_DOC)))
			visit(to, o);
	visit(to, &help);
}

static bool is_file(const struct argp_option *o)
{
	return o->arg && (strstr(o->arg, "FILE") || strstr(o->arg, "DIR"));
}

/* ---- bash ---- */

static void bash_option(FILE *to, const struct argp_option *o)
{
	fprintf(to, " --%s%s", o->name, o->arg && !(o->flags & OPTION_ARG_OPTIONAL) ? "=" : "");
}

static void bash_file(FILE *to, const struct argp_option *o)
{
	if (is_file(o))
		fprintf(to, " --%s", o->name);
}

static void bash(FILE *to, const struct command *command, unsigned n)
{
	fputs("# bash completion for qinval; from its tables of options\n\n"
	      "_qinval() {\n"
	      "	local cur=$2 option=$3 commands='",
	      to);
	for (unsigned i = 0; i < n; i++)
		fprintf(to, "%s ", command[i].name);
	fputs("help' options= files=\n"
	      "	COMPREPLY=()\n"
	      "	if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
	      "		mapfile -t COMPREPLY < <(compgen -W \"$commands --help --version\" -- "
	      "\"$cur\")\n"
	      "		return\n"
	      "	fi\n"
	      "	case ${COMP_WORDS[1]} in\n"
	      "	help)\n"
	      "		mapfile -t COMPREPLY < <(compgen -W \"$commands\" -- \"$cur\")\n"
	      "		return\n"
	      "		;;\n",
	      to);
	for (unsigned i = 0; i < n; i++) {
		fprintf(to, "	%s)\n		options='", command[i].name);
		each_option(to, &command[i], bash_option);
		fputs("'\n		files='", to);
		each_option(to, &command[i], bash_file);
		fputs(" '\n		;;\n", to);
	}
	/* bash treats --option=value as three words, because = ends a word. */
	fputs("	esac\n"
	      "	if [ \"$cur\" = = ]; then\n"
	      "		cur=\n"
	      "	elif [ \"$option\" = = ]; then\n"
	      "		option=${COMP_WORDS[COMP_CWORD - 2]}\n"
	      "	fi\n"
	      "	case $option,$cur in\n"
	      "	*,-*)\n"
	      "		mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")\n"
	      "		[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace 2>/dev/null\n"
	      "		;;\n"
	      "	--*,*)\n"
	      "		[[ $options\\  != *\" $option= \"* || $files == *\" $option \"* ]] || "
	      "return\n"
	      "		;;&\n"
	      "	*)\n"
	      "		compopt -o filenames 2>/dev/null\n"
	      "		mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	      "		;;\n"
	      "	esac\n"
	      "}\n\n"
	      "complete -F _qinval qinval\n",
	      to);
}

/* ---- zsh ---- */

/* Inside quotes, where : and brackets have a special meaning. */
static void zsh_text(FILE *to, const char *text)
{
	for (; text && *text; text++)
		if (*text == '\'')
			fputs("'\\''", to);
		else if (strchr(":[]\\", *text))
			fprintf(to, "\\%c", *text);
		else
			fputc(*text, to);
}

static void zsh_option(FILE *to, const struct argp_option *o)
{
	fprintf(to, " \\\n			'--%s%s[", o->name, o->arg ? "=" : "");
	zsh_text(to, o->doc);
	fputs("]", to);
	if (o->arg) {
		fputs(o->flags & OPTION_ARG_OPTIONAL ? "::" : ":", to);
		zsh_text(to, o->arg);
		fputs(is_file(o) ? ":_files" : ":", to);
	}
	fputs("'", to);
}

static void zsh(FILE *to, const struct command *command, unsigned n)
{
	fputs("#compdef qinval\n"
	      "# zsh completion for qinval; from its tables of options\n\n"
	      "_qinval() {\n"
	      "	local -a commands=(",
	      to);
	for (unsigned i = 0; i < n; i++) {
		fprintf(to, "\n		'%s:", command[i].name);
		zsh_text(to, command[i].does);
		fputs("'", to);
	}
	fputs("\n		'help:say more of a subcommand'\n	)\n"
	      "	if (( CURRENT == 2 )) || [[ $words[2] == help ]]; then\n"
	      "		_describe subcommand commands\n"
	      "		return\n"
	      "	fi\n"
	      "	local command=$words[2]\n"
	      "	shift words\n"
	      "	(( CURRENT-- ))\n"
	      "	case $command in\n",
	      to);
	for (unsigned i = 0; i < n; i++) {
		fprintf(to, "	%s)\n		_arguments", command[i].name);
		each_option(to, &command[i], zsh_option);
		fputs(" \\\n			'*: :_files'\n		;;\n", to);
	}
	fputs("	esac\n}\n\n_qinval \"$@\"\n", to);
}

bool completion(FILE *to, const char *shell, const struct command *command, unsigned n)
{
	if (!strcmp(shell, "bash"))
		bash(to, command, n);
	else if (!strcmp(shell, "zsh"))
		zsh(to, command, n);
	else
		return false;
	return true;
}
