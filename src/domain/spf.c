/*
 * spf: see spf.h.
 */
#include <config.h>

#include <string.h>

#include "domain/spf.h"
#include "domain/spf_inside.h"
#include "domain/spf_macro.h"
#include "net/name.h"

#include "base/banned.h"

enum {
	WALK_MAX = 3 * DOMAIN_SPF_LOOKUPS_MAX, /* look-ups after which the walk ends */
	NAME_MAX_ESCAPED = 1024,
};

/* The domain that TERM is about, in TARGET. DOMAIN_SPF_NO where only a receiver can know it. */
static enum domain_spf_match
find_target(
    const struct domain_spf_walk *w, const struct domain_spf_term *term, char target[NET_NAME_SIZE])
{
	const struct domain_spf_macro macro = {
	    w->query->local, w->query->domain, w->domain, w->query->address};
	struct buf text = BUF_INIT(NAME_MAX_ESCAPED);
	struct slice whole;
	enum domain_spf_match found = DOMAIN_SPF_NO;

	if (term->domain.ptr == NULL)
		buf_adds(&text, w->domain);
	else if (!domain_spf_macro_expand(&macro, term->domain, &text))
		goto out;
	whole = buf_slice(&text);
	while (whole.len >= NET_NAME_SIZE) /* too long: labels go from its left (7.3) */
		(void)str_cut(&whole, '.');
	found = DOMAIN_SPF_YES;
	if (!str_copy(target, NET_NAME_SIZE, whole) || str_find_control(whole) < whole.len)
		found = domain_spf_match_give_up(err_set(&w->out->trouble, EX_DATAERR,
		    "'%s' has a domain in its SPF record that is none", w->domain));
out:
	buf_free(&text);
	return found;
}

/* Does a term of KIND make look-ups that are counted (4.6.4)? */
static bool
asks(enum domain_spf_kind kind)
{
	return kind != DOMAIN_SPF_ALL && kind != DOMAIN_SPF_IP4 && kind != DOMAIN_SPF_IP6;
}

/* Counts the look-up that TERM makes, and finds its target. */
static enum domain_spf_match
count_target(
    const struct domain_spf_walk *w, const struct domain_spf_term *term, char target[NET_NAME_SIZE])
{
	if (++w->out->lookups > WALK_MAX)
		return domain_spf_match_give_up(err_set(&w->out->trouble, EX_DATAERR,
		    "the SPF record of '%s' needs look-ups without end", w->query->domain));
	return find_target(w, term, target);
}

static enum domain_spf_match
match(const struct domain_spf_walk *w, const struct domain_spf_term *term)
{
	char target[NET_NAME_SIZE] = "";
	enum domain_spf_match found = DOMAIN_SPF_YES;

	if (asks(term->kind))
		found = count_target(w, term, target);
	return found == DOMAIN_SPF_YES ? domain_spf_match_term(w, term, target) : found;
}

static void
note_name(const struct domain_spf_walk *w, const char *domain)
{
	if (w->domain == NULL)
		return;
	buf_adds(&w->out->names, domain);
	buf_addc(&w->out->names, '\n');
}

/* The SPF record of DOMAIN, in RECORD. */
static enum domain_spf_match
fetch(const struct domain_spf_walk *w, const char *domain, struct buf *record)
{
	struct net_records records = NET_RECORDS_INIT;
	enum domain_spf_match found = domain_spf_match_ask(w, domain, NET_RECORD_TXT, &records);
	bool several = false;

	for (size_t i = 0; found != DOMAIN_SPF_NOW_UNKNOWN && i < records.count; i++) {
		if (!domain_spf_term_is_record(records.at[i].value))
			continue;
		several = record->len > 0;
		if (!several)
			buf_add_slice(record, records.at[i].value);
	}
	net_record_free(&records);
	if (several)
		return domain_spf_match_give_up(err_set(
		    &w->out->trouble, EX_DATAERR, "'%s' has more than one SPF record", domain));
	return found == DOMAIN_SPF_YES && record->len == 0 ? DOMAIN_SPF_NO : found;
}

/* What REDIRECT says in place of the record (6.1). */
static enum domain_spf_result
follow(const struct domain_spf_walk *w, const struct domain_spf_term *redirect)
{
	char target[NET_NAME_SIZE];
	enum domain_spf_result result;
	enum domain_spf_match found = count_target(w, redirect, target);

	if (found == DOMAIN_SPF_NO) /* a macro that only a receiver can fill */
		return DOMAIN_SPF_NEUTRAL;
	if (found != DOMAIN_SPF_YES)
		return DOMAIN_SPF_PERMERROR;
	result = domain_spf_walk_to(w, target);
	if (result != DOMAIN_SPF_NONE)
		return result;
	(void)domain_spf_match_give_up(err_set(&w->out->trouble, EX_DATAERR,
	    "'%s', to which SPF is redirected, has no SPF record", target));
	return DOMAIN_SPF_PERMERROR;
}

