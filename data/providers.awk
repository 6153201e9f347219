# Makes the table of providers in C out of data/providers, which says how that is written. A bad line
# stops it (table.awk, which is read before this). The keywords are those of src/conf/provider_file.c;
# a unit test reads the file with both and compares.

BEGIN {
	fields("text", "title limits note app_page help_page spf oauth_auth oauth_token " \
	    "oauth_device oauth_revoke oauth_scope oauth_client oauth_page")
	fields("list", "domains mx host regions auth aliases dkim")
	fields("word", "kind known sender")
	fields("words", "password")
	fields("number", "size recipients connections")
	fields("user", "user")
	fields("port", "port")
	words["kind"] = " mailbox isp hosting business pec esp bridge "
	words["known"] = " confirmed listed unverified "
	words["sender"] = " own domain verified rewritten "
	words["password"] = " account app key smtp oauth "
	words["user"] = " address local literal other any "
	translated["limits"] = translated["note"] = 1
	count = 0
	print "/* Made of data/providers by data/providers.awk. */"
	print "#include <config.h>\n"
	print "#include \"base/i18n.h\""
	print "#include \"conf/provider.h\"\n"
	print "static const char *const none[] = {NULL};\n"
}

function fields(kind, names,    n, i, part) {
	n = split(names, part, " ")
	for (i = 1; i <= n; i++) {
		keys[++key_count] = part[i]
		kind_of[part[i]] = kind
	}
}

function is_one_of(word, which) {
	return index(words[which], " " word " ") > 0
}

function constant(group, word) {
	return "CONF_PROVIDER_" toupper(group) "_" toupper(word)
}

# The array of a list, ended by NULL.
function put_list(key, value,    n, i, part) {
	n = split(value, part, " ")
	printf "static const char *const p%d_%s[] = {\n", count, key
	for (i = 1; i <= n; i++)
		printf "    %s,\n", quoted(part[i])
	print "    NULL};"
}

# Writes what was gathered of a provider: its lists now, the rest in the end.
function finish(    i, key, row) {
	if (name == "")
		return
	if (!("title" in value) || !("host" in value) || !("kind" in value) || ports == "")
		bad("'" name "' above needs a title, a kind, a host and a port")
	row = "    {.name = " quoted(name)
	for (i = 1; i <= key_count; i++) {
		key = keys[i]
		if (kind_of[key] == "list") {
			if (key in value)
				put_list(key, value[key])
			row = row ",\n\t." key " = " (key in value ? "p" count "_" key : "none")
		} else if (kind_of[key] == "text") {
			row = row ",\n\t." key " = " (!(key in value) ? "\"\"" : \
			    key in translated ? "N_(" quoted(value[key]) ")" : quoted(value[key]))
		} else if (key in value && kind_of[key] == "word") {
			row = row ",\n\t." key " = " constant(key, value[key])
		} else if (key in value && kind_of[key] != "port") {
			row = row ",\n\t." key " = " value[key]
		}
	}
	printf "static const struct conf_provider_port p%d_port[] = {\n%s    {0, false, false}};\n", \
	    count, ports
	row = row ",\n\t.user_word = " quoted(user_word) ",\n\t.port = p" count "_port"
	rows = rows row ",\n\t.unverified = 0" unverified "},\n"
	count++
}

/^[ \t]*(#|$)/ { next }

{
	key = $1
	text = $0
	sub(/^[ \t]*[^ \t]+[ \t]*/, "", text)
	sub(/[ \t\r]+$/, "", text)
	doubted = sub(/\?$/, "", key)
	if (text == "")
		bad("'" key "' has no value")
}

key == "provider" {
	finish()
	if (text !~ /^[a-z0-9-]+$/ || text in seen)
		bad("'" text "' is no name, or there is one already")
	name = text
	seen[name] = 1
	split("", value)
	ports = user_word = unverified = ""
	next
}

name == "" { bad("this line stands above the first provider") }

!(key in kind_of) { bad("unknown keyword '" key "'") }

kind_of[key] != "list" && kind_of[key] != "port" && key in value {
	bad("a second '" key "' of " name)
}

doubted && kind_of[key] != "port" {
	unverified = unverified " | " constant("field", key ~ /^oauth_/ ? "oauth" : key)
}

kind_of[key] == "text" { value[key] = text }

kind_of[key] == "list" { value[key] = value[key] " " text }

kind_of[key] == "word" {
	if (!is_one_of(text, key))
		bad("'" text "' is none of:" words[key])
	value[key] = text
}

kind_of[key] == "number" {
	if (text !~ /^[1-9][0-9]*$/ || length(text) > 12)
		bad("'" text "' is no number")
	value[key] = text
}

kind_of[key] == "words" {
	n = split(text, part, " ")
	for (i = 1; i <= n; i++) {
		if (!is_one_of(part[i], key))
			bad("'" part[i] "' is none of:" words[key])
		value[key] = value[key] (i > 1 ? " | " : "") constant(key, part[i])
	}
}

kind_of[key] == "user" {
	n = split(text, part, " ")
	if (!is_one_of(part[1], key) || n != (part[1] == "literal" ? 2 : 1))
		bad("'" text "' is no form of a user name")
	value[key] = constant(key, part[1])
	user_word = part[2]
}

kind_of[key] == "port" {
	n = split(text, part, " ")
	if (n != 2 || part[1] !~ /^[1-9][0-9]*$/ || part[1] > 65535 || part[2] !~ /^(start)?tls$/)
		bad("'" text "' is not a port and how it is spoken, tls or starttls")
	ports = ports "    {" part[1] ", " (part[2] == "starttls" ? "true" : "false") ", " \
	    (doubted ? "true" : "false") "},\n"
}

END {
	if (failed)
		exit 1
	finish()
	if (failed)
		exit 1
	printf "\nconst struct conf_provider conf_provider_table[] = {\n%s    {.name = NULL},\n};\n", rows
}
