# What the makers of tables share. A bad line is told by FILE:LINE on standard error and ends with
# exit 1; since `exit` still runs the END blocks, each of them looks at `failed`.

function bad(what) {
	printf "%s:%d: %s\n", FILENAME, FNR, what > "/dev/stderr"
	failed = 1
	exit 1
}

function quoted(text) {
	gsub(/\\/, "\\\\", text)
	gsub(/"/, "\\\"", text)
	return "\"" text "\""
}