static enum domain_spf_result
result_of(char qualifier)
{
	static const enum domain_spf_result results[] = {
	    DOMAIN_SPF_PASS, DOMAIN_SPF_FAIL, DOMAIN_SPF_SOFTFAIL, DOMAIN_SPF_NEUTRAL};
	static const char signs[] = "+-~?";

	return results[strchr(signs, qualifier) - signs];
}

/* Walks the terms of RECORD. */
static enum domain_spf_result
check_record(const struct domain_spf_walk *w, struct slice record)
{
	struct domain_spf_term term, redirect = {.kind = DOMAIN_SPF_IGNORED};
	enum domain_spf_result result = DOMAIN_SPF_NEUTRAL;
	bool decided = false, ended = false;
	int more;

	domain_spf_term_begin(&record);
	while (!ended && (more = domain_spf_term_next(&record, &term, &w->out->trouble)) != 0) {
		enum domain_spf_match found = DOMAIN_SPF_NO;

		if (more < 0)
			return DOMAIN_SPF_PERMERROR;
		if (term.kind == DOMAIN_SPF_REDIRECT)
			redirect = term;
		else if (term.kind != DOMAIN_SPF_IGNORED)
			found = match(w, &term);
		if (found == DOMAIN_SPF_NOW_UNKNOWN || found == DOMAIN_SPF_GIVEN_UP)
			return found == DOMAIN_SPF_NOW_UNKNOWN ? DOMAIN_SPF_TEMPERROR
							       : DOMAIN_SPF_PERMERROR;
		if (found == DOMAIN_SPF_YES && !decided)
			result = result_of(term.qualifier);
		decided = decided || found == DOMAIN_SPF_YES;
		ended = term.kind == DOMAIN_SPF_ALL;
	}
	if (decided || redirect.kind != DOMAIN_SPF_REDIRECT)
		return result;
	return follow(w, &redirect);
}

enum domain_spf_result
domain_spf_walk_to(const struct domain_spf_walk *above, const char *domain)
{
	const struct domain_spf_walk w = {above->query, above->out, domain};
	struct buf own = BUF_INIT(NET_RECORD_ANSWER_MAX);
	struct buf *record = above->domain == NULL ? &above->out->record : &own;
	enum domain_spf_result result = DOMAIN_SPF_NONE;
	enum domain_spf_match found;

	note_name(above, domain);
	found = fetch(&w, domain, record);
	if (found == DOMAIN_SPF_NOW_UNKNOWN)
		result = DOMAIN_SPF_TEMPERROR;
	else if (found == DOMAIN_SPF_GIVEN_UP)
		result = DOMAIN_SPF_PERMERROR;
	else if (found == DOMAIN_SPF_YES)
		result = check_record(&w, buf_slice(record));
	buf_free(&own);
	return result;
}

void
domain_spf_check(const struct domain_spf_query *query, struct domain_spf *out)
{
	const struct domain_spf_walk begin = {query, out, NULL};
	bool gave_up;

	out->result = domain_spf_walk_to(&begin, query->domain);
	gave_up = out->result == DOMAIN_SPF_TEMPERROR || out->result == DOMAIN_SPF_PERMERROR;
	if (gave_up || out->result == DOMAIN_SPF_NONE)
		return;
	if (out->lookups > DOMAIN_SPF_LOOKUPS_MAX) {
		out->result = DOMAIN_SPF_PERMERROR;
		(void)err_set(&out->trouble, EX_DATAERR,
		    "it needs %u look-ups, and receivers do not make more than %d", out->lookups,
		    DOMAIN_SPF_LOOKUPS_MAX);
	} else if (out->voids > DOMAIN_SPF_VOIDS_MAX) {
		out->result = DOMAIN_SPF_PERMERROR;
		(void)err_set(&out->trouble, EX_DATAERR,
		    "%u of its look-ups find nothing, and receivers do not take more than %d",
		    out->voids, DOMAIN_SPF_VOIDS_MAX);
	}
}

const char *
domain_spf_result_name(enum domain_spf_result result)
{
	static const char *const names[] = {
	    [DOMAIN_SPF_NONE] = "none",
	    [DOMAIN_SPF_NEUTRAL] = "neutral",
	    [DOMAIN_SPF_PASS] = "pass",
	    [DOMAIN_SPF_SOFTFAIL] = "softfail",
	    [DOMAIN_SPF_FAIL] = "fail",
	    [DOMAIN_SPF_TEMPERROR] = "temperror",
	    [DOMAIN_SPF_PERMERROR] = "permerror",
	};

	return names[result];
}

bool
domain_spf_includes(const struct domain_spf *spf, const char *name)
{
	struct slice rest = buf_slice(&spf->names);

	while (rest.ptr != NULL) {
		if (str_is_nocase(str_cut(&rest, '\n'), name))
			return true;
	}
	return false;
}

void
domain_spf_free(struct domain_spf *spf)
{
	buf_free(&spf->record);
	buf_free(&spf->names);
}
