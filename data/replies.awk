# Makes the table of replies in C out of data/replies, which says how that is written. A bad line
# stops it (table.awk, which is read before this).

BEGIN {
	stages = " connect ehlo tls auth mail rcpt data dsn any "
	retries = " now backoff later tomorrow split fix no by-class "
	section_kinds = " provider server local failure general "
	section_count = class_count = row_count = 0
	print "/* Made of data/replies by data/replies.awk. */"
	print "#include <config.h>\n"
	print "#include <sysexits.h>\n"
	print "#include \"base/i18n.h\""
	print "#include \"explain/table.h\"\n"
}

# A sentence: to be translated, and "" where there is none.
function sentence(text) {
	return text == "" ? "\"\"" : "N_(" quoted(text) ")"
}

# Ends the class or the row above.
function finish() {
	if (open == "class") {
		if (cause == "" || remedy == "" || page != "")
			bad("the class above needs a cause and a remedy, and has no page")
		classes = classes class_head ", " sentence(cause) ", " sentence(remedy) ", " \
		    quoted(keyword) "},\n"
	} else if (open == "row") {
		rows = rows row_head ", " sentence(cause) ", " sentence(remedy) ", " \
		    quoted(page) "},\n"
	}
	open = cause = remedy = page = keyword = ""
}

function finish_section() {
	finish()
	if (kind == "")
		return
	if (rows == "")
		bad("the section above has no replies")
	printf "static const struct explain_row rows%d[] = {\n%s    {.stages = 0},\n};\n", \
	    section_count, rows
	sections = sections "    {EXPLAIN_SECTION_" toupper(kind) ", " quoted(names) ", rows" \
	    section_count++ "},\n"
	rows = ""
}

# STAGES as C: names of bits with | between them.
function stage_bits(list,    n, i, part, bits) {
	n = split(list, part, ",")
	for (i = 1; i <= n; i++) {
		if (index(stages, " " part[i] " ") == 0)
			bad("'" part[i] "' is no stage:" stages)
		bits = bits (i > 1 ? " | " : "") "EXPLAIN_" toupper(part[i])
	}
	return bits
}

function code_list(list,    n, i, part, codes) {
	if (list == "-")
		return "0"
	n = split(list, part, ",")
	for (i = 1; i <= n; i++) {
		if (part[i] !~ /^[45]([0-9][0-9])?$/ || n > 4)
			bad("'" list "' are no reply codes: up to four, or a first digit")
		codes = codes (i > 1 ? ", " : "") part[i]
	}
	return codes
}

/^[ \t]*(#|$)/ { next }

{ sub(/[ \t\r]+$/, "") }

/^[ \t]/ {
	key = $1
	text = $0
	sub(/^[ \t]*[^ \t]+[ \t]*/, "", text)
	if (open == "" || text == "")
		bad("this line belongs to no reply, or says nothing")
	if (key == "cause" && cause == "")
		cause = text
	else if (key == "remedy" && remedy == "")
		remedy = text
	else if (key == "page" && page == "" && text ~ /^https:\/\//)
		page = text
	else if (key == "keyword" && keyword == "" && open == "class")
		keyword = text
	else
		bad("no cause, remedy, page or keyword of a class, or a second one")
	if (text ~ /\.$/)
		bad("a sentence ends without its full stop")
	next
}

$1 == "class" {
	finish()
	if (kind != "" || NF != 3 || $3 !~ /^EX_[A-Z]+$/ || $2 in class_number)
		bad("a class is a word of its own and a name of sysexits.h, above all replies")
	class_number[$2] = class_count++
	class_head = "    {" quoted($2) ", " $3
	open = "class"
	next
}

index(section_kinds, " " $1 " ") > 0 {
	finish_section()
	kind = $1
	names = ""
	for (i = 2; i <= NF; i++)
		names = names " " $i
	names = names == "" ? "" : names " "
	if ((kind == "general") != (names == ""))
		bad("a section has names, but for the general one")
	next
}

{
	finish()
	if (kind == "")
		bad("a reply stands in a section")
	if (NF < 6)
		bad("a reply has stages, codes, enhanced code, class, retry and text")
	if ($3 !~ /^(-|[45x]\.[0-9]+\.[0-9]+)$/)
		bad("'" $3 "' is no enhanced code")
	if (!($4 in class_number))
		bad("there is no class '" $4 "'")
	if (index(retries, " " $5 " ") == 0)
		bad("'" $5 "' is none of:" retries)
	text = $0
	for (i = 1; i <= 5; i++)
		sub(/^[^ \t]+[ \t]+/, "", text)
	if (kind == "failure" && text !~ /^[a-z_]+$/)
		bad("the text of a failure is the word for it")
	retry = toupper($5)
	gsub(/-/, "_", retry)
	row_head = "    {" stage_bits($1) ", {" code_list($2) "}, " \
	    quoted($3 == "-" ? "" : substr($3, 1, 1) == "x" ? substr($3, 2) : $3) ", " \
	    class_number[$4] ", EXPLAIN_RETRY_" retry ", " quoted(text == "-" ? "" : text)
	open = "row"
}

END {
	if (failed)
		exit 1
	finish_section()
	if (failed)
		exit 1
	printf "const struct explain_class explain_reply_table_classes[] = {\n%s};\n", classes
	printf "\nconst struct explain_section explain_reply_table[] = {\n%s    {.rows = NULL},\n};\n", sections
}
